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
	for _, nonsense := range []string{
		`{"Invoices":[{"InvoiceID":"zzz"}]}`, `{"Invoices":[{"Status":"OPEN"}]}`, `{"Invoices":[{"Total":"1.00"}]}`,
	} {
		err := c.validate("GET", "/Invoices", "", &http.Response{StatusCode: http.StatusOK, Header: header}, []byte(nonsense))
		require.Error(c.t, err, nonsense)
	}
}
