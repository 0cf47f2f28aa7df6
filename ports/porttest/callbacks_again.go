package porttest

import (
	"slices"
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// dead is a callback that became a dead letter.
func (w *world) dead(t *testing.T, change ...func(*syncrun.Callback)) syncrun.Callback {
	t.Helper()
	w.callback(t, change...)
	c := w.claimCallback(t, w.now)
	c.Status, c.Attempts, c.Message = syncrun.CallbackDead, syncrun.MaxAttempts, "The shop does not answer."
	need(t, "SaveCallback", w.Callbacks.SaveCallback(t.Context(), c))
	return c
}

func (w *world) requeueCallbacks(t *testing.T, provider binding.Provider, limit int, want int) {
	t.Helper()
	got := must(w.Callbacks.RequeueCallbacks(t.Context(), w.tenant, ports.CallbackFilter{Provider: provider}, limit, w.now))(t, "RequeueCallbacks")
	if got != want {
		t.Errorf("RequeueCallbacks gave %d, want %d", got, want)
	}
}

func (w *world) wantCallbacks(t *testing.T, want map[syncrun.CallbackStatus]int) {
	t.Helper()
	same(t, "CountCallbacks", must(w.Callbacks.CountCallbacks(t.Context(), w.tenant))(t, "CountCallbacks"), want)
}

func requeuesCallbacks(t *testing.T, w *world) {
	newer := w.dead(t, func(c *syncrun.Callback) { c.CreatedAt = w.now.Add(time.Second) })
	older := w.dead(t)
	w.requeueCallbacks(t, "", 0, 0)
	for _, c := range []syncrun.Callback{older, newer} {
		w.requeueCallbacks(t, "", 1, 1)
		c.Status, c.Claims, c.Attempts, c.Message, c.NextAttemptAt = syncrun.CallbackPending, 2, 0, "", w.now.Add(leaseLife)
		same(t, "ClaimCallbacks", w.claimCallback(t, w.now), c)
	}
	w.requeueCallbacks(t, "", 10, 0)
}

func requeuesCallbacksOfProvider(t *testing.T, w *world) {
	w.dead(t)
	w.requeueCallbacks(t, binding.FreeAgent, 10, 0)
	w.requeueCallbacks(t, binding.Xero, 10, 1)
}

func requeuesNoOutdatedCallback(t *testing.T, w *world) {
	old := w.dead(t)
	later := w.now.Add(time.Minute)
	must(w.Runs.Requeue(t.Context(), w.tenant, old.State.RunID, 1, later))(t, "Requeue")
	w.requeueCallbacks(t, "", 10, 0)
	w.wantCallbacks(t, map[syncrun.CallbackStatus]int{syncrun.CallbackSuperseded: 1})
	same(t, "ClaimCallbacks", w.claimCallbacks(t, later), []syncrun.Callback{})
}

func requeuesNewestCallback(t *testing.T, w *world) {
	old := w.dead(t)
	w.backfill(t, 0, 10)
	c := w.claimCallback(t, w.now)
	w.requeueCallbacks(t, "", 10, 0)
	w.wantCallbacks(t, map[syncrun.CallbackStatus]int{syncrun.CallbackSuperseded: 1, syncrun.CallbackPending: 1})
	c.Status = syncrun.CallbackDead
	need(t, "SaveCallback", w.Callbacks.SaveCallback(t.Context(), c))
	w.requeueCallbacks(t, "", 10, 1)
	if got := w.claimCallback(t, w.now); got.ID != c.ID || got.ID == old.ID {
		t.Errorf("RequeueCallbacks took %s, want the newer one, %s", got.ID, c.ID)
	}
}

func requeuesNoForeignCallback(t *testing.T, w *world) {
	w.dead(t)
	w.stranger(t).requeueCallbacks(t, "", 10, 0)
	w.wantCallbacks(t, map[syncrun.CallbackStatus]int{syncrun.CallbackDead: 1})
}

func (w *world) backfill(t *testing.T, after int64, limit int) (int64, int) {
	t.Helper()
	last, n, err := w.Callbacks.BackfillCallbacks(t.Context(), w.tenant, w.store.ID, after, limit, func() string { return w.id("callback") }, w.now)
	if err != nil {
		t.Errorf("BackfillCallbacks: %v", err)
	}
	return last, n
}

func backfillsCallbacks(t *testing.T, w *world) {
	want := map[int64]syncrun.SyncState{}
	for _, status := range []syncrun.Status{syncrun.StatusSucceeded, syncrun.StatusSkipped, syncrun.StatusFailed, syncrun.StatusHeld} {
		run := w.finished(t, status)
		want[run.MagentoID] = w.chip(t, run.MagentoID)
	}
	w.added(t)
	w.claimOne(t)
	second := w.putStore(t, "https://second.example")
	of := w.putBinding(t, second, binding.Xero)
	w.added(t, func(r *syncrun.Run) { r.BindingID, r.StoreID = of.ID, second.ID })
	if last, n := w.backfill(t, 0, 10); last != 0 || n != len(want) {
		t.Errorf("BackfillCallbacks gave %d and %d, want 0 and %d", last, n, len(want))
	}
	got := map[int64]syncrun.SyncState{}
	for _, c := range w.claimCallbacks(t, w.now) {
		if c.Status != syncrun.CallbackPending || !c.CreatedAt.Equal(w.now) {
			t.Errorf("the callback is %s since %s", c.Status, c.CreatedAt)
		}
		got[c.State.MagentoID] = c.State
	}
	same(t, "the callbacks", got, want)
}

func backfillsInPages(t *testing.T, w *world) {
	var want []int64
	for range 3 {
		run := w.finished(t, syncrun.StatusSucceeded)
		w.finished(t, syncrun.StatusSucceeded, func(r *syncrun.Run) {
			r.MagentoID, r.Event, r.EntityType = run.MagentoID, commerce.EventCustomerUpserted, commerce.EntityCustomer
		})
		want = append(want, run.MagentoID, run.MagentoID)
	}
	for _, limit := range []int{1, 2, 3, 4, 5, 6, 7} {
		var after int64
		var got []int64
		for range 10 {
			last, n := w.backfill(t, after, limit)
			if n > max(limit, 2) {
				t.Errorf("BackfillCallbacks of %d made %d", limit, n)
			}
			for _, c := range w.claimCallbacks(t, w.now) {
				got = append(got, c.State.MagentoID)
			}
			if after = last; after == 0 {
				break
			}
		}
		slices.Sort(got)
		same(t, "the callbacks", got, want)
	}
}

func backfillSupersedes(t *testing.T, w *world) {
	w.callback(t)
	w.backfill(t, 0, 10)
	w.wantCallbacks(t, map[syncrun.CallbackStatus]int{syncrun.CallbackSuperseded: 1, syncrun.CallbackPending: 1})
}

func backfillsNoForeignChip(t *testing.T, w *world) {
	w.finished(t, syncrun.StatusSucceeded)
	stranger := w.stranger(t)
	stranger.store = w.store
	if last, n := stranger.backfill(t, 0, 10); last != 0 || n != 0 {
		t.Errorf("BackfillCallbacks by a stranger gave %d and %d", last, n)
	}
}

func backfillsBesideOutcomes(t *testing.T, w *world) {
	first := w.finished(t, syncrun.StatusSucceeded)
	for range 20 {
		w.added(t, sameDocument(first))
		o := w.full(w.claimOne(t))
		o.Xrefs = nil
		together(2, func(i int) {
			if i == 0 {
				w.backfill(t, 0, 10)
			} else if err := w.Runs.RecordOutcomes(t.Context(), []ports.Outcome{o})[0]; err != nil {
				t.Errorf("RecordOutcomes beside BackfillCallbacks: %v", err)
			}
		})
		if c := w.claimCallback(t, w.now); c.State.RunID != o.Run.ID {
			t.Errorf("the callback tells of run %s, want the newest, %s", c.State.RunID, o.Run.ID)
		}
	}
}

func countsForBackfill(t *testing.T, w *world) {
	for range 3 {
		w.finished(t, syncrun.StatusSucceeded)
	}
	w.added(t)
	chips := func(w *world, storeID string) int {
		return must(w.Callbacks.CountFinalChips(t.Context(), w.tenant, storeID))(t, "CountFinalChips")
	}
	pending := func(w *world, storeID string, limit int) int {
		return must(w.Callbacks.CountPendingCallbacks(t.Context(), w.tenant, storeID, limit))(t, "CountPendingCallbacks")
	}
	if n := chips(w, w.store.ID); n != 3 {
		t.Errorf("CountFinalChips gave %d, want 3", n)
	}
	w.backfill(t, 0, 10)
	if n, m := pending(w, w.store.ID, 10), pending(w, w.store.ID, 2); n != 3 || m != 2 {
		t.Errorf("CountPendingCallbacks gave %d, and %d up to 2; want 3 and 2", n, m)
	}
	s := w.stranger(t)
	if n, m := chips(s, w.store.ID), pending(s, w.store.ID, 10); n+m != 0 {
		t.Errorf("a stranger counts %d chips and %d callbacks", n, m)
	}
}
