package commerce_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
)

const wholeInvoice = `{
  "magento_id": 101, "increment_id": "000000101", "order_id": "345", "order_increment_id": "000000345",
  "website_id": 1.0, "store_id": 2, "currency": "gbp", "state": "paid",
  "customer": {"magento_id": 0, "email": " ada@example.com ", "first_name": "Ada", "website_id": 0,
    "addresses": [{"kind": "billing", "street": ["12 Engine Row", "", null], "city": "London", "country_id": "GB"}]},
  "lines": [{"sku": "BAG", "name": "Bag\u0007", "qty": "2.0000", "unit_price": 12.5, "line_subtotal": 25, "line_tax": "5.0000",
    "line_total": 30, "tax_rate": 0.2, "tax_class": null, "weee": {"amount": 1}}],
  "subtotal": 25, "tax_amount": 5.75, "shipping_amount": 3.75, "shipping_tax_amount": 0.75, "discount_amount": 0,
  "grand_total": 34.5, "created_at": "2026-10-01T22:30:00Z", "payment_method": "checkmo", "po_number": 77,
  "billing_address": {"kind": "billing", "street": [], "city": "London", "postcode": 12345, "country_id": "GB"}
}`

func amounts() cmp.Option {
	return cmp.Comparer(func(a, b money.Amount) bool { return a.Equal(b) })
}

func TestDecodeInvoice(t *testing.T) {
	t.Parallel()
	got, err := commerce.DecodeInvoice([]byte(wholeInvoice))
	if err != nil {
		t.Fatalf("DecodeInvoice: %v", err)
	}
	rate := money.Of("0.2")
	want := commerce.Invoice{
		MagentoID: 101, IncrementID: "000000101", OrderID: 345, OrderIncrementID: "000000345", WebsiteID: 1, StoreID: 2,
		Currency: "GBP", State: commerce.InvoicePaid,
		Customer: commerce.Customer{Email: "ada@example.com", FirstName: "Ada", Addresses: []commerce.Address{
			{Kind: "billing", Street: []string{"12 Engine Row"}, City: "London", CountryID: "GB"},
		}},
		Lines: []commerce.Line{{
			SKU: "BAG", Name: "Bag", Qty: money.Int(2), UnitPrice: money.Of("12.5"), Subtotal: money.Int(25), Tax: money.Int(5),
			Total: money.Int(30), TaxRate: &rate,
		}},
		Subtotal: money.Int(25), TaxAmount: money.Of("5.75"), ShippingAmount: money.Of("3.75"), ShippingTaxAmount: money.Of("0.75"),
		GrandTotal: money.Of("34.50"), CreatedAt: time.Date(2026, 10, 1, 22, 30, 0, 0, time.UTC), PaymentMethod: "checkmo", PONumber: "77",
		BillingAddress: &commerce.Address{Kind: "billing", City: "London", Postcode: "12345", CountryID: "GB"},
	}
	if diff := cmp.Diff(want, got, amounts()); diff != "" {
		t.Errorf("DecodeInvoice (-want +got):\n%s", diff)
	}
	if !got.Customer.IsGuest() {
		t.Error("a customer with the id 0 is no guest")
	}
}

// without is the document with one member's name changed to one nobody reads.
func without(document, member string) string {
	return strings.Replace(document, `"`+member+`"`, `"_`+member+`"`, 1)
}

// as is the document with one member's value replaced by raw JSON.
func as(t *testing.T, document, member, value string) string {
	t.Helper()
	_, rest, ok := strings.Cut(document, `"`+member+`": `)
	if !ok {
		t.Fatalf("the document has no %s", member)
	}
	old := rest[:strings.IndexAny(rest, ",}\n")]
	return strings.Replace(document, `"`+member+`": `+old, `"`+member+`": `+value, 1)
}

func TestAbsentMeansNull(t *testing.T) {
	t.Parallel()
	for _, member := range []string{"po_number", "payment_method", "tax_rate", "first_name", "order_id", "website_id"} {
		absent, err := commerce.DecodeInvoice([]byte(without(wholeInvoice, member)))
		if err != nil {
			t.Errorf("DecodeInvoice without %s: %v", member, err)
			continue
		}
		null, err := commerce.DecodeInvoice([]byte(as(t, wholeInvoice, member, "null")))
		if err != nil {
			t.Errorf("DecodeInvoice with null %s: %v", member, err)
			continue
		}
		if diff := cmp.Diff(absent, null, amounts()); diff != "" {
			t.Errorf("%s absent and null differ:\n%s", member, diff)
		}
	}
}

func TestDecodeInvoiceNamesTheFieldAtFault(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ document, names string }{
		"no id":               {without(wholeInvoice, "magento_id"), "magento_id"},
		"id of zero":          {as(t, wholeInvoice, "magento_id", "0"), "magento_id"},
		"id with a fraction":  {as(t, wholeInvoice, "magento_id", "1.5"), "magento_id"},
		"no increment id":     {without(wholeInvoice, "increment_id"), "increment_id"},
		"blank increment id":  {as(t, wholeInvoice, "increment_id", `" \u0000 "`), "increment_id"},
		"no currency":         {without(wholeInvoice, "currency"), "currency"},
		"currency of four":    {as(t, wholeInvoice, "currency", `"GBPX"`), "currency"},
		"no grand total":      {without(wholeInvoice, "grand_total"), "grand_total"},
		"grand total in text": {as(t, wholeInvoice, "grand_total", `"much"`), "grand_total"},
		"no quantity":         {without(wholeInvoice, "qty"), "lines.qty"},
		"no line subtotal":    {without(wholeInvoice, "line_subtotal"), "lines.line_subtotal"},
		"no line total":       {without(wholeInvoice, "line_total"), "lines.line_total"},
		"name that is a list": {as(t, wholeInvoice, "name", "[]"), "lines.name"},
		"city that is a map":  {as(t, wholeInvoice, "city", "{}"), "customer.addresses.city"},
		"a list":              {"[]", "shape"},
		"not JSON":            {"<html>", "invoice"},
		"not UTF-8":           {as(t, wholeInvoice, "name", "\"\xff\""), "UTF-8"},
		"too deep":            {as(t, wholeInvoice, "name", strings.Repeat("[", 5000)), "nested"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := commerce.DecodeInvoice([]byte(test.document))
			if !fault.Is(err, fault.CodeMagentoDocument) {
				t.Fatalf("DecodeInvoice: %v, want %s", err, fault.CodeMagentoDocument)
			}
			if message := fault.Of(err).Message; !strings.Contains(message, test.names) {
				t.Errorf("the message does not name %s: %q", test.names, message)
			}
		})
	}
}

func TestUnknownStatesAreOpen(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]commerce.InvoiceState{`"paid"`: commerce.InvoicePaid, `"cancelled"`: commerce.InvoiceCancelled, `"open"`: commerce.InvoiceOpen, `"7"`: commerce.InvoiceOpen, "null": commerce.InvoiceOpen} {
		inv, err := commerce.DecodeInvoice([]byte(as(t, wholeInvoice, "state", in)))
		if err != nil || inv.State != want {
			t.Errorf("state %s is %q (%v), want %q", in, inv.State, err, want)
		}
	}
}

func TestEmptyPHPArraysAreEmpty(t *testing.T) {
	t.Parallel()
	inv, err := commerce.DecodeInvoice([]byte(`{"magento_id": 1, "increment_id": "1", "currency": "GBP", "grand_total": 0, "customer": [], "lines": [], "billing_address": [], "shipping_address": []}`))
	if err != nil {
		t.Fatalf("DecodeInvoice: %v", err)
	}
	if inv.BillingAddress != nil || inv.ShippingAddress != nil || len(inv.Lines) != 0 || !inv.Customer.IsGuest() {
		t.Errorf("empty lists became %+v", inv)
	}
}

func TestUnreadableTimesAreZero(t *testing.T) {
	t.Parallel()
	for _, in := range []string{`""`, `"yesterday"`, "null", "0"} {
		inv, err := commerce.DecodeInvoice([]byte(as(t, wholeInvoice, "created_at", in)))
		if err != nil || !inv.CreatedAt.IsZero() {
			t.Errorf("created_at %s is %v (%v), want none", in, inv.CreatedAt, err)
		}
	}
}

func FuzzDecodeInvoice(f *testing.F) {
	f.Add([]byte(wholeInvoice))
	f.Add([]byte(`{"magento_id": "1", "increment_id": 1, "currency": "JPY", "grand_total": "1e9", "customer": [], "lines": []}`))
	f.Add([]byte(`{"lines": [{"qty": 1e-30, "line_subtotal": -0, "line_total": null}]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		inv, err := commerce.DecodeInvoice(raw)
		if err != nil {
			if !fault.Is(err, fault.CodeMagentoDocument) {
				t.Errorf("DecodeInvoice(%q): %v is not classified", raw, err)
			}
			return
		}
		if inv.MagentoID <= 0 || inv.IncrementID == "" || len(inv.Currency) != 3 {
			t.Errorf("DecodeInvoice(%q) took a document without its required fields: %+v", raw, inv)
		}
	})
}
