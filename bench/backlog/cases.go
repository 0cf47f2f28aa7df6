package main

import (
	"context"
	"encoding/json"
	"fmt"

	"byte8.io/ledger/sandbox/magento"
)

// regulars is a shop whose customers all have accounts and pay at once.
func regulars() magento.Mix {
	mix := magento.DefaultMix()
	mix.Guest, mix.Free, mix.PaidOffline = 0, 0, 100
	return mix
}

// knownCase is a backlog of invoices and payments of customers who are contacts
// already. The contacts are a backlog of customers alone.
func knownCase(ctx context.Context, o options, t *table) error {
	w, err := newWorld(ctx, o, regulars(), func(shop *magento.Server) error {
		_, err := shop.Raise((o.known + 1) / 2)
		return err
	})
	if err != nil {
		return err
	}
	defer w.shut()
	if err := w.announce(ctx, w.eventsOf(magento.KindCustomer, magento.EventCustomerUpserted)); err != nil {
		return err
	}
	if err := w.measure(ctx, t, "customers alone, new"); err != nil {
		return err
	}
	var events []magento.Event
	for _, e := range w.eventsOf(magento.KindInvoice, magento.EventInvoiceCreated) {
		paid := e
		paid.Name = magento.EventInvoicePaid
		events = append(events, e, paid)
	}
	if err := w.announce(ctx, events); err != nil {
		return err
	}
	if err := rest(ctx); err != nil {
		return err
	}
	return w.measure(ctx, t, "invoices and payments, known customers")
}

// pureCase is backlogs of one kind, each after the one it depends on.
func pureCase(ctx context.Context, o options, t *table) error {
	w, err := newWorld(ctx, o, regulars(), func(shop *magento.Server) error {
		if _, err := shop.Raise(o.pure); err != nil {
			return err
		}
		for _, invoice := range shop.Invoices() {
			if _, err := shop.Refund(invoice.ID, false); err != nil {
				return err
			}
		}
		return stockProducts(shop, o.pure)
	})
	if err != nil {
		return err
	}
	defer w.shut()
	for _, c := range []struct {
		name  string
		kind  magento.Kind
		event string
	}{
		{"invoices alone, new customers", magento.KindInvoice, magento.EventInvoiceCreated},
		{"payments alone", magento.KindInvoice, magento.EventInvoicePaid},
		{"credit memos alone, refunded", magento.KindCreditMemo, magento.EventCreditMemoCreated},
		{"customers alone, known", magento.KindCustomer, magento.EventCustomerUpserted},
		{"products alone", magento.KindProduct, magento.EventProductUpserted},
	} {
		if err := w.announce(ctx, w.eventsOf(c.kind, c.event)); err != nil {
			return err
		}
		if err := w.measure(ctx, t, c.name); err != nil {
			return err
		}
	}
	return nil
}

// mixedCase is everything that happens in a shop, in the order it happens.
func mixedCase(ctx context.Context, o options, t *table) error {
	w, err := newWorld(ctx, o, magento.DefaultMix(), func(*magento.Server) error { return nil })
	if err != nil {
		return err
	}
	defer w.shut()
	for len(w.shop.Outbox()) < o.mixed {
		_, err := w.shop.RaiseBatch(magento.Batch{Invoices: 100, Everything: true})
		if err != nil {
			return fmt.Errorf("raising documents: %w", err)
		}
	}
	if err := w.accepted(ctx); err != nil {
		return err
	}
	if err := rest(ctx); err != nil {
		return err
	}
	return w.measure(ctx, t, "everything, as it happens")
}

func (w *world) measure(ctx context.Context, t *table, name string) error {
	m, err := w.workOff(ctx, name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	t.backlog(m)
	return nil
}

// eventsOf are events about every document of a kind.
func (w *world) eventsOf(kind magento.Kind, event string) []magento.Event {
	var out []magento.Event
	for _, d := range w.shop.Documents(kind) {
		if kind == magento.KindProduct && d.ID < firstProduct {
			continue
		}
		e := magento.Event{Name: event, EntityID: d.ID}
		if kind != magento.KindCustomer && kind != magento.KindProduct {
			e.Payload, _ = json.Marshal(map[string]string{"increment_id": d.IncrementID})
		}
		out = append(out, e)
	}
	return out
}

// firstProduct is the id of the first product that the benchmark adds to the
// shop's catalogue.
const firstProduct = 100_000

func stockProducts(shop *magento.Server, n int) error {
	for i := range n {
		id := firstProduct + i
		body, err := json.Marshal(map[string]any{
			"magento_id": id, "sku": fmt.Sprintf("BENCH-%d", id), "name": fmt.Sprintf("Bench product %d", id),
			"product_type": "simple", "price": 12.5, "manage_stock": true, "website_ids": []int{1},
		})
		if err != nil {
			return fmt.Errorf("encoding a product: %w", err)
		}
		if err := shop.PutDocument(magento.KindProduct, id, body); err != nil {
			return fmt.Errorf("adding a product: %w", err)
		}
	}
	return nil
}
