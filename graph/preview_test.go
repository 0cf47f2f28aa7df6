package graph_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/money"
)

// previewWorld has a shop with an open invoice, number 7, over 12.00 GBP.
func previewWorld() *apptest.World {
	w := newWorld()
	rate := money.Of("0.2")
	w.Invoices = map[int64]commerce.Invoice{7: {
		MagentoID: 7, IncrementID: "000000007", OrderID: 3, OrderIncrementID: "000000003", WebsiteID: 1, Currency: "GBP", State: commerce.InvoiceOpen,
		Customer: commerce.Customer{MagentoID: 5, FirstName: "Ada", LastName: "Lovelace", Email: "ada@customer.example"},
		Lines: []commerce.Line{{
			SKU: "bag", Name: "Bag", Qty: money.Of("1"), UnitPrice: money.Of("10"), Subtotal: money.Of("10"), Tax: money.Of("2"), Total: money.Of("12"), TaxRate: &rate, ProductType: "simple",
		}},
		Subtotal: money.Of("10"), TaxAmount: money.Of("2"), GrandTotal: money.Of("12"), CreatedAt: noon.Add(-time.Hour),
	}}
	return w
}

func TestPreviews(t *testing.T) {
	t.Parallel()
	w := previewWorld()
	got := data(t, w, owner, `{
		previewDocument(bindingId: "bnd_1", entityType: INVOICE, magentoId: 7) {
			entityType magentoId incrementId outcome skipReason errorCode requests { method path body } totals { magento { gross } provider { net tax gross currency } } steps settingsVersion }
		previewDocuments(bindingId: "bnd_1", entityType: INVOICE, magentoIds: [9, 7], settings: {syncBehaviour: {
			syncUnpaidInvoices: false, syncZeroValueInvoices: false, syncProducts: false, syncSince: null, websiteFilter: [], storeFilter: []}}) {
			magentoId incrementId outcome skipReason errorCode requests { path } settingsVersion }
	}`, nil)
	want := parsed(t, `{
		"previewDocument": {"entityType": "INVOICE", "magentoId": 7, "incrementId": "000000007", "outcome": "WRITE", "skipReason": null, "errorCode": null,
			"requests": [
				{"method": "PUT", "path": "/Contacts", "body": {"number": "abcdefgh-5"}},
				{"method": "PUT", "path": "/Invoices", "body": {"number": "000000007", "contact": "<the id that Xero gives contact abcdefgh-5>"}}],
			"totals": {"magento": {"gross": "12.00"}, "provider": {"net": "10.00", "tax": "2.00", "gross": "12.00", "currency": "GBP"}},
			"steps": ["Contact Ada Lovelace would be looked for by number abcdefgh-5 and created where there is none.", "Invoice 000000007 of 12.00 GBP would be created for contact Ada Lovelace."],
			"settingsVersion": 1},
		"previewDocuments": [
			{"magentoId": 9, "incrementId": null, "outcome": "FAIL", "skipReason": null, "errorCode": "magento_not_found", "requests": [], "settingsVersion": 0},
			{"magentoId": 7, "incrementId": "000000007", "outcome": "SKIP", "skipReason": "unpaid_invoice_excluded", "errorCode": null, "requests": [], "settingsVersion": 0}]
	}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPreviewsOfAStranger(t *testing.T) {
	t.Parallel()
	got := data(t, previewWorld(), other, `{
		previewDocument(bindingId: "bnd_1", entityType: INVOICE, magentoId: 7) { outcome }
		previewDocuments(bindingId: "bnd_1", entityType: INVOICE, magentoIds: [7]) { outcome }
		settingsImpact(bindingId: "bnd_1", settings: {paymentMethodMap: []}) { remapped { count } } }`, nil)
	want := parsed(t, `{"previewDocument": null, "previewDocuments": [], "settingsImpact": null}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSettingsImpactNamesWhatIsAtFault(t *testing.T) {
	t.Parallel()
	w := previewWorld()
	for i := range w.Runs {
		w.Runs[i].MagentoID = 7
	}
	got := data(t, w, owner, `{ settingsImpact(bindingId: "bnd_1", settings: {paymentMethodMap: [], commercial: {numberPrefix: "B-", customerNamePriority: COMPANY,
			initialStatus: AUTHORISED, paymentTermsDays: 999, creditNoteSettlement: AUTO}}) {
		userErrors { code field } changes { path } remapped { count examined total samples { incrementId before { outcome skipReason errorCode } after { outcome } changes { path before after } } } heldReleased { count examined } } }`, nil)
	want := parsed(t, `{"settingsImpact": {
		"userErrors": [{"code": "out_of_range", "field": "settings.commercial.paymentTermsDays"}],
		"changes": [{"path": "settings.commercial.numberPrefix"}, {"path": "settings.commercial.paymentTermsDays"}],
		"remapped": {"count": 1, "examined": 1, "total": 1, "samples": [{"incrementId": "000000007", 
			"before": {"outcome": "WRITE", "skipReason": null, "errorCode": null}, "after": {"outcome": "WRITE"}, "changes": [
				{"path": "invoice.number", "before": "000000007", "after": "B-000000007"}, {"path": "invoice.dueDate", "before": "2026-03-31", "after": "2028-11-24"},
				{"path": "invoice.termsDays", "before": "30", "after": "999"}]}]},
		"heldReleased": {"count": 0, "examined": 0}}}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
