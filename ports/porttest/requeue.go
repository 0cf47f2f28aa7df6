package porttest

import (
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
)

var requeuePromises = []promise{
	{"Requeue/makes an ended or held run due at once with its chip pending", requeuesRuns},
	{"Requeue/makes bulk work live", requeuesLive},
	{"Requeue/keeps the intent", requeueKeepsIntent},
	{"Requeue/an open run is a Conflict", requeuesNoOpenRun},
	{"Requeue/a run whose event has another open run is a Conflict", requeuesNoSecondRun},
	{"Requeue/waits while the binding is not active", requeuesWaitingRun},
	{"Requeue/a stranger's run is NotFound", requeuesNoForeignRun},
}

func requeuesRuns(t *testing.T, w *world) {
	for _, status := range []syncrun.Status{syncrun.StatusHeld, syncrun.StatusFailed, syncrun.StatusSkipped, syncrun.StatusSucceeded} {
		w.added(t)
		o := w.outcome(w.claimOne(t), status)
		o.Run.Attempts, o.Run.SkipReason, o.Run.ErrorCode, o.Run.Message = 4, syncrun.SkipZeroValueInvoice, fault.CodeTotalsDiffer, "why"
		w.record(t, o)
		later := w.now.Add(time.Minute)
		got := must(w.Runs.Requeue(t.Context(), w.tenant, o.Run.ID, 9, later))(t, "Requeue")
		want := o.Run
		want.Status, want.Attempts, want.SkipReason, want.ErrorCode, want.Message = syncrun.StatusQueued, 0, "", "", ""
		want.SettingsVersion, want.NextAttemptAt, want.FinishedAt = 9, later, nil
		same(t, "Requeue of a run that is "+string(status), got, want)
		same(t, "FindRun", w.find(t, o.Run.ID), want)
		same(t, "the chip", w.chip(t, o.Run.MagentoID), syncrun.StateOf(want, later))
		claimed := w.claim(t, later)
		same(t, "Claim", ids(claimed), []string{o.Run.ID})
		w.record(t, w.outcome(claimed[0], syncrun.StatusSucceeded))
	}
}

func requeuesLive(t *testing.T, w *world) {
	failed := w.finished(t, syncrun.StatusFailed, func(r *syncrun.Run) { r.Urgency = syncrun.Bulk })
	if got := must(w.Runs.Requeue(t.Context(), w.tenant, failed.ID, 1, w.now))(t, "Requeue").Urgency; got != syncrun.Live {
		t.Errorf("Requeue gave the urgency %d, want live", got)
	}
	if got := w.find(t, failed.ID).Urgency; got != syncrun.Live {
		t.Errorf("the stored urgency is %d, want live", got)
	}
}

func requeueKeepsIntent(t *testing.T, w *world) {
	w.added(t)
	o := w.full(w.claimOne(t))
	w.record(t, o)
	got := must(w.Runs.Requeue(t.Context(), w.tenant, o.Run.ID, 1, w.now))(t, "Requeue")
	same(t, "the intent", got.Intent, o.Run.Intent)
	same(t, "the stored intent", w.find(t, o.Run.ID).Intent, o.Run.Intent)
}

func requeuesNoOpenRun(t *testing.T, w *world) {
	run := w.added(t)
	_, err := w.Runs.Requeue(t.Context(), w.tenant, run.ID, 1, w.now)
	wantFault(t, "Requeue of a queued run", err, fault.CodeConflict)
	w.claimOne(t)
	_, err = w.Runs.Requeue(t.Context(), w.tenant, run.ID, 1, w.now)
	wantFault(t, "Requeue of a running run", err, fault.CodeConflict)
}

func requeuesNoSecondRun(t *testing.T, w *world) {
	failed := w.finished(t, syncrun.StatusFailed)
	w.accept(t, w.repeat(failed))
	_, err := w.Runs.Requeue(t.Context(), w.tenant, failed.ID, 1, w.now)
	wantFault(t, "Requeue beside an open run of the event", err, fault.CodeConflict)
	same(t, "FindRun", w.find(t, failed.ID), failed)
}

func requeuesWaitingRun(t *testing.T, w *world) {
	failed := w.finished(t, syncrun.StatusFailed)
	w.setBinding(t, binding.StatusUnlinked, w.now)
	if got := must(w.Runs.Requeue(t.Context(), w.tenant, failed.ID, 1, w.now))(t, "Requeue").Status; got != syncrun.StatusWaiting {
		t.Errorf("the run is %s, want waiting", got)
	}
}

func requeuesNoForeignRun(t *testing.T, w *world) {
	failed := w.finished(t, syncrun.StatusFailed)
	_, err := w.Runs.Requeue(t.Context(), w.stranger(t).tenant, failed.ID, 1, w.now)
	wantFault(t, "Requeue by a stranger", err, fault.CodeNotFound)
	same(t, "FindRun", w.find(t, failed.ID), failed)
}
