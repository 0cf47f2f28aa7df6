package magento_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/sandbox/magento"
)

func putInvoice(t *testing.T, b *bench, id int, state string) {
	t.Helper()
	body := fmt.Sprintf(`{"magento_id":%d,"increment_id":"%09d","website_id":1,"store_id":2,"state":%q,"grand_total":"12.5"}`, id, id, state)
	if err := b.shop.PutDocument(magento.KindInvoice, id, json.RawMessage(body)); err != nil {
		t.Fatal(err)
	}
}

func created(id int) magento.Event {
	return magento.Event{Name: magento.EventInvoiceCreated, EntityID: id, WebsiteID: 1, StoreID: 1}
}

func enqueue(t *testing.T, b *bench, event magento.Event) bool {
	t.Helper()
	isNew, err := b.shop.Enqueue(event)
	if err != nil {
		t.Fatal(err)
	}
	return isNew
}

func TestEventsOnTheWire(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		dialect magento.Dialect
		suffix  string
	}{
		"public":   {magento.DialectPublic, ""},
		"provider": {magento.DialectProvider, "?provider=xero"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newPairedBench(t, magento.Options{Dialect: test.dialect})
			putInvoice(t, b, 42, magento.StateOpen)
			status, body := b.do(http.MethodPost, "/_sandbox/events", "", map[string]any{"event": "invoice.created", "id": 42})
			if status != http.StatusOK || strings.TrimSpace(body) != `{"enqueued":true}` {
				t.Fatalf("%d %s", status, body)
			}
			if n := b.drain(t.Context()); n != 1 {
				t.Fatalf("%d rows tried", n)
			}
			got := b.ledger.seen()[0]
			if !strings.HasPrefix(got.Authorization, "Bearer ey") {
				t.Errorf("Authorization %q", got.Authorization)
			}
			got.Authorization = ""
			want := call{
				URI: "/webhooks/magento/" + tenantID + "/invoice.created" + test.suffix,
				Key: "invoice.created:42", ContentType: "application/json",
				Body: `{"magento_entity_id":42,"website_id":1,"store_id":2,"occurred_at":"2026-05-01T12:00:00Z",` +
					`"payload":{"increment_id":"000000042","paid":false}}`,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDeliveredEventsSucceed(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	enqueue(t, b, created(1))
	b.drain(t.Context())
	row := b.shop.Outbox()[0]
	if row.Status != magento.OutboxSucceeded || row.Attempts != 1 || *row.LastStatusCode != 202 || row.LastError != nil {
		t.Errorf("%+v", row)
	}
	if n := b.drain(t.Context()); n != 0 {
		t.Errorf("%d rows tried again", n)
	}
}

func TestFirstKeyWins(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		dialect magento.Dialect
		want    int
	}{"one row for two modules": {magento.DialectPublic, 1}, "a row each": {magento.DialectProvider, 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newPairedBench(t, magento.Options{Dialect: test.dialect})
			b.pair(magento.ModuleSage)
			enqueue(t, b, created(1))
			b.drain(t.Context())
			if enqueue(t, b, created(1)) {
				t.Error("a second row was added")
			}
			if rows := b.shop.Outbox(); len(rows) != test.want {
				t.Errorf("%d rows", len(rows))
			}
			if rows := b.shop.Mirror(); len(rows) != 2 {
				t.Errorf("%d mirror rows", len(rows))
			}
		})
	}
}

func TestRejectedEventsDieAtOnce(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 409, 422, 429, 499} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			b := newPairedBench(t, magento.Options{})
			b.ledger.answer(status)
			enqueue(t, b, created(1))
			b.drain(t.Context())
			row := b.shop.Outbox()[0]
			want := fmt.Sprintf(`HTTP %d: {"sync_run_id":41}`, status)
			if row.Status != magento.OutboxDeadLettered || *row.LastStatusCode != status || *row.LastError != want {
				t.Errorf("%+v", row)
			}
			b.ledger.answer(http.StatusOK)
			if n := b.shop.RequeueDeadLetters(0); n != 1 {
				t.Errorf("%d requeued", n)
			}
			b.drain(t.Context())
			if row := b.shop.Outbox()[0]; row.Status != magento.OutboxSucceeded || row.Attempts != 1 {
				t.Errorf("requeued: %+v", row)
			}
		})
	}
}

func TestTransientFailuresClimbTheLadder(t *testing.T) {
	t.Parallel()
	for _, status := range []int{302, 500, 503} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			b := newPairedBench(t, magento.Options{Drain: magento.Drain{Minute: time.Second}})
			b.ledger.answer(status)
			enqueue(t, b, created(1))
			for attempt, wait := range []int{1, 5, 30, 120, 360, 720, 1440, 1440, 1440} {
				if n := b.drain(t.Context()); n != 1 {
					t.Fatalf("attempt %d: %d rows tried", attempt+1, n)
				}
				row := b.shop.Outbox()[0]
				if row.Status != magento.OutboxPending || row.LastStatusCode != nil {
					t.Fatalf("attempt %d: %+v", attempt+1, row)
				}
				b.clock.Advance(time.Duration(wait)*time.Second - time.Millisecond)
				if n := b.drain(t.Context()); n != 0 {
					t.Fatalf("attempt %d was followed too soon", attempt+1)
				}
				b.clock.Advance(time.Millisecond)
			}
			b.drain(t.Context())
			row := b.shop.Outbox()[0]
			if row.Status != magento.OutboxDeadLettered || row.Attempts != 10 || !strings.HasPrefix(*row.LastError, "transient_exhausted") {
				t.Errorf("%+v", row)
			}
			if n := len(b.ledger.seen()); n != 10 {
				t.Errorf("%d calls", n)
			}
		})
	}
}

func TestEveryPostHasItsOwnToken(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{Drain: magento.Drain{Minute: time.Second}})
	b.ledger.answer(http.StatusServiceUnavailable)
	enqueue(t, b, created(1))
	b.drain(t.Context())
	b.clock.Advance(time.Second)
	b.drain(t.Context())
	seen := b.ledger.seen()
	if len(seen) != 2 || seen[0].Authorization == seen[1].Authorization {
		t.Errorf("%d calls with one token", len(seen))
	}
}

func TestDrainWaitsForAConnection(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	enqueue(t, b, created(1))
	if _, err := b.shop.Disconnect(t.Context(), magento.ModuleXero); err != nil {
		t.Fatal(err)
	}
	if n := b.drain(t.Context()); n != 0 {
		t.Errorf("%d rows tried", n)
	}
	b.pair(magento.ModuleXero)
	b.drain(t.Context())
	if row := b.shop.Outbox()[0]; row.Status != magento.OutboxSucceeded {
		t.Errorf("%+v", row)
	}
}

func TestEventsOfOneInvoiceStayInOrder(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{Drain: magento.Drain{Workers: 8}})
	if _, err := b.shop.Raise(100); err != nil {
		t.Fatal(err)
	}
	for b.drain(t.Context()) > 0 {
		continue
	}
	first := map[string]bool{}
	for _, c := range b.ledger.seen() {
		event, id, _ := strings.Cut(c.Key, ":")
		if event == magento.EventInvoicePaid && !first[id] {
			t.Errorf("invoice %s is paid before it is created", id)
		}
		first[id] = true
	}
	if len(first) != 100 {
		t.Errorf("%d invoices announced", len(first))
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	enqueue(t, b, created(1))
	b.drain(t.Context())
	if id, err := b.shop.Publish(t.Context(), created(1)); err != nil || id != "41" {
		t.Errorf("a used key: %q %v", id, err)
	}
	b.ledger.answer(http.StatusUnprocessableEntity)
	if _, err := b.shop.Publish(t.Context(), created(2)); err == nil {
		t.Error("a rejection is no error")
	}
	b.ledger.answer(http.StatusServiceUnavailable)
	if id, err := b.shop.Publish(t.Context(), created(3)); err != nil || id != "" {
		t.Errorf("a transient failure: %q %v", id, err)
	}
	rows := b.shop.Outbox()
	if len(rows) != 2 || rows[1].IdempotencyKey != "invoice.created:3" {
		t.Errorf("%+v", rows)
	}
}

func TestCleanup(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{})
	enqueue(t, b, created(1))
	b.drain(t.Context())
	enqueue(t, b, created(2))
	b.clock.Advance(31 * 24 * time.Hour)
	if n := b.shop.Cleanup(30); n != 1 {
		t.Errorf("%d rows deleted", n)
	}
	if !enqueue(t, b, created(1)) || enqueue(t, b, created(2)) {
		t.Error("only the deleted row's key is free again")
	}
	b.drain(t.Context())
	for _, row := range b.shop.Outbox() {
		if row.Status != magento.OutboxSucceeded {
			t.Errorf("%+v", row)
		}
	}
}

func TestRunDeliversPacedInvoices(t *testing.T) {
	t.Parallel()
	b := newPairedBench(t, magento.Options{Drain: magento.Drain{Interval: time.Millisecond}})
	raised, err := b.shop.RaiseBatch(magento.Batch{Invoices: 3, PerSecond: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(raised.IDs) != 3 || len(b.shop.Invoices()) != 0 {
		t.Fatalf("%d promised, %d raised", len(raised.IDs), len(b.shop.Invoices()))
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.shop.Run(ctx) }()
	b.clock.Advance(3 * time.Second)
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !isDelivered(b.shop, 3) {
		select {
		case <-deadline:
			t.Fatalf("not delivered in time: %+v", b.shop.Outbox())
		case <-tick.C:
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func isDelivered(shop *magento.Server, invoices int) bool {
	for _, row := range shop.Outbox() {
		if row.Status != magento.OutboxSucceeded {
			return false
		}
	}
	return len(shop.Invoices()) == invoices
}
