package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"byte8.io/ledger/sandbox/magento"
)

const (
	// liveInvoices are raised one a second, with their payments.
	liveInvoices = 60
	liveWithin   = 3 * time.Minute
)

// liveCase times live work with no backlog and beside one of bulk work.
func liveCase(ctx context.Context, o options, t *table) error {
	w, err := newWorld(ctx, o, magento.DefaultMix(), func(shop *magento.Server) error {
		_, err := shop.Raise(o.bulk)
		return err
	})
	if err != nil {
		return err
	}
	defer w.shut()
	worker, err := w.ledger.serve(ctx, "worker")
	if err != nil {
		return err
	}
	times, err := w.timeLive(ctx)
	worker.stop()
	if err != nil {
		return err
	}
	t.live("no backlog", times)

	if err := w.announce(ctx, w.eventsOf(magento.KindInvoice, magento.EventInvoiceCreated)[:o.bulk]); err != nil {
		return err
	}
	// What an operator puts back into the queue is bulk work.
	if _, err := w.db.ExecContext(ctx, `UPDATE sync_runs SET urgency = 1 WHERE status = 'queued'`); err != nil {
		return fmt.Errorf("making the backlog bulk work: %w", err)
	}
	if worker, err = w.ledger.serve(ctx, "worker"); err != nil {
		return err
	}
	defer worker.stop()
	if times, err = w.timeLive(ctx); err != nil {
		return err
	}
	left, err := w.openRuns(ctx)
	if err != nil {
		return err
	}
	t.live(fmt.Sprintf("beside %d bulk documents, %d left at the end", o.bulk, left), times)
	return nil
}

// timeLive raises live invoices and returns, sorted, how long each took from the
// shop's outbox to the synced chip in the shop.
func (w *world) timeLive(ctx context.Context) ([]time.Duration, error) {
	raised, err := w.shop.RaiseBatch(magento.Batch{Invoices: liveInvoices, PerSecond: 1})
	if err != nil {
		return nil, fmt.Errorf("raising invoices: %w", err)
	}
	wanted := map[int64]bool{}
	for _, id := range raised.IDs {
		wanted[int64(id)] = true
	}
	seen := map[int64]time.Time{}
	err = until(ctx, liveWithin, "every live invoice is synced", func() (bool, error) {
		for _, row := range w.shop.Mirror() {
			_, isSeen := seen[row.MagentoID]
			if row.EntityType == "invoice" && wanted[row.MagentoID] && !isSeen && row.SyncStatus == magento.SyncSynced {
				seen[row.MagentoID] = time.Now()
			}
		}
		return len(seen) == len(wanted), nil
	})
	if err != nil {
		return nil, err
	}
	var times []time.Duration
	for _, row := range w.shop.Outbox() {
		if row.EventName != magento.EventInvoiceCreated {
			continue
		}
		if at, ok := seen[int64(idOf(row))]; ok {
			times = append(times, at.Sub(row.CreatedAt))
		}
	}
	slices.Sort(times)
	return times, nil
}

// idOf is the id in an event's key.
func idOf(row magento.OutboxRow) int {
	var id int
	_, _ = fmt.Sscanf(row.IdempotencyKey, row.EventName+":%d", &id)
	return id
}
