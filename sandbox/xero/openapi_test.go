package xero_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"
)

// TestAnswersAreXeros checks answers against Xero's own description of the
// Accounting API, which XERO_OPENAPI names. The formats that it asserts are
// process-wide in the library, so the test does not run beside others.
func TestAnswersAreXeros(t *testing.T) {
	path := os.Getenv("XERO_OPENAPI")
	if path == "" {
		t.Log("XERO_OPENAPI names no document: no answer has been checked against Xero's description")
		return
	}
	openapi3.DefineStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForUUIDOfRFC4122+"|^"+noID+"$"))
	b := linked(t)
	check := newChecker(t, path, b)

	ada := check.answer("PUT", "/Contacts?summarizeErrors=false", `{"Contacts":[{"Name":"Ada","ContactNumber":"N1","EmailAddress":"a@example.test",
		"Addresses":[{"AddressType":"POBOX","City":"London"}],"Phones":[{"PhoneType":"MOBILE","PhoneNumber":"1"}],
		"PaymentTerms":{"Sales":{"Day":30,"Type":"DAYSAFTERBILLDATE"}}},{"Name":"Ada"}]}`, http.StatusOK)
	contact := elements(t, ada, "Contacts")[0]["ContactID"].(string)
	check.answer("PUT", "/Contacts", `{"Name":"Ada"}`, http.StatusBadRequest)
	check.answer("POST", "/Contacts", `{"Name":"Ada","FirstName":"A"}`, http.StatusOK)
	check.answer("GET", "/Contacts", "", http.StatusOK)
	check.answer("GET", "/Contacts?page=1", "", http.StatusOK)
	check.answer("GET", "/Contacts/"+contact, "", http.StatusOK)

	invoices := `{"Invoices":[` + sale(contact, "N1", goods("10.00")+`,{"Description":"text"}`) + `,` + sale(contact, "N1", goods("10.00")) + `]}`
	check.answer("PUT", "/Invoices", invoices, http.StatusBadRequest)
	made := check.answer("PUT", "/Invoices?summarizeErrors=false&unitdp=4", invoices, http.StatusOK)
	id := elements(t, made, "Invoices")[0]["InvoiceID"].(string)
	payment := check.answer("PUT", "/Payments", `{"Payments":[{"Invoice":{"InvoiceID":"`+id+`"},"Account":{"Code":"090"},"Amount":5}]}`, http.StatusOK)
	check.answer("PUT", "/Payments", `{"Payments":[{"Invoice":{"InvoiceID":"`+id+`"},"Account":{"Code":"090"},"Amount":500}]}`, http.StatusBadRequest)
	check.answer("GET", "/Payments?page=1", "", http.StatusOK)
	check.answer("GET", "/Payments/"+elements(t, payment, "Payments")[0]["PaymentID"].(string), "", http.StatusOK)
	check.answer("GET", "/Invoices", "", http.StatusOK)
	check.answer("GET", "/Invoices?page=1", "", http.StatusOK)
	check.answer("GET", "/Invoices/"+id, "", http.StatusOK)
	check.answer("POST", "/Invoices/"+id, `{"Reference":"changed"}`, http.StatusOK)
	check.credit(contact, id)
	check.items()
	check.answer("GET", "/Invoices/"+id, "", http.StatusOK)
	for _, reference := range []string{"/Accounts", "/TaxRates", "/Currencies", "/Organisation", "/BrandingThemes", "/TrackingCategories"} {
		check.answer("GET", reference, "", http.StatusOK)
	}
	check.refusesNonsense()
}

type checker struct {
	t      *testing.T
	bench  *bench
	router routers.Router
}

func newChecker(t *testing.T, path string, b *bench) *checker {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromFile(path)
	require.NoError(t, err)
	document.Servers = openapi3.Servers{{URL: b.url + "/api.xro/2.0"}}
	router, err := gorillamux.NewRouter(document)
	require.NoError(t, err)
	return &checker{t: t, bench: b, router: router}
}

// credit raises credit notes, and allocates and refunds one of them.
func (c *checker) credit(contact, invoice string) {
	c.t.Helper()
	notes := `{"CreditNotes":[` + credit(contact, "C1", goods("10.00")+`,{"Description":"text"}`) + `,` + credit(contact, "C1", goods("10.00")) + `]}`
	c.answer("PUT", "/CreditNotes", notes, http.StatusBadRequest)
	made := c.answer("PUT", "/CreditNotes?summarizeErrors=false&unitdp=4", notes, http.StatusOK)
	path := "/CreditNotes/" + elements(c.t, made, "CreditNotes")[0]["CreditNoteID"].(string)
	c.answer("POST", "/CreditNotes", `{"CreditNotes":[{"CreditNoteNumber":"C1","Reference":"changed"}]}`, http.StatusOK)
	c.answer("POST", path, `{"Reference":"again"}`, http.StatusOK)

	c.answer("PUT", path+"/Allocations", allocation(invoice, "500"), http.StatusBadRequest)
	c.answer("PUT", path+"/Allocations?summarizeErrors=false", allocation(invoice, "500"), http.StatusOK)
	allocated := c.answer("PUT", path+"/Allocations", allocation(invoice, "2.00"), http.StatusOK)
	c.answer("PUT", path+"/Allocations?summarizeErrors=false", allocation(invoice, "1.00"), http.StatusOK)
	refunded := c.answer("PUT", "/Payments?summarizeErrors=false", `{"Payments":[`+refund(`"CreditNoteNumber":"C1"`, "605", "3")+`,`+
		refund(`"CreditNoteNumber":"C1"`, "605", "300")+`]}`, http.StatusOK)
	c.answer("GET", "/Payments/"+elements(c.t, refunded, "Payments")[0]["PaymentID"].(string), "", http.StatusOK)
	c.answer("GET", path, "", http.StatusOK)
	c.answer("GET", "/CreditNotes", "", http.StatusOK)
	c.answer("GET", "/CreditNotes?page=1", "", http.StatusOK)
	c.answer("DELETE", path+"/Allocations/"+elements(c.t, allocated, "Allocations")[0]["AllocationID"].(string), "", http.StatusOK)
}

func (c *checker) items() {
	c.t.Helper()
	c.answer("PUT", "/Items?unitdp=4", bag, http.StatusOK)
	c.answer("PUT", "/Items", bag, http.StatusBadRequest)
	made := c.answer("POST", "/Items?summarizeErrors=false", `{"Items":[`+bag+`,{"Code":"B","SalesDetails":{"AccountCode":"9999"}}]}`, http.StatusOK)
	path := "/Items/" + elements(c.t, made, "Items")[0]["ItemID"].(string)
	c.answer("POST", path, `{"Name":"changed"}`, http.StatusOK)
	c.answer("GET", path, "", http.StatusOK)
	c.answer("GET", "/Items", "", http.StatusOK)
}

// answer makes a call, holds its answer against the document, and returns it.
func (c *checker) answer(method, path, body string, want int) map[string]any {
	c.t.Helper()
	request := c.bench.request(method, path, body)
	response, err := c.bench.client.Do(request)
	require.NoError(c.t, err)
	raw, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	require.NoError(c.t, response.Body.Close())
	require.Equal(c.t, want, response.StatusCode, "%s %s: %s", method, path, raw)
	require.NoError(c.t, c.validate(method, path, body, response, raw), "%s %s: %s", method, path, raw)
	var decoded map[string]any
	require.NoError(c.t, json.Unmarshal(raw, &decoded))
	return decoded
}

func (c *checker) validate(method, path, body string, response *http.Response, raw []byte) error {
	c.t.Helper()
	request := c.bench.request(method, path, body)
	route, parameters, err := c.router.FindRoute(request)
	if err != nil {
		return err
	}
	options := &openapi3filter.Options{
		SkipSettingDefaults: true, IncludeResponseStatus: true, MultiError: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
	}
	return openapi3filter.ValidateResponse(request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, PathParams: parameters, Route: route, Options: options},
		Status:                 response.StatusCode,
		Header:                 response.Header,
		Body:                   io.NopCloser(bytes.NewReader(raw)),
		Options:                options,
	})
}

// refusesNonsense proves that the check can fail.
func (c *checker) refusesNonsense() {
	c.t.Helper()
	header := http.Header{"Content-Type": {"application/json"}}
	for nonsense, path := range map[string]string{
		`{"Invoices":[{"InvoiceID":"zzz"}]}`:                 "/Invoices",
		`{"Invoices":[{"Status":"OPEN"}]}`:                   "/Invoices",
		`{"Invoices":[{"Total":"1.00"}]}`:                    "/Invoices",
		`{"CreditNotes":[{"Allocations":[{"Amount":1}]}]}`:   "/CreditNotes",
		`{"CreditNotes":[{"RemainingCredit":"1.00"}]}`:       "/CreditNotes",
		`{"Items":[{"Name":"without a code"}]}`:              "/Items",
		`{"Payments":[{"CreditNote":{"CreditNoteID":"x"}}]}`: "/Payments",
	} {
		err := c.validate("GET", path, "", &http.Response{StatusCode: http.StatusOK, Header: header}, []byte(nonsense))
		require.Error(c.t, err, nonsense)
	}
}
