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

func TestDecodeCreditMemo(t *testing.T) {
	t.Parallel()
	got, err := commerce.DecodeCreditMemo([]byte(`{"magento_id": 9, "increment_id": "9", "website_id": 1, "currency": "EUR",
		"customer": {"magento_id": 5, "email": "a@b.example", "website_id": 1, "addresses": []},
		"lines": [{"sku": "A", "name": "A", "qty": 0, "line_subtotal": 0, "line_total": 0}],
		"adjustment_positive": 0, "adjustment_negative": "1.5000", "grand_total": 8.5, "created_at": "2026-10-01T00:00:00Z"}`))
	if err != nil {
		t.Fatalf("DecodeCreditMemo: %v", err)
	}
	want := commerce.CreditMemo{
		MagentoID: 9, IncrementID: "9", WebsiteID: 1, Currency: "EUR", Customer: commerce.Customer{MagentoID: 5, Email: "a@b.example", WebsiteID: 1},
		Lines: []commerce.Line{{SKU: "A", Name: "A"}}, AdjustmentNegative: money.Of("1.5"), GrandTotal: money.Of("8.5"),
		CreatedAt: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC),
	}
	if diff := cmp.Diff(want, got, amounts()); diff != "" {
		t.Errorf("DecodeCreditMemo (-want +got):\n%s", diff)
	}
}

func TestDecodePaymentDropsTheGatewaysMetadata(t *testing.T) {
	t.Parallel()
	for _, metadata := range []string{"[]", `["x", "{}"]`, `{"card": "4242"}`, "null", `"text"`} {
		got, err := commerce.DecodePayment([]byte(`{"magento_id": 7, "invoice_id": 7, "invoice_increment_id": "7", "method": "stripe_payments", "currency": "GBP", "amount": "12.3400", "captured_at": "2026-10-01T00:00:00Z", "gateway_metadata": ` + metadata + `}`))
		if err != nil {
			t.Errorf("DecodePayment with metadata %s: %v", metadata, err)
			continue
		}
		want := commerce.Payment{
			InvoiceID: 7, InvoiceIncrementID: "7", Method: "stripe_payments", Currency: "GBP", Amount: money.Of("12.34"),
			CapturedAt: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC),
		}
		if diff := cmp.Diff(want, got, amounts()); diff != "" {
			t.Errorf("DecodePayment with metadata %s (-want +got):\n%s", metadata, diff)
		}
	}
}

func TestDecodeProduct(t *testing.T) {
	t.Parallel()
	got, err := commerce.DecodeProduct([]byte(`{"magento_id": 3, "sku": "MUG", "name": "Mug", "product_type": "simple", "price": 7.5, "manage_stock": true, "tax_class": 2, "website_ids": [1, "2"]}`))
	if err != nil {
		t.Fatalf("DecodeProduct: %v", err)
	}
	price := money.Of("7.5")
	want := commerce.Product{MagentoID: 3, SKU: "MUG", Name: "Mug", ProductType: "simple", Price: &price, ManageStock: true, TaxClass: "2", WebsiteIDs: []int64{1, 2}}
	if diff := cmp.Diff(want, got, amounts()); diff != "" {
		t.Errorf("DecodeProduct (-want +got):\n%s", diff)
	}
}

func TestDecodePaymentMethods(t *testing.T) {
	t.Parallel()
	got, err := commerce.DecodePaymentMethods([]byte(`[{"code": "checkmo", "label": "Check", "is_active": true}, {"code": "old", "label": null, "is_active": false}]`))
	if err != nil {
		t.Fatalf("DecodePaymentMethods: %v", err)
	}
	if diff := cmp.Diff([]commerce.PaymentMethod{{Code: "checkmo", Label: "Check", IsActive: true}, {Code: "old"}}, got); diff != "" {
		t.Errorf("DecodePaymentMethods (-want +got):\n%s", diff)
	}
}

func TestDocumentsNameTheFieldAtFault(t *testing.T) {
	t.Parallel()
	decoders := map[string]func(string) error{
		"customer":    func(s string) error { _, err := commerce.DecodeCustomer([]byte(s)); return err },
		"credit memo": func(s string) error { _, err := commerce.DecodeCreditMemo([]byte(s)); return err },
		"payment":     func(s string) error { _, err := commerce.DecodePayment([]byte(s)); return err },
		"product":     func(s string) error { _, err := commerce.DecodeProduct([]byte(s)); return err },
	}
	for _, test := range []struct{ what, document, field string }{
		{"customer", `{"magento_id": 0}`, "magento_id"},
		{"credit memo", `{}`, "magento_id"},
		{"credit memo", `{"magento_id": 1}`, "increment_id"},
		{"credit memo", `{"magento_id": 1, "increment_id": "1"}`, "currency"},
		{"credit memo", `{"magento_id": 1, "increment_id": "1", "currency": "GBP"}`, "grand_total"},
		{"credit memo", `{"magento_id": 1, "increment_id": "1", "currency": "GBP", "grand_total": 1, "lines": [{}]}`, "lines.qty"},
		{"payment", `{}`, "invoice_id"},
		{"payment", `{"invoice_id": 1}`, "currency"},
		{"payment", `{"invoice_id": 1, "currency": "GBP"}`, "amount"},
		{"product", `{}`, "magento_id"},
		{"product", `{"magento_id": 1}`, "sku"},
	} {
		err := decoders[test.what](test.document)
		if !fault.Is(err, fault.CodeMagentoDocument) || len(fault.Of(err).Fields) != 1 || fault.Of(err).Fields[0].Path != test.field {
			t.Errorf("decoding the %s %s: %v, want a fault of the field %s", test.what, test.document, err, test.field)
		}
	}
}

func TestDecodeEnvelope(t *testing.T) {
	t.Parallel()
	want := commerce.Envelope{MagentoID: 42, WebsiteID: 1, StoreID: 2, IncrementID: "000000042", OccurredAt: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)}
	got, err := commerce.DecodeEnvelope([]byte(`{"magento_entity_id": "42", "website_id": 1, "store_id": 2, "occurred_at": "2026-10-01T00:00:00Z", "payload": {"increment_id": "000000042"}}`))
	if err != nil || got != want {
		t.Errorf("DecodeEnvelope = %+v, %v, want %+v", got, err, want)
	}
	for _, payload := range []string{"[]", "null", `""`, "{}"} {
		got, err := commerce.DecodeEnvelope([]byte(`{"magento_entity_id": 42, "payload": ` + payload + `}`))
		if err != nil || got.MagentoID != 42 {
			t.Errorf("DecodeEnvelope with payload %s = %+v, %v", payload, got, err)
		}
	}
	for _, in := range []string{`{}`, `{"magento_entity_id": 0}`, `{"magento_entity_id": "x"}`, `[]`, strings.Repeat("[", 100)} {
		if _, err := commerce.DecodeEnvelope([]byte(in)); !fault.Is(err, fault.CodeMalformed) {
			t.Errorf("DecodeEnvelope(%s): %v, want %s", in, err, fault.CodeMalformed)
		}
	}
}

func TestEventsHaveEntities(t *testing.T) {
	t.Parallel()
	for event, want := range map[commerce.EventName]commerce.EntityType{
		commerce.EventInvoiceCreated: commerce.EntityInvoice, commerce.EventInvoicePaid: commerce.EntityInvoice,
		commerce.EventCreditMemoCreated: commerce.EntityCreditMemo, commerce.EventCustomerUpserted: commerce.EntityCustomer,
		commerce.EventProductUpserted: commerce.EntityProduct,
	} {
		if got, ok := event.Entity(); !ok || got != want {
			t.Errorf("%s is about %q, %t, want %q", event, got, ok, want)
		}
		if parsed, ok := commerce.ParseEntityType(string(want)); !ok || parsed != want {
			t.Errorf("ParseEntityType(%q) = %q, %t", want, parsed, ok)
		}
		if isUpsert := strings.HasSuffix(string(event), ".upserted"); event.IsUpsert() != isUpsert {
			t.Errorf("%s.IsUpsert() = %t", event, event.IsUpsert())
		}
	}
	for _, event := range commerce.EventNames() {
		if _, ok := event.Entity(); !ok {
			t.Errorf("%s has no entity", event)
		}
	}
	if _, ok := commerce.EventName("order.created").Entity(); ok {
		t.Error("an unknown event has an entity")
	}
	if _, ok := commerce.ParseEntityType("order"); ok {
		t.Error("an unknown entity type is read")
	}
}
