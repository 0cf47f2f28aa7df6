package integration_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"golang.org/x/oauth2"

	xeroadapter "byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
	"byte8.io/ledger/sandbox/magento"
	"byte8.io/ledger/sandbox/xero"
)

// mappedAt is when the shop of the mapping tests raises its documents. The books
// are locked up to two months before, so that what is older is held.
var mappedAt = time.Date(2026, time.October, 1, 12, 0, 0, 0, time.UTC)

// TestShopsDocumentsAreMapped holds documents for nothing but what the shop
// planted, and books no total, no tax and no rate but the shop's.
func TestShopsDocumentsAreMapped(t *testing.T) {
	t.Parallel()
	req := britishRequest(t)
	const batches, invoices, least = 14, 60, 1500
	seen := tally{}
	for seed := range uint64(batches) {
		mapBatch(t, req, seed+1, invoices, seen)
	}
	if n := seen["invoice"] + seen["credit memo"]; n < least {
		t.Errorf("%d documents were mapped, fewer than %d", n, least)
	}
	for _, what := range []string{
		"invoice", "credit memo", "memo of an order", "tax in discounts and a fee", "tax in discounts and an extra", "shipping discount",
		mapping.RenderingPlain, mapping.RenderingExplicitTax,
		string(fault.CodeTaxRateNotMapped), string(fault.CodeCurrencyNotSubscribed), string(fault.CodePeriodLocked),
	} {
		if seen[what] == 0 {
			t.Errorf("%s does not occur: %v", what, seen)
		}
	}
}

// tally counts what was seen.
type tally map[string]int

func (n tally) noteIf(has bool, what string) {
	if has {
		n[what]++
	}
}

// mapBatch maps all invoices and credit memos of a batch of everything, with
// more coupons and refunds than most shops have.
func mapBatch(t *testing.T, req mapping.Request, seed uint64, invoices int, seen tally) {
	t.Helper()
	mix := magento.DefaultMix()
	mix.Discounted, mix.ShippingDiscount, mix.PaidOffline, mix.Refunded = 75, 60, 80, 90
	shop := magento.New(magento.Options{Mix: &mix, Now: func() time.Time { return mappedAt }})
	if _, err := shop.RaiseBatch(magento.Batch{Invoices: invoices, Seed: &seed, Everything: true}); err != nil {
		t.Fatal(err)
	}
	parents := map[int64]*mapping.Parent{}
	for _, d := range shop.Documents(magento.KindInvoice) {
		invoice, _ := shop.Invoice(d.ID)
		if parent := mapInvoice(t, req, fmt.Sprintf("seed %d, invoice %s", seed, d.IncrementID), d.Oddity, invoice, seen); parent != nil {
			parents[int64(d.ID)] = parent
		}
	}
	for _, d := range shop.Documents(magento.KindCreditMemo) {
		memo, _ := shop.CreditMemo(d.ID)
		mapMemo(t, req, fmt.Sprintf("seed %d, credit memo %s", seed, d.IncrementID), memo, parents[int64(d.InvoiceID)], seen)
	}
}

// mapInvoice is the invoice as its credit memos see it; nil when it is held.
func mapInvoice(t *testing.T, req mapping.Request, name string, oddity magento.Oddity, raised magento.Invoice, seen tally) *mapping.Parent {
	t.Helper()
	inv := decodeJSON(t, raised, commerce.DecodeInvoice)
	seen["invoice"]++
	got := mapping.Invoice(req, inv)
	if !isBooked(t, name, got.Fault, plantedHold(oddity), got.Trace, seen) {
		return nil
	}
	seen[got.Rendering]++
	checkBooked(t, name, got.Invoice.Totals(), inv.GrandTotal, inv.TaxAmount)
	checkRates(t, name, got.Invoice.Lines, raised.Lines)
	return &mapping.Parent{Number: got.Invoice.Number, Date: got.Invoice.Date, ContactID: "contact", Total: inv.GrandTotal}
}

// mapMemo adds the memo to what is credited of its invoice.
func mapMemo(t *testing.T, req mapping.Request, name string, raised magento.CreditMemo, parent *mapping.Parent, seen tally) {
	t.Helper()
	memo := decodeJSON(t, raised, commerce.DecodeCreditMemo)
	hasTaxInDiscounts := !raised.Compensation().IsZero()
	seen["credit memo"]++
	seen.noteIf(parent == nil, "memo of an order")
	seen.noteIf(hasTaxInDiscounts && raised.AdjustmentNegative.IsPositive(), "tax in discounts and a fee")
	seen.noteIf(hasTaxInDiscounts && raised.AdjustmentPositive.IsPositive(), "tax in discounts and an extra")
	seen.noteIf(raised.ShippingDiscount().IsPositive(), "shipping discount")
	got := mapping.CreditMemo(req, memo, parent)
	if !isBooked(t, name, got.Fault, "", got.Trace, seen) {
		return
	}
	seen[got.Rendering]++
	tax := memo.ShippingTaxAmount
	for _, l := range memo.Lines {
		tax = tax.Add(l.Tax)
	}
	checkBooked(t, name, got.CreditNote.Totals(), memo.GrandTotal, tax)
	checkRates(t, name, got.CreditNote.Lines, raised.Lines)
	if parent != nil {
		parent.Credited = parent.Credited.Add(memo.GrandTotal)
	}
}

// plantedHold is why the books must not have an invoice with the oddity; empty
// when they must.
func plantedHold(o magento.Oddity) fault.Code {
	switch o {
	case magento.OddityRate:
		return fault.CodeTaxRateNotMapped
	case magento.OddityCurrency:
		return fault.CodeCurrencyNotSubscribed
	case magento.OddityLate, magento.OddityOld:
		return fault.CodePeriodLocked
	default:
		return ""
	}
}

// isBooked reports whether a document goes into the books, and complains when
// it is held for anything but what was planted.
func isBooked(t *testing.T, name string, f *fault.Error, planted fault.Code, trace []syncrun.Step, seen tally) bool {
	t.Helper()
	var code fault.Code
	if f != nil {
		code = f.Code
		seen[string(code)]++
	}
	if code != planted {
		t.Errorf("%s: held for %q instead of %q: %v\n%v", name, code, planted, f, trace)
	}
	return f == nil
}

func checkBooked(t *testing.T, name string, got books.Totals, gross, tax money.Amount) {
	t.Helper()
	if !got.Gross.Equal(gross) || !got.Tax.Equal(tax) || !got.Net.Equal(gross.Sub(tax)) {
		t.Errorf("%s: net %s, tax %s, gross %s; the shop has tax %s, gross %s", name, got.Net, got.Tax, got.Gross, tax, gross)
	}
}

// checkRates compares the rates that lines are booked at with the shop's.
func checkRates(t *testing.T, name string, booked []books.Line, lines []magento.Line) {
	t.Helper()
	at := 0
	for _, l := range lines {
		if l.LineSubtotal.IsZero() && l.LineTax.IsZero() && l.LineTotal.IsZero() {
			continue
		}
		want := money.Of(l.Rate().Shift(2).String())
		if l.LineTax.IsZero() {
			want = money.Zero
		}
		if got := booked[at].TaxPercent; !got.Equal(want) {
			t.Errorf("%s: %s is booked at %s %%, and taxed at %s %%", name, l.SKU, got, want)
		}
		at++
	}
}

func decodeJSON[T any](t *testing.T, document any, decode func([]byte) (T, error)) T {
	t.Helper()
	raw, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// britishRequest has the settings derived from the sandbox's British organisation.
func britishRequest(t *testing.T) mapping.Request {
	t.Helper()
	organisations := xero.New(xero.Options{AllowLoopbackRedirect: true, Now: func() time.Time { return mappedAt }})
	if err := organisations.SetLockDates("", mappedAt.AddDate(0, -2, 0), time.Time{}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(organisations)
	t.Cleanup(server.Close)
	provider, err := xeroadapter.New(xeroadapter.Config{
		ClientID: "sandbox-client", ClientSecret: "sandbox-secret", APIURL: server.URL, IdentityURL: server.URL, LoginURL: server.URL,
		Now: func() time.Time { return mappedAt },
	})
	if err != nil {
		t.Fatal(err)
	}
	session := sandboxSession(t, provider)
	ref, err := provider.Reference(t.Context(), session)
	if err != nil {
		t.Fatal(err)
	}
	if ref.Organisation.CountryCode != "GB" {
		t.Fatalf("the organisation is of %s", ref.Organisation.CountryCode)
	}
	zone, err := time.LoadLocation(ref.Organisation.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	return mapping.Request{
		Settings: settings.Derive(ref), Reference: ref, Capabilities: provider.Capabilities(), Location: zone,
		StoreCode: "k7w2p9ax", Event: commerce.EventInvoiceCreated,
	}
}

// sandboxSession walks the consent of the sandbox.
func sandboxSession(t *testing.T, provider *xeroadapter.Provider) ports.Session {
	t.Helper()
	const redirect = "http://127.0.0.1/callback"
	verifier := oauth2.GenerateVerifier()
	address, err := provider.AuthorizationURL("state", verifier, redirect)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	back, err := answer.Location()
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := provider.Exchange(t.Context(), back.Query().Get("code"), verifier, redirect)
	if err != nil {
		t.Fatal(err)
	}
	found, err := provider.Organisations(t.Context(), tokens)
	if err != nil || len(found) == 0 {
		t.Fatalf("organisations %v: %v", found, err)
	}
	return ports.Session{OrganisationID: found[0].ID, AccessToken: tokens.AccessToken}
}
