package porttest

import (
	"testing"
	"time"

	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// Backlog checks an adapter of ports.Backlog. It counts all there is, so that
// each promise has a database of its own.
func Backlog(t *testing.T, open func(t *testing.T) Backend) {
	t.Helper()
	for _, p := range []promise{
		{"ReadBacklog/counts what waits, of all tenants", countsWaiting},
		{"ReadBacklog/looks at no more than the limit", countsUpToLimit},
		{"ReadBacklog/of an empty database is empty", countsNothing},
	} {
		keep(t, open, []promise{p})
	}
}

func (w *world) waiting(t *testing.T, limit int) ports.Waiting {
	t.Helper()
	return must(w.Backlog.ReadBacklog(t.Context(), limit))(t, "ReadBacklog")
}

func countsWaiting(t *testing.T, w *world) {
	other := w.stranger(t)
	dead := w.callback(t, func(c *syncrun.Callback) { c.TraceParent = sampleTrace })
	first := w.added(t, func(r *syncrun.Run) { r.TraceParent = sampleTrace })
	same(t, "TraceParent", first.TraceParent, sampleTrace)
	theirs := other.added(t, func(r *syncrun.Run) { r.CreatedAt = first.CreatedAt.Add(-time.Second) })
	got := w.waiting(t, 100)
	same(t, "Runs", got.Runs, []ports.WaitingRuns{{Provider: w.binding.Provider, Status: syncrun.StatusQueued, Count: 2}})
	if got.OldestRun == nil || !got.OldestRun.Equal(theirs.CreatedAt) {
		t.Errorf("the oldest run is of %v, want %v", got.OldestRun, theirs.CreatedAt)
	}
	same(t, "Callbacks", []int{got.Callbacks, got.DeadCallbacks}, []int{1, 0})

	claimed := must(w.Callbacks.ClaimCallbacks(t.Context(), w.tenant, w.store.ID, 1, dead.NextAttemptAt, dead.NextAttemptAt))(t, "ClaimCallbacks")
	same(t, "TraceParent", claimed[0].TraceParent, sampleTrace)
	claimed[0].Status = syncrun.CallbackDead
	need(t, "SaveCallback", w.Callbacks.SaveCallback(t.Context(), claimed[0]))
	got = w.waiting(t, 100)
	same(t, "Callbacks", []int{got.Callbacks, got.DeadCallbacks}, []int{0, 1})
}

func countsUpToLimit(t *testing.T, w *world) {
	for range 3 {
		w.added(t)
	}
	same(t, "Runs", w.waiting(t, 2).Runs, []ports.WaitingRuns{{Provider: w.binding.Provider, Status: syncrun.StatusQueued, Count: 2}})
}

func countsNothing(t *testing.T, w *world) {
	got := w.waiting(t, 100)
	if len(got.Runs) > 0 || got.OldestRun != nil || got.Callbacks+got.DeadCallbacks > 0 {
		t.Errorf("ReadBacklog = %+v", got)
	}
}

// sampleTrace is a W3C trace context.
const sampleTrace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
