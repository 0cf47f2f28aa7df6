package porttest

import (
	"strings"
	"testing"
	"time"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

var leasePromises = []promise{
	{"Extend/prolongs leases and names those that were lost", extendsLeases},
	{"Extend/of no leases is nothing", extendsNothing},
	{"RecordIntents/stores what is about to be sent", recordsIntents},
	{"RecordIntents/is a Conflict for all when one was claimed by another", recordsNoStaleIntents},
}

func extendsLeases(t *testing.T, w *world) {
	w.added(t)
	w.added(t)
	runs := w.claim(t, w.now)
	kept, lost := runs[0], runs[1]
	w.record(t, w.outcome(lost, syncrun.StatusSucceeded))
	stale := lease(kept)
	stale.Claims--
	foreign := lease(kept)
	foreign.TenantID = w.stranger(t).tenant
	until := w.now.Add(time.Minute)
	same(t, "Extend", must(w.Runs.Extend(t.Context(), []ports.Lease{lease(kept), lease(lost)}, until))(t, "Extend"), []string{lost.ID})
	same(t, "Extend with old claims", must(w.Runs.Extend(t.Context(), []ports.Lease{stale}, w.now))(t, "Extend"), []string{kept.ID})
	same(t, "Extend by a stranger", must(w.Runs.Extend(t.Context(), []ports.Lease{foreign}, w.now))(t, "Extend"), []string{kept.ID})
	same(t, "Claim before the new end", ids(w.claim(t, until.Add(-time.Microsecond))), []string{})
	same(t, "Claim at the new end", ids(w.claim(t, until)), []string{kept.ID})
}

func extendsNothing(t *testing.T, w *world) {
	same(t, "Extend", must(w.Runs.Extend(t.Context(), nil, w.now))(t, "Extend"), []string{})
}

func (w *world) intent(run syncrun.Run) ports.RunIntent {
	return ports.RunIntent{Lease: lease(run), Intent: syncrun.NewIntent(run, "org-1", "create", []byte(`{"number":"INV-1"}`), 1, w.now)}
}

func recordsIntents(t *testing.T, w *world) {
	w.added(t)
	run := w.claimOne(t)
	intent := w.intent(run)
	need(t, "RecordIntents", w.Runs.RecordIntents(t.Context(), []ports.RunIntent{intent}))
	run.Intent = &intent.Intent
	same(t, "FindRun", w.find(t, run.ID), run)
}

func recordsNoStaleIntents(t *testing.T, w *world) {
	w.added(t)
	lost := w.claimOne(t)
	w.added(t)
	later := w.now.Add(leaseLife)
	var kept syncrun.Run
	for _, r := range w.claim(t, later) {
		if r.ID != lost.ID {
			kept = r
		}
	}
	err := w.Runs.RecordIntents(t.Context(), []ports.RunIntent{w.intent(kept), w.intent(lost)})
	wantFault(t, "RecordIntents with a lost lease", err, fault.CodeConflict)
	if msg := fault.Of(err).Message; !strings.Contains(msg, lost.ID) {
		t.Errorf("the Conflict %q does not name %s", msg, lost.ID)
	}
	if got := w.find(t, kept.ID); got.Intent != nil {
		t.Error("the other run's intent was stored")
	}
}
