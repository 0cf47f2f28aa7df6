package porttest

import (
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

var stuckPromises = []promise{
	{"GroupStuck/groups held and failed runs by status and code, the largest first", groupsStuck},
	{"GroupStuck/leaves other runs out", groupsStuckOnly},
	{"GroupStuck/narrows by the filter", groupsStuckFiltered},
	{"GroupStuck/groups nothing of a stranger", groupsNothingForeign},
}

func (w *world) groupStuck(t *testing.T, filter ports.RunFilter) []ports.StuckGroup {
	t.Helper()
	return must(w.Runs.GroupStuck(t.Context(), w.tenant, filter))(t, "GroupStuck")
}

// stuck is a run that ended in the status for the code.
func (w *world) stuck(t *testing.T, status syncrun.Status, code fault.Code, change ...func(*syncrun.Run)) syncrun.Run {
	t.Helper()
	run := w.added(t, change...)
	for _, claimed := range w.claim(t, w.now) {
		if claimed.ID == run.ID {
			o := w.outcome(claimed, status)
			o.Run.ErrorCode = code
			w.record(t, o)
			return w.find(t, run.ID)
		}
	}
	t.Fatalf("Claim did not take %s", run.ID)
	return syncrun.Run{}
}

func groupOf(runs ...syncrun.Run) ports.StuckGroup {
	newest := runs[len(runs)-1]
	return ports.StuckGroup{
		Status: newest.Status, ErrorCode: newest.ErrorCode, Count: len(runs), OldestAt: runs[0].CreatedAt, NewestAt: newest.CreatedAt, SampleID: newest.ID,
	}
}

func groupsStuck(t *testing.T, w *world) {
	first := w.stuck(t, syncrun.StatusHeld, fault.CodePeriodLocked)
	failed := w.stuck(t, syncrun.StatusFailed, fault.CodePeriodLocked)
	taken := w.stuck(t, syncrun.StatusFailed, fault.CodeNumberTaken)
	// Of two that were made at once the later id is the newer.
	second := w.stuck(t, syncrun.StatusHeld, fault.CodePeriodLocked, func(r *syncrun.Run) { r.CreatedAt = w.now.Add(time.Hour) })
	third := w.stuck(t, syncrun.StatusHeld, fault.CodePeriodLocked, func(r *syncrun.Run) { r.CreatedAt = w.now.Add(time.Hour) })
	want := []ports.StuckGroup{groupOf(first, second, third), groupOf(taken), groupOf(failed)}
	same(t, "GroupStuck", w.groupStuck(t, ports.RunFilter{}), want)
	same(t, "GroupStuck of the binding", w.groupStuck(t, ports.RunFilter{BindingID: w.binding.ID}), want)
}

func groupsStuckOnly(t *testing.T, w *world) {
	for _, status := range []syncrun.Status{syncrun.StatusSucceeded, syncrun.StatusSkipped, syncrun.StatusWaiting, syncrun.StatusUncertain} {
		w.finished(t, status)
		w.claim(t, w.now.Add(time.Hour))
		same(t, "GroupStuck beside a run that is "+string(status), w.groupStuck(t, ports.RunFilter{}), []ports.StuckGroup{})
		got := w.groupStuck(t, ports.RunFilter{Statuses: []syncrun.Status{status}})
		same(t, "GroupStuck of runs that are "+string(status), got, []ports.StuckGroup{})
	}
}

func groupsStuckFiltered(t *testing.T, w *world) {
	held := w.stuck(t, syncrun.StatusHeld, fault.CodePeriodLocked)
	second := w.putStore(t, "https://second.example")
	of := w.putBinding(t, second, binding.Xero)
	failed := w.stuck(t, syncrun.StatusFailed, fault.CodeNumberTaken, func(r *syncrun.Run) {
		r.CreatedAt = w.now.Add(time.Hour)
		r.EntityType, r.Event = commerce.EntityCustomer, commerce.EventCustomerUpserted
	})
	from := w.now.Add(time.Hour)
	for _, filter := range []ports.RunFilter{
		{Statuses: []syncrun.Status{syncrun.StatusFailed}},
		{ErrorCode: fault.CodeNumberTaken},
		{EntityType: commerce.EntityCustomer, Provider: binding.Xero},
		{CreatedFrom: &from, BindingID: w.binding.ID},
	} {
		same(t, "GroupStuck", w.groupStuck(t, filter), []ports.StuckGroup{groupOf(failed)})
	}
	same(t, "GroupStuck of older ones", w.groupStuck(t, ports.RunFilter{CreatedTo: &from}), []ports.StuckGroup{groupOf(held)})
	same(t, "GroupStuck of another binding", w.groupStuck(t, ports.RunFilter{BindingID: of.ID}), []ports.StuckGroup{})
	same(t, "GroupStuck of another provider", w.groupStuck(t, ports.RunFilter{Provider: binding.FreeAgent}), []ports.StuckGroup{})
}

func groupsNothingForeign(t *testing.T, w *world) {
	w.stuck(t, syncrun.StatusHeld, fault.CodePeriodLocked)
	stranger := w.stranger(t)
	same(t, "GroupStuck by a stranger", stranger.groupStuck(t, ports.RunFilter{}), []ports.StuckGroup{})
	same(t, "GroupStuck by a stranger", stranger.groupStuck(t, ports.RunFilter{BindingID: w.binding.ID}), []ports.StuckGroup{})
}
