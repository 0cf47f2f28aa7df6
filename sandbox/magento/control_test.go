package magento_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"byte8.io/ledger/sandbox/magento"
)

func TestRaisingOverHTTP(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	status, body := b.do(http.MethodPost, "/_sandbox/raise", "", map[string]any{"invoices": 40, "seed": 12})
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	var raised magento.Raised
	if err := json.Unmarshal([]byte(body), &raised); err != nil {
		t.Fatal(err)
	}
	_, body = b.do(http.MethodGet, "/_sandbox/invoices", "", nil)
	var invoices []magento.InvoiceSummary
	if err := json.Unmarshal([]byte(body), &invoices); err != nil {
		t.Fatal(err)
	}
	sums := map[string]decimal.Decimal{}
	paid := 0
	for _, invoice := range invoices {
		sums[invoice.Currency] = sums[invoice.Currency].Add(invoice.GrandTotal.Decimal)
		if invoice.State == magento.StatePaid {
			paid++
		}
	}
	for currency, totals := range raised.Totals {
		equal(t, currency, totals.GrandTotal.Decimal, sums[currency])
	}
	if len(invoices) != 40 || len(raised.IDs) != 40 || len(sums) != len(raised.Totals) {
		t.Errorf("%d invoices, %d ids, %d currencies", len(invoices), len(raised.IDs), len(raised.Totals))
	}
	if rows := b.shop.Outbox(); len(rows) != 40+paid {
		t.Errorf("%d events for %d invoices of which %d are paid", len(rows), len(invoices), paid)
	}
	if rows := b.shop.Mirror(); len(rows) != 40 {
		t.Errorf("%d mirror rows", len(rows))
	}
}

func TestSeedsMakeTheSameInvoicesInAnyShop(t *testing.T) {
	t.Parallel()
	seed := uint64(12)
	var lists [2][]magento.InvoiceSummary
	for n := range lists {
		b := newBench(t, magento.Options{Seed: uint64(n + 1)})
		if _, err := b.shop.RaiseBatch(magento.Batch{Invoices: 25, Seed: &seed}); err != nil {
			t.Fatal(err)
		}
		lists[n] = b.shop.Invoices()
	}
	if diff := cmp.Diff(lists[0], lists[1]); diff != "" {
		t.Error(diff)
	}
}

func TestPayingAnInvoice(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	putInvoice(t, b, 5, magento.StateOpen)
	if status, body := b.do(http.MethodPost, "/_sandbox/invoices/5/pay", "", nil); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	if rows := b.shop.Outbox(); len(rows) != 1 || rows[0].EventName != magento.EventInvoicePaid {
		t.Errorf("%+v", rows)
	}
	if _, body := b.get("/invoice/5"); !strings.Contains(body, `"state":"paid"`) || !strings.Contains(body, `"grand_total":"12.5"`) {
		t.Error(body)
	}
	if status, _ := b.do(http.MethodPost, "/_sandbox/invoices/5/pay", "", nil); status != http.StatusBadRequest {
		t.Errorf("paying twice: %d", status)
	}
}

func TestRefundingOverHTTP(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	if _, err := b.shop.Raise(1); err != nil {
		t.Fatal(err)
	}
	status, body := b.do(http.MethodPost, "/_sandbox/invoices/1/refund", "", map[string]any{"partial": true})
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	rows := b.shop.Outbox()
	if last := rows[len(rows)-1]; last.IdempotencyKey != "creditmemo.created:1" || !strings.Contains(last.Payload, `"payload":{"increment_id":"`) {
		t.Errorf("%+v", last)
	}
}

func TestIdentityNeverHoldsTheKey(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	_, body := b.do(http.MethodGet, "/_sandbox/identity", "", nil)
	if strings.Contains(body, apiKey) || !strings.Contains(body, tenantID) {
		t.Error(body)
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	enqueue(t, b, created(1))
	b.drain(t.Context())
	enqueue(t, b, created(2))
	b.callBack(synced())
	for path, want := range map[string]string{
		"/_sandbox/outbox?status=succeeded":   `{"counts":{"dead_lettered":0,"pending":1,"succeeded":1},"rows":[{"entity_id":1,`,
		"/_sandbox/outbox?limit=0":            `"rows":[]`,
		"/_sandbox/mirror?status=synced":      `{"counts":{"failed":0,"pending":2,"skipped":0,"synced":1},"rows":[{"entity_id":3,`,
		"/_sandbox/mirror?provider=freeagent": `{"counts":{"failed":0,"pending":0,"skipped":0,"synced":0},"rows":[]}`,
	} {
		if status, body := b.do(http.MethodGet, path, "", nil); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

func TestControlRefusals(t *testing.T) {
	t.Parallel()
	b := newBench(t, magento.Options{})
	for _, test := range []struct {
		method, path string
		body         any
		want         int
	}{
		{http.MethodPost, "/_sandbox/pairing-code?module=quickbooks", nil, 400},
		{http.MethodPost, "/_sandbox/raise", map[string]any{"invoices": 0}, 400},
		{http.MethodPost, "/_sandbox/faults", map[string]any{"kind": "418"}, 400},
		{http.MethodPost, "/_sandbox/events", map[string]any{"event": "invoice.created", "id": 0}, 400},
		{http.MethodPost, "/_sandbox/events", map[string]any{"event": "invoice.created", "id": 1}, 409},
		{http.MethodPost, "/_sandbox/disconnect", nil, 409},
		{http.MethodPut, "/_sandbox/documents/quote/1", map[string]any{}, 400},
		{http.MethodPut, "/_sandbox/documents/invoice/1", []int{}, 400},
		{http.MethodPost, "/_sandbox/outbox/cleanup?days=0", nil, 400},
		{http.MethodGet, "/_sandbox/nothing", nil, 404},
	} {
		if status, body := b.do(test.method, test.path, "", test.body); status != test.want {
			t.Errorf("%s %s: %d %s", test.method, test.path, status, body)
		}
	}
}

func TestManyCallersAtOnce(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{Drain: magento.Drain{Workers: 4}})
	var group sync.WaitGroup
	for n := range 8 {
		tokens := [2]string{b.token(nil), b.token(nil)}
		group.Go(func() {
			if _, err := b.shop.Raise(20); err != nil {
				t.Error(err)
			}
			b.shop.DrainOnce(t.Context())
			b.do(http.MethodGet, fmt.Sprintf("/rest/V1/byte8/invoice/%d", n+1), tokens[0], nil)
			state := synced()
			state["magento_entity_id"] = n + 1
			b.do(http.MethodPost, syncState, tokens[1], state)
			b.do(http.MethodGet, "/_sandbox/stats", "", nil)
		})
	}
	group.Wait()
	if got := len(b.shop.Invoices()); got != 160 {
		t.Errorf("%d invoices", got)
	}
	if got := b.shop.Stats().Callbacks["synced"]; got != 8 {
		t.Errorf("%d callbacks", got)
	}
}
