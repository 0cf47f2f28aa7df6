package porttest

import (
	"fmt"
	"testing"
	"time"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

var recordPromises = []promise{
	{"RecordOutcomes/stores run, attempt, xrefs, chip and callback", recordsOutcome},
	{"RecordOutcomes/leaves out the chip and the callback when there are none", recordsOutcomeWithoutChip},
	{"RecordOutcomes/an old claim is a Conflict and changes nothing", recordsNoStaleOutcome},
	{"RecordOutcomes/an ended run is a Conflict", recordsNoSecondOutcome},
	{"RecordOutcomes/a colliding xref keeps that outcome out and no other", recordsNoCollision},
	{"RecordOutcomes/a callback supersedes pending ones of the chip", supersedesCallbacks},
	{"RecordOutcomes/a status that a run under way cannot have next is refused", recordsNoImpossibleStep},
	{"RecordOutcomes/a stranger's lease is a Conflict", recordsNoForeignOutcome},
	{"ListAttempts/lists a run's own, oldest first", listsAttempts},
}

// full is an outcome with everything in it.
func (w *world) full(run syncrun.Run) ports.Outcome {
	started, settled := w.now, w.now.Add(time.Second)
	run.StartedAt = &started
	intent := syncrun.NewIntent(run, "org-1", syncrun.OperationCreditNote, []byte(`{"number":"INV-1"}`), 2, w.now)
	intent.SettledAt = &settled
	run.Intent = &intent
	run.ParentID, run.Attempts, run.Lookups, run.SettingsVersion = 41, 3, 2, 5
	run.Message, run.ErrorCode = "All well", fault.CodeTotalsDiffer
	run.Trace = []syncrun.Step{{Rule: "number", Input: "000000042", Result: "INV-42"}}
	run.ProviderEntityID, run.ProviderReference, run.ProviderURL = "entity-"+run.ID, "INV-42", "https://books.example/42"
	run.MagentoTotals = &books.Totals{Net: money.Of("12345678901234.1005"), Tax: money.Of("0.10"), Gross: money.Of("12345678901234.2005")}
	run.ProviderTotals = &books.Totals{Net: money.Of("19.90"), Tax: money.Of("3.98"), Gross: money.Of("23.88")}
	run.Currency = "GBP"
	o := w.outcome(run, syncrun.StatusSucceeded)
	o.Attempt = &syncrun.Attempt{
		ID: w.id("attempt"), RunID: run.ID, TenantID: w.tenant, Number: run.Claims, StartedAt: w.now, FinishedAt: settled,
		Outcome: syncrun.StatusSucceeded, Message: "posted", Request: []byte(`{"a":1}`), Response: []byte(`{"b":2}`),
	}
	o.Xrefs = []syncrun.Xref{w.xref(func(x *syncrun.Xref) { x.Key, x.EntityID = fmt.Sprint(run.MagentoID), run.ProviderEntityID })}
	o.Callback = &syncrun.Callback{ID: w.id("callback"), State: *o.State, Status: syncrun.CallbackPending, NextAttemptAt: w.now, CreatedAt: w.now}
	return o
}

func (w *world) xrefsOf(t *testing.T, keys ...string) map[string]syncrun.Xref {
	t.Helper()
	return must(w.Runs.FindXrefs(t.Context(), w.scope(), syncrun.XrefInvoice, keys))(t, "FindXrefs")
}

func recordsOutcome(t *testing.T, w *world) {
	w.added(t)
	o := w.full(w.claimOne(t))
	w.record(t, o)
	same(t, "FindRun", w.find(t, o.Run.ID), o.Run)
	same(t, "ListAttempts", must(w.Runs.ListAttempts(t.Context(), w.tenant, o.Run.ID))(t, "ListAttempts"), []syncrun.Attempt{*o.Attempt})
	same(t, "FindXrefs", w.xrefsOf(t, o.Xrefs[0].Key), map[string]syncrun.Xref{o.Xrefs[0].Key: o.Xrefs[0]})
	same(t, "the chip", w.chip(t, o.Run.MagentoID), *o.State)
	callback := *o.Callback
	callback.Claims, callback.NextAttemptAt = 1, w.now.Add(leaseLife)
	same(t, "ClaimCallbacks", w.claimCallback(t, w.now), callback)
}

func recordsOutcomeWithoutChip(t *testing.T, w *world) {
	run := w.added(t)
	before := w.chip(t, run.MagentoID)
	o := w.outcome(w.claimOne(t), syncrun.StatusFailed)
	o.State = nil
	w.record(t, o)
	same(t, "the chip", w.chip(t, run.MagentoID), before)
	same(t, "CountCallbacks", must(w.Callbacks.CountCallbacks(t.Context(), w.tenant))(t, "CountCallbacks"), map[syncrun.CallbackStatus]int{})
}

// wantUntouched checks that a refused outcome left nothing behind.
func (w *world) wantUntouched(t *testing.T, o ports.Outcome, run syncrun.Run, chip syncrun.SyncState) {
	t.Helper()
	same(t, "FindRun", w.find(t, run.ID), run)
	same(t, "the chip", w.chip(t, run.MagentoID), chip)
	same(t, "ListAttempts", must(w.Runs.ListAttempts(t.Context(), w.tenant, run.ID))(t, "ListAttempts"), []syncrun.Attempt{})
	same(t, "FindXrefs", w.xrefsOf(t, o.Xrefs[len(o.Xrefs)-1].Key), map[string]syncrun.Xref{})
	same(t, "CountCallbacks", must(w.Callbacks.CountCallbacks(t.Context(), w.tenant))(t, "CountCallbacks"), map[syncrun.CallbackStatus]int{})
}

func recordsNoStaleOutcome(t *testing.T, w *world) {
	w.added(t)
	stale := w.full(w.claimOne(t))
	current := w.claim(t, w.now.Add(leaseLife))[0]
	chip := w.chip(t, current.MagentoID)
	wantFault(t, "RecordOutcomes with an old claim", w.Runs.RecordOutcomes(t.Context(), []ports.Outcome{stale})[0], fault.CodeConflict)
	w.wantUntouched(t, stale, current, chip)
	w.record(t, w.outcome(current, syncrun.StatusSucceeded))
}

func recordsNoSecondOutcome(t *testing.T, w *world) {
	w.added(t)
	o := w.outcome(w.claimOne(t), syncrun.StatusSucceeded)
	w.record(t, o)
	o.Run.Status = syncrun.StatusFailed
	wantFault(t, "RecordOutcomes again", w.Runs.RecordOutcomes(t.Context(), []ports.Outcome{o})[0], fault.CodeConflict)
	if got := w.find(t, o.Run.ID).Status; got != syncrun.StatusSucceeded {
		t.Errorf("the run is %s, want succeeded", got)
	}
}

func recordsNoCollision(t *testing.T, w *world) {
	need(t, "PutXref", w.Runs.PutXref(t.Context(), w.xref(func(x *syncrun.Xref) { x.Key, x.EntityID = "taken", "entity-taken" })))
	w.added(t)
	w.added(t)
	runs := w.claim(t, w.now)
	colliding, fine := w.full(runs[0]), w.full(runs[1])
	colliding.Xrefs = append(colliding.Xrefs, w.xref(func(x *syncrun.Xref) { x.Key, x.EntityID = "mine", "entity-taken" }))
	chip := w.chip(t, runs[0].MagentoID)
	errs := w.Runs.RecordOutcomes(t.Context(), []ports.Outcome{colliding, fine})
	if len(errs) != 2 {
		t.Fatalf("RecordOutcomes gave %d entries for 2 outcomes", len(errs))
	}
	wantFault(t, "RecordOutcomes with a collision", errs[0], fault.CodeXrefCollision)
	need(t, "RecordOutcomes beside a collision", errs[1])
	same(t, "FindRun", w.find(t, runs[0].ID), runs[0])
	same(t, "the chip", w.chip(t, runs[0].MagentoID), chip)
	same(t, "FindXrefs", w.xrefsOf(t, colliding.Xrefs[0].Key, "mine"), map[string]syncrun.Xref{})
	same(t, "ListAttempts", must(w.Runs.ListAttempts(t.Context(), w.tenant, runs[0].ID))(t, "ListAttempts"), []syncrun.Attempt{})
	if got := w.find(t, fine.Run.ID).Status; got != syncrun.StatusSucceeded {
		t.Errorf("the other run is %s, want succeeded", got)
	}
}

func supersedesCallbacks(t *testing.T, w *world) {
	first := w.callback(t)
	must(w.Runs.Requeue(t.Context(), w.tenant, first.State.RunID, 1, w.now))(t, "Requeue")
	o := w.full(w.claimOne(t))
	w.record(t, o)
	got := must(w.Callbacks.CountCallbacks(t.Context(), w.tenant))(t, "CountCallbacks")
	same(t, "CountCallbacks", got, map[syncrun.CallbackStatus]int{syncrun.CallbackSuperseded: 1, syncrun.CallbackPending: 1})
	if got := w.claimCallback(t, w.now); got.ID != o.Callback.ID {
		t.Errorf("ClaimCallbacks took %s, want the newer one, %s", got.ID, o.Callback.ID)
	}
}

func recordsNoForeignOutcome(t *testing.T, w *world) {
	w.added(t)
	run := w.claimOne(t)
	chip := w.chip(t, run.MagentoID)
	o := w.full(run)
	o.Lease.TenantID = w.stranger(t).tenant
	wantFault(t, "RecordOutcomes by a stranger", w.Runs.RecordOutcomes(t.Context(), []ports.Outcome{o})[0], fault.CodeConflict)
	w.wantUntouched(t, o, run, chip)
}

func listsAttempts(t *testing.T, w *world) {
	w.added(t)
	first := w.full(w.claimOne(t))
	first.Run.Status, first.Run.NextAttemptAt, first.Xrefs, first.Callback = syncrun.StatusWaiting, w.now, nil, nil
	w.record(t, first)
	second := w.full(w.claimOne(t))
	second.Attempt.StartedAt = w.now.Add(time.Minute)
	w.record(t, second)
	got := must(w.Runs.ListAttempts(t.Context(), w.tenant, first.Run.ID))(t, "ListAttempts")
	same(t, "ListAttempts", got, []syncrun.Attempt{*first.Attempt, *second.Attempt})
	got = must(w.Runs.ListAttempts(t.Context(), w.stranger(t).tenant, first.Run.ID))(t, "ListAttempts")
	same(t, "ListAttempts of a stranger", got, []syncrun.Attempt{})
}

func recordsNoImpossibleStep(t *testing.T, w *world) {
	w.added(t)
	claimed := w.claimOne(t)
	for _, status := range []syncrun.Status{syncrun.StatusQueued, "finished", ""} {
		o := w.outcome(claimed, status)
		wantFault(t, "RecordOutcomes", w.Runs.RecordOutcomes(t.Context(), []ports.Outcome{o})[0], fault.CodeInternal)
	}
	same(t, "FindRun", w.find(t, claimed.ID), claimed)
	w.record(t, w.outcome(claimed, syncrun.StatusSucceeded))
}
