package porttest

import (
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

var requeueAllPromises = []promise{
	{"RequeueAll/makes held and failed runs due at once as bulk work", requeuesAll},
	{"RequeueAll/leaves open, succeeded and skipped runs alone", requeuesStuckOnly},
	{"RequeueAll/takes skipped runs that are asked for", requeuesSkippedWhenNamed},
	{"RequeueAll/takes the binding's newest settings version", requeuesWithNewestSettings},
	{"RequeueAll/narrows by the filter", requeuesFiltered},
	{"RequeueAll/goes oldest first up to the limit", requeuesOldestFirst},
	{"RequeueAll/leaves a run whose event has another open run", requeuesNoTwin},
	{"RequeueAll/queues one of an event's dead runs at a time", requeuesOneOfTwins},
	{"RequeueAll/waits while the binding is not active", requeuesAllWaiting},
	{"RequeueAll/queues many", requeuesMany},
	{"RequeueAll/two at once count each run once", requeuesApart},
	{"RequeueAll/requeues nothing for a stranger", requeuesAllNothingForeign},
}

func (w *world) requeueAll(t *testing.T, filter ports.RunFilter, limit int) int {
	t.Helper()
	return must(w.Runs.RequeueAll(t.Context(), w.tenant, filter, limit, w.now))(t, "RequeueAll")
}

func requeuesAll(t *testing.T, w *world) {
	for _, status := range []syncrun.Status{syncrun.StatusHeld, syncrun.StatusFailed} {
		w.added(t)
		o := w.full(w.claimOne(t))
		o.Run.Status = status
		o.Run.Attempts, o.Run.SkipReason, o.Run.ErrorCode, o.Run.Message = 4, syncrun.SkipZeroValueInvoice, fault.CodeTotalsDiffer, "why"
		w.record(t, o)
		later := w.now.Add(time.Minute)
		if got := must(w.Runs.RequeueAll(t.Context(), w.tenant, ports.RunFilter{}, 10, later))(t, "RequeueAll"); got != 1 {
			t.Errorf("RequeueAll with a run that is %s gave %d, want 1", status, got)
		}
		want := o.Run
		want.Status, want.Urgency, want.Attempts, want.SkipReason, want.ErrorCode, want.Message = syncrun.StatusQueued, syncrun.Bulk, 0, "", "", ""
		want.SettingsVersion, want.NextAttemptAt, want.FinishedAt = 0, later, nil
		same(t, "a run that was "+string(status), w.find(t, o.Run.ID), want)
		same(t, "its chip", w.chip(t, o.Run.MagentoID), syncrun.StateOf(want, later))
		claimed := w.claim(t, later)
		same(t, "Claim", ids(claimed), []string{o.Run.ID})
		w.record(t, w.outcome(claimed[0], syncrun.StatusSucceeded))
	}
}

func requeuesStuckOnly(t *testing.T, w *world) {
	for _, status := range []syncrun.Status{syncrun.StatusSucceeded, syncrun.StatusSkipped, syncrun.StatusWaiting, syncrun.StatusUncertain, syncrun.StatusQueued} {
		var run syncrun.Run
		if status == syncrun.StatusQueued {
			run = w.added(t)
		} else {
			run = w.finished(t, status)
		}
		before := w.find(t, run.ID)
		if got := w.requeueAll(t, ports.RunFilter{}, 10); got != 0 {
			t.Errorf("RequeueAll with a run that is %s gave %d, want 0", status, got)
		}
		if status == syncrun.StatusSkipped {
			continue
		}
		if got := w.requeueAll(t, ports.RunFilter{Statuses: []syncrun.Status{status}}, 10); got != 0 {
			t.Errorf("RequeueAll of runs that are %s gave %d, want 0", status, got)
		}
		same(t, "FindRun", w.find(t, run.ID), before)
		w.claim(t, w.now.Add(time.Hour))
	}
}

func requeuesSkippedWhenNamed(t *testing.T, w *world) {
	skipped, failed := w.finished(t, syncrun.StatusSkipped), w.finished(t, syncrun.StatusFailed)
	if got := w.requeueAll(t, ports.RunFilter{Statuses: []syncrun.Status{syncrun.StatusSkipped}}, 10); got != 1 {
		t.Errorf("RequeueAll of skipped runs gave %d, want 1", got)
	}
	run := w.find(t, skipped.ID)
	same(t, "the skipped run", []any{run.Status, run.SkipReason}, []any{syncrun.StatusQueued, syncrun.SkipReason("")})
	same(t, "the failed run", w.find(t, failed.ID).Status, syncrun.StatusFailed)
}

func requeuesWithNewestSettings(t *testing.T, w *world) {
	failed := w.finished(t, syncrun.StatusFailed)
	for number := 1; number <= 2; number++ {
		need(t, "AddSettings", w.Bindings.AddSettings(t.Context(), settings.Version{
			TenantID: w.tenant, BindingID: w.binding.ID, Number: number, Author: "owner@shop.example", CreatedAt: w.now,
		}))
	}
	w.requeueAll(t, ports.RunFilter{}, 10)
	if got := w.find(t, failed.ID).SettingsVersion; got != 2 {
		t.Errorf("the run has settings version %d, want 2", got)
	}
}

func requeuesFiltered(t *testing.T, w *world) {
	with := func(code fault.Code, status syncrun.Status) syncrun.Run {
		run := w.added(t)
		o := w.outcome(w.claimOne(t), status)
		o.Run.ErrorCode = code
		w.record(t, o)
		return w.find(t, run.ID)
	}
	rate := with(fault.CodeTaxRateNotMapped, syncrun.StatusHeld)
	locked := with(fault.CodePeriodLocked, syncrun.StatusHeld)
	refused := with(fault.CodePeriodLocked, syncrun.StatusFailed)
	for name, filter := range map[string]ports.RunFilter{
		"a provider without runs": {Provider: binding.FreeAgent},
		"an unknown binding":      {BindingID: "binding_unknown"},
		"another code":            {ErrorCode: fault.CodeTotalsDiffer},
		"another document":        {MagentoID: refused.MagentoID, Statuses: []syncrun.Status{syncrun.StatusHeld}},
	} {
		if got := w.requeueAll(t, filter, 10); got != 0 {
			t.Errorf("RequeueAll with %s gave %d, want 0", name, got)
		}
	}
	filter := ports.RunFilter{BindingID: w.binding.ID, Provider: binding.Xero, ErrorCode: fault.CodePeriodLocked, Statuses: []syncrun.Status{syncrun.StatusHeld}}
	if got := w.requeueAll(t, filter, 10); got != 1 {
		t.Errorf("RequeueAll of held runs with a code gave %d, want 1", got)
	}
	same(t, "another code's run", w.find(t, rate.ID), rate)
	same(t, "another status's run", w.find(t, refused.ID), refused)
	same(t, "Claim", ids(w.claim(t, w.now)), []string{locked.ID})
}

func requeuesOldestFirst(t *testing.T, w *world) {
	var want []string
	for range 3 {
		want = append(want, w.finished(t, syncrun.StatusFailed).ID)
	}
	if got := w.requeueAll(t, ports.RunFilter{}, 0); got != 0 {
		t.Errorf("RequeueAll of none gave %d", got)
	}
	if got := w.requeueAll(t, ports.RunFilter{}, 2); got != 2 {
		t.Errorf("RequeueAll of 2 gave %d", got)
	}
	same(t, "Claim", ids(w.claim(t, w.now)), want[:2])
}

func requeuesNoTwin(t *testing.T, w *world) {
	failed := w.finished(t, syncrun.StatusFailed)
	open := w.repeat(failed)
	w.accept(t, open)
	if got := w.requeueAll(t, ports.RunFilter{}, 10); got != 0 {
		t.Errorf("RequeueAll beside an open run of the event gave %d, want 0", got)
	}
	same(t, "FindRun", w.find(t, failed.ID), failed)
	w.record(t, w.outcome(w.claimOne(t), syncrun.StatusHeld))
	if got := w.requeueAll(t, ports.RunFilter{}, 10); got != 1 {
		t.Errorf("RequeueAll beside a held run of the event gave %d, want 1: the held one", got)
	}
	same(t, "Claim", ids(w.claim(t, w.now)), []string{open.ID})
}

func requeuesOneOfTwins(t *testing.T, w *world) {
	first := w.finished(t, syncrun.StatusFailed)
	second := w.repeat(first)
	w.accept(t, second)
	w.record(t, w.outcome(w.claimOne(t), syncrun.StatusFailed))
	if got := w.requeueAll(t, ports.RunFilter{}, 10); got != 1 {
		t.Errorf("RequeueAll gave %d, want 1", got)
	}
	w.record(t, w.outcome(w.claimOne(t), syncrun.StatusSucceeded))
	if got := w.requeueAll(t, ports.RunFilter{}, 10); got != 1 {
		t.Errorf("RequeueAll after the first one ended gave %d, want 1", got)
	}
}

func requeuesAllWaiting(t *testing.T, w *world) {
	failed := w.finished(t, syncrun.StatusFailed)
	w.setBinding(t, binding.StatusUnlinked, w.now)
	w.requeueAll(t, ports.RunFilter{}, 10)
	if got := w.find(t, failed.ID).Status; got != syncrun.StatusWaiting {
		t.Errorf("the run is %s, want waiting", got)
	}
}

func requeuesMany(t *testing.T, w *world) {
	const total = 700
	w.fail(t, total)
	if got := w.requeueAll(t, ports.RunFilter{}, total); got != total {
		t.Errorf("RequeueAll gave %d, want %d", got, total)
	}
	if got := w.claim(t, w.now); len(got) != total {
		t.Errorf("Claim took %d runs, want %d", len(got), total)
	}
}

// fail leaves the world with n failed runs.
func (w *world) fail(t *testing.T, n int) {
	t.Helper()
	for made := 0; made < n; {
		runs := make([]syncrun.Run, min(100, n-made))
		for i := range runs {
			runs[i] = w.run()
		}
		w.accept(t, runs...)
		made += len(runs)
	}
	var outcomes []ports.Outcome
	for _, run := range w.claim(t, w.now) {
		outcomes = append(outcomes, w.outcome(run, syncrun.StatusFailed))
	}
	for _, err := range w.Runs.RecordOutcomes(t.Context(), outcomes) {
		need(t, "RecordOutcomes", err)
	}
}

func requeuesApart(t *testing.T, w *world) {
	const total = 60
	w.fail(t, total)
	var counts [3]int
	together(len(counts), func(i int) {
		n, err := w.Runs.RequeueAll(t.Context(), w.tenant, ports.RunFilter{}, total, w.now)
		if err != nil {
			t.Errorf("RequeueAll: %v", err)
		}
		counts[i] = n
	})
	counts[0] += w.requeueAll(t, ports.RunFilter{}, total)
	if sum := counts[0] + counts[1] + counts[2]; sum != total {
		t.Errorf("RequeueAll counted %d runs of %d", sum, total)
	}
}

func requeuesAllNothingForeign(t *testing.T, w *world) {
	failed := w.finished(t, syncrun.StatusFailed)
	if got := w.stranger(t).requeueAll(t, ports.RunFilter{BindingID: w.binding.ID}, 10); got != 0 {
		t.Errorf("RequeueAll by a stranger gave %d", got)
	}
	same(t, "FindRun", w.find(t, failed.ID), failed)
}
