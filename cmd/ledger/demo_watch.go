package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/sandbox/magento"
	"byte8.io/ledger/sandbox/xero"
)

// raise has the shop raise invoices with all that happens around them, over
// some seconds, so that there is something to watch.
func (d *demo) raise(ctx context.Context, c demoCommand) error {
	perSecond := max(30, c.Invoices/10)
	wish := map[string]any{"invoices": c.Invoices, "seed": c.Seed, "perSecond": perSecond, "everything": true}
	return d.shop.post(ctx, "/_sandbox/raise", wish, nil)
}

// progress is how far the documents have come.
type progress struct {
	raised, read, posted, calledBack int
	// open counts what is still to happen or under way anywhere.
	open int
}

// watch shows progress until every event has ended and every callback was made.
func (d *demo) watch(ctx context.Context, out io.Writer) error {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	isTerminal := isTTY(out)
	var shown progress
	for {
		now, err := d.progress(ctx)
		if err != nil {
			return err
		}
		isDone := now.open == 0 && now.raised > 0
		if now != shown || isDone {
			line := fmt.Sprintf("  raised %d   read back %d   posted %d   called back %d", now.raised, now.read, now.posted, now.calledBack)
			switch {
			case isTerminal && !isDone:
				fmt.Fprintf(out, "\r%s ", line)
			case isTerminal:
				fmt.Fprintf(out, "\r%s \n", line)
			default:
				fmt.Fprintln(out, line)
			}
			shown = now
		}
		if isDone {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the documents are not through: %d still under way: %w", now.open, context.Cause(ctx))
		case <-tick.C:
		}
	}
}

// progress reads both fakes over their control API, and the ledger's store for
// what is still open. What is upstream is read first, so that nothing slips by
// from one place to the next.
func (d *demo) progress(ctx context.Context) (progress, error) {
	var p progress
	var shop magento.Stats
	if err := d.shop.get(ctx, "/_sandbox/stats", &shop); err != nil {
		return p, err
	}
	var outbox struct {
		Counts map[string]int `json:"counts"`
	}
	if err := d.shop.get(ctx, "/_sandbox/outbox?limit=0", &outbox); err != nil {
		return p, err
	}
	health, err := d.health(ctx)
	if err != nil {
		return p, err
	}
	callbacks, err := d.ledger.app.Callbacks.CountCallbacks(ctx, access.TenantID(d.tenant))
	if err != nil {
		return p, fmt.Errorf("counting callbacks: %w", err)
	}
	var mirror struct {
		Rows []magento.MirrorRow `json:"rows"`
	}
	if err := d.shop.get(ctx, "/_sandbox/mirror?provider=xero", &mirror); err != nil {
		return p, err
	}
	for _, row := range mirror.Rows {
		if row.SyncStatus != string(syncrun.ChipPending) {
			p.calledBack++
		}
	}
	var books xero.Stats
	if err := d.books().get(ctx, "/_sandbox/stats", &books); err != nil {
		return p, err
	}
	for _, count := range outbox.Counts {
		p.raised += count
	}
	p.read = shop.Reads
	p.posted = books.Invoices + books.CreditNotes + books.Payments + books.Items
	p.open = shop.Scheduled + outbox.Counts[magento.OutboxPending] + health + callbacks[syncrun.CallbackPending]
	return p, nil
}

// health is the number of open runs, as the API tells it.
func (d *demo) health(ctx context.Context) (int, error) {
	var answer struct {
		Bindings struct {
			Nodes []struct{ Health struct{ Pending int } }
		}
	}
	if err := d.api.graphql(ctx, `{ bindings(first: 10) { nodes { health { pending } } } }`, nil, &answer); err != nil {
		return 0, err
	}
	open := 0
	for _, b := range answer.Bindings.Nodes {
		open += b.Health.Pending
	}
	return open, nil
}

func isTTY(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
