package main

import (
	"fmt"
	"io"
	"testing"

	"byte8.io/ledger/sandbox/magento"
)

// TestOneTraceForEachKind has each kind of document go to Xero by itself, so that
// one trace holds all that was done about it.
func TestOneTraceForEachKind(t *testing.T) {
	t.Parallel()
	w := startTraced(t)
	ctx := t.Context()
	bindingID, err := w.connect(ctx, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.configure(ctx, bindingID); err != nil {
		t.Fatal(err)
	}
	post := func(path string, body any) {
		t.Helper()
		if err := w.shop.post(ctx, path, body, nil); err != nil {
			t.Fatal(err)
		}
	}
	// follow waits for the trace that begins with a webhook and ends with the chip.
	follow := func(between ...string) {
		t.Helper()
		w.await(t, append([]string{"POST /webhooks/magento/{tenant}/{event}", "store event", "deliver", "run", "tell the shop", "shop put_sync_state"}, between...)...)
	}
	seed := uint64(1)
	post("/_sandbox/raise", magento.Batch{Invoices: 40, Seed: &seed, Everything: true})
	if err := w.watch(ctx, io.Discard); err != nil {
		t.Fatal(err)
	}
	var documents []magento.DocumentSummary
	if err := w.shop.get(ctx, "/_sandbox/documents", &documents); err != nil {
		t.Fatal(err)
	}
	saved := map[magento.Kind]int{}
	for _, d := range documents {
		if d.Announced && d.Oddity == "" {
			saved[d.Kind] = d.ID
		}
	}
	w.spans.Reset()
	post("/_sandbox/events", map[string]any{"event": "customer.upserted", "id": saved[magento.KindCustomer], "synchronous": true})
	follow("shop customer", "map customers", "xero update_contacts")
	post("/_sandbox/events", map[string]any{"event": "product.upserted", "id": saved[magento.KindProduct], "synchronous": true})
	follow("shop product", "map products", "xero put_items")

	open := w.openInvoice(t)
	follow("shop invoice", "map invoices", "xero put_invoices")
	w.spans.Reset()
	post(fmt.Sprintf("/_sandbox/invoices/%d/pay", open), nil)
	follow("map payments", "xero put_payments")
	post(fmt.Sprintf("/_sandbox/invoices/%d/refund", open), struct{}{})
	follow("shop credit_memo", "map credit memos", "xero put_credit_notes", "xero put_payments")
}

// openInvoice raises invoices one by one until one is not paid yet.
func (w *traced) openInvoice(t *testing.T) int {
	t.Helper()
	for range 50 {
		w.spans.Reset()
		var raised magento.Raised
		if err := w.shop.post(t.Context(), "/_sandbox/raise", magento.Batch{Invoices: 1}, &raised); err != nil {
			t.Fatal(err)
		}
		var invoices []magento.InvoiceSummary
		if err := w.shop.get(t.Context(), "/_sandbox/invoices", &invoices); err != nil {
			t.Fatal(err)
		}
		for _, invoice := range invoices {
			if invoice.ID == raised.IDs[0] && invoice.State == magento.StateOpen {
				return invoice.ID
			}
		}
		if err := w.watch(t.Context(), io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("the shop raises no open invoice")
	return 0
}
