package main

import (
	"context"
	"fmt"
	"maps"
	"time"

	"byte8.io/ledger/sandbox/magento"
	"byte8.io/ledger/sandbox/xero"
)

// acceptWithin bounds how long the shop takes to deliver its events.
const acceptWithin = 5 * time.Minute

// window is how long Xero counts a call, with some room: a case starts with none
// counted.
const window = 62 * time.Second

// accepted waits until the ledger has every event of the shop.
func (w *world) accepted(ctx context.Context) error {
	return until(ctx, acceptWithin, "every event is accepted", func() (bool, error) {
		if w.shop.Stats().Scheduled > 0 {
			return false, nil
		}
		for _, row := range w.shop.Outbox() {
			if row.Status != magento.OutboxSucceeded {
				return false, nil
			}
		}
		return true, nil
	})
}

// announce has the shop tell of documents.
func (w *world) announce(ctx context.Context, events []magento.Event) error {
	for _, e := range events {
		if _, err := w.shop.Enqueue(e); err != nil {
			return fmt.Errorf("announcing %s %d: %w", e.Name, e.EntityID, err)
		}
	}
	return w.accepted(ctx)
}

// openRuns is how many runs have not ended.
func (w *world) openRuns(ctx context.Context) (int, error) {
	var n int
	err := w.db.GetContext(ctx, &n, `SELECT count(*) FROM sync_runs WHERE status IN ('queued', 'running', 'waiting', 'uncertain')`)
	return n, err
}

// ended are the runs that have ended, by event and status.
func (w *world) ended(ctx context.Context) (map[string]int, error) {
	var rows []struct {
		Event  string
		Status string
		N      int
	}
	err := w.db.SelectContext(ctx, &rows, `SELECT event, status, count(*) AS n FROM sync_runs GROUP BY event, status`)
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, r := range rows {
		out[r.Event+" "+r.Status] = r.N
	}
	return out, nil
}

// measured is what working off a backlog took.
type measured struct {
	name      string
	documents int
	took      time.Duration
	calls     map[string]int
	throttled int
	ended     map[string]int
	isCut     bool
}

func (m measured) total() int {
	n := 0
	for _, count := range m.calls {
		n += count
	}
	return n
}

// workOff starts a worker on the backlog that was accepted and waits until it is
// gone, or the bound is over.
func (w *world) workOff(ctx context.Context, name string) (measured, error) {
	documents, err := w.openRuns(ctx)
	if err != nil {
		return measured{}, err
	}
	endedBefore, err := w.ended(ctx)
	if err != nil {
		return measured{}, err
	}
	before, began := w.books.Stats(), time.Now()
	worker, err := w.ledger.serve(ctx, "worker")
	if err != nil {
		return measured{}, err
	}
	defer worker.stop()
	left := documents
	err = until(ctx, w.options.bound, "the backlog is worked off", func() (bool, error) {
		var err error
		left, err = w.openRuns(ctx)
		return left == 0 || time.Since(began) > w.options.bound-time.Second, err
	})
	if err != nil {
		return measured{}, err
	}
	took, after := time.Since(began), w.books.Stats()
	ended, err := w.ended(ctx)
	if err != nil {
		return measured{}, err
	}
	return measured{
		name: name, documents: documents - left, took: took, calls: since(apiCalls(before), apiCalls(after)),
		throttled: after.Throttled - before.Throttled, ended: since(endedBefore, ended), isCut: left > 0,
	}, nil
}

// apiCalls are the calls of the Accounting API by method and route.
func apiCalls(s xero.Stats) map[string]int {
	out := map[string]int{}
	for route, n := range s.Calls {
		if short, ok := apiRoute(route); ok {
			out[short] = n
		}
	}
	return out
}

func since(before, after map[string]int) map[string]int {
	out := maps.Clone(after)
	for key, n := range before {
		if out[key] -= n; out[key] == 0 {
			delete(out, key)
		}
	}
	return out
}

// rest waits until Xero counts no call any more.
func rest(ctx context.Context) error {
	timer := time.NewTimer(window)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
