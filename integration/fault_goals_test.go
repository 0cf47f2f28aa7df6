//go:build faults

package integration_test

import (
	"slices"
	"testing"
	"time"

	"byte8.io/ledger/sandbox/magento"
	"byte8.io/ledger/sandbox/xero"
)

const (
	rerunGoal   = 15 * time.Second
	requeueGoal = 10 * time.Second
)

// rounds is how often a goal is measured.
func rounds() int {
	if *faultsLong {
		return 10
	}
	return 1
}

// TestFaultRerun measures how long the work of a killed worker lies before
// another one takes it up.
func TestFaultRerun(t *testing.T) {
	t.Parallel()
	f := newFaultWorld(t, faultCase{}, faultForm(), 1)
	var took []time.Duration
	for range rounds() {
		f.spoil(t, xero.Fault{Kind: xero.Slow, DelayMS: 20_000, Count: 1})
		if _, err := f.shop.Raise(1); err != nil {
			t.Fatal(err)
		}
		var running []apiRun
		eventually(t, 30*time.Second, "a run is in the hands of the worker", func() bool {
			running = slices.DeleteFunc(f.runs(t), func(r apiRun) bool { return r.Status != "RUNNING" })
			return len(running) > 0
		})
		killed := time.Now()
		f.killWorker(t)
		f.books.ClearFaults()
		f.settle(t, 3*time.Minute)
		for _, run := range f.runs(t) {
			if slices.ContainsFunc(running, func(r apiRun) bool { return r.Event == run.Event && r.MagentoID == run.MagentoID }) {
				took = append(took, f.nextAttempt(t, []apiRun{run}, killed))
			}
		}
	}
	slices.Sort(took)
	t.Logf("rerun after a kill, of %d runs: median %.1f s, longest %.1f s", len(took), took[len(took)/2].Seconds(), took[len(took)-1].Seconds())
	if longest := took[len(took)-1]; longest > rerunGoal {
		t.Errorf("a killed worker's run lay for %v, want at most %v", longest, rerunGoal)
	}
	f.audit(t)
}

// nextAttempt is how long after a moment the first attempt at any of the runs
// began.
func (f *faultWorld) nextAttempt(t *testing.T, runs []apiRun, after time.Time) time.Duration {
	t.Helper()
	var next time.Time
	for _, run := range runs {
		for _, a := range run.Attempts {
			if a.StartedAt.After(after) && (next.IsZero() || a.StartedAt.Before(next)) {
				next = a.StartedAt
			}
		}
	}
	if next.IsZero() {
		t.Fatal("there was no attempt afterwards")
	}
	return next.Sub(after)
}

// TestFaultRedisEmptied measures how long after Redis was emptied under load the
// work goes on.
func TestFaultRedisEmptied(t *testing.T) {
	t.Parallel()
	f := newFaultWorld(t, faultCase{ownServers: true}, faultForm(), 1)
	f.books.SetLimits(xero.Limits{Minute: 600})
	n := 20 * (rounds() + 2)
	f.raise(t, n, 10)
	var emptied []time.Time
	for range rounds() {
		time.Sleep(2 * time.Second)
		f.redis.empty(t)
		emptied = append(emptied, time.Now())
	}
	f.settle(t, 3*time.Minute)
	runs := f.runs(t)
	var longest time.Duration
	for _, at := range emptied {
		longest = max(longest, f.nextAttempt(t, runs, at))
	}
	t.Logf("Redis emptied %d times under load: the next work began after %.1f s at most", len(emptied), longest.Seconds())
	if longest > requeueGoal {
		t.Errorf("work stood still for %v, want at most %v", longest, requeueGoal)
	}
	f.audit(t)
}

// TestFaultBacklog measures how fast a backlog is worked off within Xero's own
// limits, and with how many calls.
func TestFaultBacklog(t *testing.T) {
	t.Parallel()
	invoices := 60
	if *faultsLong {
		invoices = *faultsBacklog
	}
	f := newFaultWorld(t, faultCase{}, faultForm(), 1)
	f.books.SetLimits(xero.Limits{})
	f.books.SetLatency(xero.Latency{Min: 50 * time.Millisecond, Max: 300 * time.Millisecond})
	f.worker.kill()
	if _, err := f.shop.Raise(invoices); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Minute, "every event is accepted", func() bool {
		return !slices.ContainsFunc(f.shop.Outbox(), func(row magento.OutboxRow) bool { return row.Status != magento.OutboxSucceeded })
	})
	before, began := f.books.Stats(), time.Now()
	f.startWorker(t)
	eventually(t, 30*time.Minute, "the backlog is worked off", func() bool {
		time.Sleep(200 * time.Millisecond)
		return f.pending(t) == 0
	})
	took, after := time.Since(began), f.books.Stats()
	f.settle(t, 5*time.Minute)
	v := f.audit(t)
	calls := after.APICalls - before.APICalls
	t.Logf("a backlog of %d invoices, %d documents: %.0f s, %d calls, %.3f calls a document, %.0f%% of 60 calls a minute, %d refused, %d in flight at most; calls: %v",
		invoices, v.documents, took.Seconds(), calls, float64(calls)/float64(v.documents), 100*float64(calls)/took.Minutes()/60,
		after.Throttled-before.Throttled, after.MaxInFlight, after.Calls)
	if refused := after.Throttled - before.Throttled; refused > 0 {
		t.Errorf("Xero refused %d calls", refused)
	}
}
