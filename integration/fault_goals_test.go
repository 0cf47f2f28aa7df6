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
	// retryGoal is a sweep, and some time on a busy machine.
	retryGoal = 1500 * time.Millisecond
)

// rounds is how often a goal is measured.
func rounds() int {
	if *faultsLong {
		return 10
	}
	return 1
}

// callsAtOnce is how many calls of an organisation are in flight at most.
const callsAtOnce = 4

// TestFaultSuiteRerun measures how long the work of killed workers lies before
// others take it up, when they are killed with as many calls in flight as there
// may be, so that nobody may call before theirs are given up.
func TestFaultSuiteRerun(t *testing.T) {
	t.Parallel()
	f := newFaultWorld(t, faultCase{}, faultForm(), 1)
	var took []time.Duration
	for range rounds() {
		workers := []*process{f.worker}
		for range callsAtOnce - 1 {
			workers = append(workers, f.launch(t, "worker"))
		}
		f.spoil(t, xero.Fault{Kind: xero.Slow, DelayMS: 25_000, Count: callsAtOnce})
		for inFlight := range callsAtOnce {
			if _, err := f.shop.Raise(1); err != nil {
				t.Fatal(err)
			}
			eventually(t, 30*time.Second, "another call is in flight", func() bool { return f.inFlight(t) > inFlight })
		}
		running := slices.DeleteFunc(f.runs(t), func(r apiRun) bool { return r.Status != "RUNNING" })
		killed := time.Now()
		for _, worker := range workers {
			worker.kill()
			f.kills++
		}
		f.startWorker(t)
		f.books.ClearFaults()
		f.settle(t, 3*time.Minute)
		for _, run := range f.runs(t) {
			if slices.ContainsFunc(running, func(r apiRun) bool { return r.Event == run.Event && r.MagentoID == run.MagentoID }) {
				took = append(took, f.nextAttempt(t, []apiRun{run}, killed))
			}
		}
	}
	slices.Sort(took)
	t.Logf("rerun after a kill with %d calls in flight, of %d runs: median %.1f s, longest %.1f s",
		callsAtOnce, len(took), took[len(took)/2].Seconds(), took[len(took)-1].Seconds())
	if longest := took[len(took)-1]; longest > rerunGoal {
		t.Errorf("a killed worker's run lay for %v, want at most %v", longest, rerunGoal)
	}
	f.audit(t)
}

// inFlight is how many of the organisation's calls are under way.
func (f *faultWorld) inFlight(t *testing.T) int {
	t.Helper()
	var answer struct {
		Binding struct{ CallBudget struct{ InFlight int } }
	}
	f.graphql(t, `query($id: ID!) { binding(id: $id) { callBudget { inFlight } } }`, map[string]any{"id": f.binding}, &answer)
	return answer.Binding.CallBudget.InFlight
}

// TestFaultSuiteRetries measures how long after its time a delayed retry begins.
// None may begin before.
func TestFaultSuiteRetries(t *testing.T) {
	t.Parallel()
	f := newFaultWorld(t, faultCase{}, faultForm(), 1)
	var late []time.Duration
	for range 2 * rounds() {
		f.spoilShop(t, magento.Fault{Kind: magento.Fault500, Path: "invoice", Count: 2})
		if _, err := f.shop.Raise(4); err != nil {
			t.Fatal(err)
		}
		due := map[place]time.Time{}
		eventually(t, 30*time.Second, "a run waits for its retry", func() bool {
			for _, run := range f.runs(t) {
				if len(run.Attempts) == 1 && run.Status != "RUNNING" && run.NextAttemptAt.After(time.Now()) {
					due[run.place()] = run.NextAttemptAt
				}
			}
			return len(due) > 0
		})
		f.settle(t, 2*time.Minute)
		f.shop.ClearFaults()
		for _, run := range f.runs(t) {
			if at, ok := due[run.place()]; ok && len(run.Attempts) > 1 {
				late = append(late, run.Attempts[1].StartedAt.Sub(at))
			}
		}
	}
	if len(late) == 0 {
		t.Fatal("no run was tried again")
	}
	slices.Sort(late)
	t.Logf("%d delayed retries: the earliest began %d ms after its time, median %d ms, the latest %d ms",
		len(late), late[0].Milliseconds(), late[len(late)/2].Milliseconds(), late[len(late)-1].Milliseconds())
	if late[0] < 0 {
		t.Errorf("a retry began %v before its time", -late[0])
	}
	if latest := late[len(late)-1]; latest > retryGoal {
		t.Errorf("a retry began %v after its time, want at most %v", latest, retryGoal)
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

// TestFaultSuiteRedisEmptied measures how long after Redis was emptied under load the
// work goes on.
func TestFaultSuiteRedisEmptied(t *testing.T) {
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
