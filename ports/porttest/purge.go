package porttest

import (
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// Purge checks what adapters of ports.Runs and ports.Stores remove. A purge is for all tenants
// together, so that each promise needs a backend of its own.
func Purge(t *testing.T, open func(t *testing.T) Backend) {
	t.Helper()
	for _, p := range purgePromises {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.check(t, newWorld(t, open(t)))
		})
	}
}

var purgePromises = []promise{
	{"PurgeRuns/removes runs that ended before the time, with attempts and callbacks", purgesRuns},
	{"PurgeRuns/keeps runs that are open, held or failed, and later ones", purgesEndedOnly},
	{"PurgeRuns/keeps xrefs and chips", purgeKeepsXrefs},
	{"PurgeRuns/keeps callbacks that are pending or dead", purgeKeepsDuties},
	{"PurgeRuns/keeps runs of credit memos with an invoice", purgeKeepsRefunds},
	{"PurgeRuns/keeps to its limit, of all tenants", limitsPurge},
	{"PurgeRuns/removes failed runs where they are asked for", purgesFailed},
	{"PurgeRuns/keeps a failed run whose last write has an unknown outcome", purgeKeepsUncertain},
	{"PurgeRuns/keeps runs that may still be tried whatever is asked for", purgeKeepsOpen},
	{"PurgeRuns/narrows by its filter", narrowsPurge},
	{"PurgeUnpaired/removes what was never paired, and lets it be paired anew", purgesUnpaired},
	{"PurgeUnpaired/keeps what was paired, linked or tried since", purgeKeepsPaired},
}

// ended is everything that ended up to the world's present.
func (w *world) ended(statuses ...syncrun.Status) ports.PurgeFilter {
	return ports.PurgeFilter{EndedBefore: w.now.Add(time.Minute), Statuses: statuses}
}

// purge removes what ended up to the world's present, and returns what is left
// of the world's runs.
func (w *world) purge(t *testing.T) []string {
	t.Helper()
	for {
		n := must(w.Runs.PurgeRuns(t.Context(), w.ended(), 100))(t, "PurgeRuns")
		if n == 0 {
			break
		}
	}
	return ids(must(w.Runs.ListRuns(t.Context(), w.tenant, ports.RunFilter{}, ports.Page{First: 100}))(t, "ListRuns").Rows)
}

// ofInvoice is a full outcome of an invoice, which refunds nothing.
func (w *world) ofInvoice(claimed syncrun.Run) ports.Outcome {
	o := w.full(claimed)
	o.Run.ParentID = 0
	return o
}

// deliver ends the only callback that is due.
func (w *world) deliver(t *testing.T, status syncrun.CallbackStatus) syncrun.Callback {
	t.Helper()
	c := w.claimCallback(t, w.now)
	c.Status = status
	need(t, "SaveCallback", w.Callbacks.SaveCallback(t.Context(), c))
	return c
}

func purgesRuns(t *testing.T, w *world) {
	w.added(t)
	o := w.ofInvoice(w.claimOne(t))
	w.record(t, o)
	w.deliver(t, syncrun.CallbackDelivered)
	skipped := w.finished(t, syncrun.StatusSkipped)
	same(t, "the runs left", w.purge(t), []string{})
	for _, id := range []string{o.Run.ID, skipped.ID} {
		_, err := w.Runs.FindRun(t.Context(), w.tenant, id)
		wantFault(t, "FindRun of a removed run", err, fault.CodeNotFound)
	}
	same(t, "ListAttempts", must(w.Runs.ListAttempts(t.Context(), w.tenant, o.Run.ID))(t, "ListAttempts"), []syncrun.Attempt{})
	same(t, "CountCallbacks", must(w.Callbacks.CountCallbacks(t.Context(), w.tenant))(t, "CountCallbacks"), map[syncrun.CallbackStatus]int{})
}

func purgesEndedOnly(t *testing.T, w *world) {
	var want []string
	for _, status := range []syncrun.Status{syncrun.StatusFailed, syncrun.StatusHeld, syncrun.StatusWaiting} {
		want = append([]string{w.finished(t, status).ID}, want...)
	}
	w.claim(t, w.now.Add(time.Hour))
	later := w.added(t)
	o := w.outcome(w.claimOne(t), syncrun.StatusSucceeded)
	ended := w.now.Add(time.Minute)
	o.Run.FinishedAt = &ended
	w.record(t, o)
	want = append([]string{later.ID}, want...)
	same(t, "the runs left", w.purge(t), want)
}

func purgeKeepsXrefs(t *testing.T, w *world) {
	w.added(t)
	o := w.ofInvoice(w.claimOne(t))
	w.record(t, o)
	w.purge(t)
	same(t, "FindXrefs", w.xrefsOf(t, o.Xrefs[0].Key), map[string]syncrun.Xref{o.Xrefs[0].Key: o.Xrefs[0]})
	same(t, "the chip", w.chip(t, o.Run.MagentoID), *o.State)
	got := w.accept(t, w.repeat(o.Run))
	if got[0].IsNew || got[0].RunID != "" {
		t.Errorf("Accept of a document in the books gave %+v, want no run", got[0])
	}
}

func purgeKeepsDuties(t *testing.T, w *world) {
	w.callback(t)
	w.deliver(t, syncrun.CallbackDead)
	w.callback(t)
	same(t, "the runs left", w.purge(t), []string{})
	want := map[syncrun.CallbackStatus]int{syncrun.CallbackPending: 1, syncrun.CallbackDead: 1}
	same(t, "CountCallbacks", must(w.Callbacks.CountCallbacks(t.Context(), w.tenant))(t, "CountCallbacks"), want)
}

func limitsPurge(t *testing.T, w *world) {
	stranger := w.stranger(t)
	stranger.finished(t, syncrun.StatusSucceeded)
	for range 2 {
		w.finished(t, syncrun.StatusSucceeded)
	}
	for _, want := range []int{2, 1, 0} {
		if got := must(w.Runs.PurgeRuns(t.Context(), w.ended(), 2))(t, "PurgeRuns"); got != want {
			t.Errorf("PurgeRuns of 2 gave %d, want %d", got, want)
		}
	}
}

func purgeKeepsRefunds(t *testing.T, w *world) {
	w.added(t)
	o := w.full(w.claimOne(t))
	w.record(t, o)
	w.deliver(t, syncrun.CallbackDelivered)
	same(t, "the runs left", w.purge(t), []string{o.Run.ID})
}

func (w *world) purgeOf(t *testing.T, filter ports.PurgeFilter, want int) {
	t.Helper()
	if got := must(w.Runs.CountPurge(t.Context(), filter))(t, "CountPurge"); got != want {
		t.Errorf("CountPurge of %+v gave %d, want %d", filter, got, want)
	}
	if got := must(w.Runs.PurgeRuns(t.Context(), filter, 100))(t, "PurgeRuns"); got != want {
		t.Errorf("PurgeRuns of %+v gave %d, want %d", filter, got, want)
	}
}

func purgesFailed(t *testing.T, w *world) {
	w.finished(t, syncrun.StatusFailed)
	w.finished(t, syncrun.StatusSucceeded)
	w.purgeOf(t, w.ended(syncrun.StatusFailed), 1)
	w.purgeOf(t, w.ended(syncrun.StatusFailed), 0)
	w.purgeOf(t, w.ended(), 1)
}

func purgeKeepsUncertain(t *testing.T, w *world) {
	w.added(t)
	o := w.ofInvoice(w.claimOne(t))
	o.Run.Status, o.Run.Intent.SettledAt = syncrun.StatusFailed, nil
	w.record(t, o)
	w.purgeOf(t, w.ended(syncrun.StatusFailed), 0)
}

func purgeKeepsOpen(t *testing.T, w *world) {
	for _, status := range []syncrun.Status{syncrun.StatusHeld, syncrun.StatusWaiting, syncrun.StatusUncertain} {
		w.finished(t, status)
		w.purgeOf(t, w.ended(status), 0)
		w.claim(t, w.now.Add(time.Hour))
	}
	w.purgeOf(t, w.ended(syncrun.Statuses()...), 0)
}

func narrowsPurge(t *testing.T, w *world) {
	w.added(t)
	o := w.outcome(w.claimOne(t), syncrun.StatusFailed)
	o.Run.ErrorCode = fault.CodeNumberTaken
	w.record(t, o)
	for _, change := range []func(*ports.PurgeFilter){
		func(f *ports.PurgeFilter) { f.TenantID = w.stranger(t).tenant },
		func(f *ports.PurgeFilter) { f.Provider = binding.FreeAgent },
		func(f *ports.PurgeFilter) { f.BindingID = "other" },
		func(f *ports.PurgeFilter) { f.ErrorCode = fault.CodeDatabase },
		func(f *ports.PurgeFilter) { f.EndedBefore = w.now },
	} {
		filter := w.ended(syncrun.StatusFailed)
		change(&filter)
		w.purgeOf(t, filter, 0)
	}
	w.purgeOf(t, ports.PurgeFilter{
		TenantID: w.tenant, Provider: w.binding.Provider, BindingID: w.binding.ID, Statuses: []syncrun.Status{syncrun.StatusFailed},
		ErrorCode: fault.CodeNumberTaken, EndedBefore: w.now.Add(time.Minute),
	}, 1)
}
