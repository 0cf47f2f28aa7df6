package xero_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/ports"
)

const xeroOrigin = "https://api.xero.com"

// contract is Xero's own description of the Accounting API.
type contract struct {
	document *openapi3.T
	router   routers.Router
}

// loadContract reads the document that XERO_OPENAPI names, as seen from here or
// from the root of the module; nil without the variable.
func loadContract(t *testing.T) *contract {
	t.Helper()
	path := os.Getenv("XERO_OPENAPI")
	if path == "" {
		t.Log("XERO_OPENAPI is not set: nothing is compared with Xero's document")
		return nil
	}
	if _, err := os.Stat(path); err != nil && !filepath.IsAbs(path) {
		path = filepath.Join("..", "..", path)
	}
	document, err := openapi3.NewLoader().LoadFromFile(path)
	require.NoError(t, err)
	router, err := gorillamux.NewRouter(document)
	require.NoError(t, err)
	return &contract{document: document, router: router}
}

// check compares one recorded call with the document.
func (c *contract) check(t *testing.T, call recording) error {
	t.Helper()
	target := *call.request.URL
	origin, err := url.Parse(xeroOrigin)
	require.NoError(t, err)
	target.Scheme, target.Host = origin.Scheme, origin.Host
	request, err := http.NewRequestWithContext(t.Context(), call.request.Method, target.String(), bytes.NewReader(call.sent))
	require.NoError(t, err)
	request.Header = call.request.Header.Clone()
	route, parameters, err := c.router.FindRoute(request)
	if err != nil {
		return fmt.Errorf("finding the operation: %w", err)
	}
	options := &openapi3filter.Options{
		AuthenticationFunc:    openapi3filter.NoopAuthenticationFunc,
		SkipSettingDefaults:   true,
		IncludeResponseStatus: true,
		MultiError:            true,
	}
	input := &openapi3filter.RequestValidationInput{Request: request, PathParams: parameters, Route: route, Options: options}
	if err := openapi3filter.ValidateRequest(t.Context(), input); err != nil {
		return fmt.Errorf("request: %w", err)
	}
	if call.status != http.StatusOK && call.status != http.StatusBadRequest {
		return nil
	}
	output := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: call.status, Header: call.header, Body: io.NopCloser(bytes.NewReader(call.got)), Options: options,
	}
	if err := openapi3filter.ValidateResponse(t.Context(), output); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}

func TestMain(m *testing.M) {
	openapi3.DefineStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForUUIDOfRFC4122))
	os.Exit(m.Run())
}

func TestCallsFollowTheContract(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, err := b.Reference(t.Context(), b.session)
	require.NoError(t, err)

	ada := contactWrite("s-1", "Ada Lovelace")
	ada.Contact.Email, ada.Contact.Phone, ada.Contact.FirstName = "ada@example.test", "020 7946 0000", "Ada"
	ada.Contact.Billing = &books.Address{Lines: []string{"12 Engine Row"}, City: "London", PostalCode: "N1 1AA", Country: "United Kingdom"}
	made := b.putContacts(ada, contactWrite("s-2", "Grace Hopper"), contactWrite("s-3", "Alan Turing"))
	require.NoError(t, b.sandbox.MergeContact(made[1].ID, made[2].ID))
	b.sandbox.ClearIdempotency()
	known := contactWrite("s-1", "Ada Lovelace")
	known.KnownID = made[0].ID
	b.putContacts(known, contactWrite("s-2", "Grace Hopper"), contactWrite("s-9", "ada lovelace", "Ada (2)"))

	writes := invoices(made[0].ID, "M-1", "M-2", "M-3", "M, 4")
	tax := money.Of("4.94")
	writes[0].Invoice.Lines[0].TaxAmount = &tax
	writes[1].Invoice.Lines[0].Discount = money.Of("1.5")
	writes[2].Invoice.Lines[0].AccountCode = "9999"
	_, err = b.PutInvoices(t.Context(), b.session, writes)
	require.NoError(t, err)
	found, err := b.FindInvoices(t.Context(), b.session, []string{"M-1", "M-2", "M, 4"})
	require.NoError(t, err)
	require.Len(t, found, 3)
	b.otherDocuments(made[0], found["M-1"].Entity.ID)

	c := loadContract(t)
	if c == nil {
		return
	}
	seen := map[string]bool{}
	for _, call := range b.recorder.calls() {
		below, isAccounting := strings.CutPrefix(call.request.URL.Path, "/api.xro/2.0")
		if !isAccounting {
			continue
		}
		name := call.request.Method + " " + below
		parts := strings.Split(below, "/")
		seen[call.request.Method+" /"+parts[1]+strings.Join(append([]string{""}, parts[min(3, len(parts)):]...), "/")] = true
		if err := c.check(t, call); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, operation := range []string{
		"GET /Organisation", "GET /Accounts", "GET /TaxRates", "GET /Currencies", "PUT /Contacts", "GET /Contacts", "POST /Contacts", "PUT /Invoices", "GET /Invoices",
		"PUT /CreditNotes", "GET /CreditNotes", "PUT /CreditNotes/Allocations", "PUT /Payments", "POST /Items",
	} {
		require.True(t, seen[operation], "%s was not called", operation)
	}

	bad := b.recorder.of(http.MethodPut, "/Invoices")[0]
	bad.sent = bytes.Replace(bad.sent, []byte(made[0].ID), []byte("zzz"), 1)
	require.Error(t, c.check(t, bad), "the check takes anything")
}

// otherDocuments changes a contact, raises, settles and reads credit notes, pays
// an invoice and puts items; some of each are refused.
func (b *bench) otherDocuments(contact ports.ContactOutcome, invoiceID string) {
	b.t.Helper()
	changed := knownContact(contact, "s-1", "Ada King")
	changed.Contact.Phone, changed.Contact.Shipping = "1234", &books.Address{Lines: []string{"4 Mill Lane"}, City: "Leeds"}
	require.NoError(b.t, b.updateContacts(changed)[0].Err)

	bank, noteID := b.bank(), b.credited(contact.ID, "CM-1")[0]
	require.NoError(b.t, b.allocate(noteID, invoiceID, "10"))
	require.Error(b.t, b.allocate(noteID, invoiceID, "99"))
	refund := payment("", bank, "1", "refund")
	refund.Payment.CreditNoteID = noteID
	outcomes := b.putPayments(payment(invoiceID, bank, "2", "part"), payment(invoiceID, bank, "999", "too much"), refund)
	require.NoError(b.t, outcomes[0].Err)
	require.Error(b.t, outcomes[1].Err)
	require.NoError(b.t, outcomes[2].Err)
	require.Len(b.t, b.note("CM-1").Refunds, 1)
	require.Len(b.t, b.invoice("M-1").Payments, 1)
	bad := itemWrite("BAD", "1")
	bad.Item.AccountCode = "9999"
	require.NoError(b.t, b.putItems(itemWrite("BAG", "12.3456"), bad)[0].Err)
}

func TestEveryZoneOfTheContractIsKnown(t *testing.T) {
	t.Parallel()
	c := loadContract(t)
	if c == nil {
		return
	}
	listed := c.document.Components.Schemas["TimeZone"].Value.Enum
	require.NotEmpty(t, listed)
	for _, value := range listed {
		zone := value.(string)
		p, _ := stub(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/Organisation") {
				_, _ = w.Write([]byte(`{"Organisations":[{"Timezone":"` + zone + `"}]}`))
				return
			}
			_, _ = w.Write([]byte(`{}`))
		})
		got, err := p.Reference(t.Context(), ports.Session{OrganisationID: "o", AccessToken: "t"})
		require.NoError(t, err)
		if name := got.Organisation.TimeZone; name == "UTC" && zone != "UTC" {
			t.Errorf("the zone %s is not known", zone)
		}
	}
}
