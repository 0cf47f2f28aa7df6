package integration_test

import (
	"strings"
	"testing"
	"time"

	"byte8.io/ledger/sandbox/magento"
)

// jobAnswer is a job as the API shows it.
type jobAnswer struct {
	ID, Status          string
	Total, Done, Missed int
}

func (w *world) job(t *testing.T, id string) jobAnswer {
	t.Helper()
	var answer struct{ Job jobAnswer }
	w.graphql(t, `query($id: ID!) { job(id: $id) { id status total done missed } }`, map[string]any{"id": id}, &answer)
	return answer.Job
}

// retryHeld starts a job that makes the binding's held runs due again.
func (w *world) retryHeld(t *testing.T) jobAnswer {
	t.Helper()
	var answer struct {
		RetryFailureGroup struct {
			Job        jobAnswer
			UserErrors []struct{ Code string }
		}
	}
	w.graphql(t, `mutation($id: ID!) { retryFailureGroup(input: {bindingId: $id, fingerprint: "held:period_locked"}) { job { id status total done missed } userErrors { code } } }`,
		map[string]any{"id": w.binding}, &answer)
	if len(answer.RetryFailureGroup.UserErrors) > 0 || answer.RetryFailureGroup.Job.ID == "" {
		t.Fatalf("retryFailureGroup: %+v", answer.RetryFailureGroup)
	}
	return answer.RetryFailureGroup.Job
}

// mutate runs a mutation on the world's binding.
func (w *world) mutate(t *testing.T, name string) {
	t.Helper()
	var answer map[string]struct{ UserErrors []struct{ Code string } }
	w.graphql(t, `mutation($id: ID!) { `+name+`(input: {bindingId: $id}) { userErrors { code } } }`, map[string]any{"id": w.binding}, &answer)
	if problems := answer[name].UserErrors; len(problems) > 0 {
		t.Fatalf("%s: %v", name, problems)
	}
}

// TestARetryJobSurvivesItsWorker kills the server in the middle of a job that
// retries more runs than may be open at once, and again while the rest follow. The
// period stays locked, so that every retry ends as a hold and each can be counted.
func TestARetryJobSurvivesItsWorker(t *testing.T) {
	t.Parallel()
	const invoices, window = 620, 500
	w := newWorld(t, servers(t), worldOptions{drain: magento.Drain{Interval: 20 * time.Millisecond, Workers: 6, Batch: 50}})
	if err := w.books.SetLockDates("", time.Now().AddDate(0, 0, 1), time.Time{}); err != nil {
		t.Fatal(err)
	}
	server := w.serve(t)
	w.connect(t)
	if _, err := w.shop.RaiseBatch(magento.Batch{Invoices: invoices}); err != nil {
		t.Fatal(err)
	}
	eventually(t, 2*time.Minute, "the invoices are held", func() bool {
		return len(w.shop.Invoices()) == invoices && w.settled() && w.pending(t) == 0
	})
	w.mutate(t, "pauseBinding")
	made := w.retryHeld(t)
	if made.Total < invoices {
		t.Fatalf("the job is of %d runs, want all %d", made.Total, invoices)
	}
	eventually(t, time.Minute, "as many runs are due as may be", func() bool { return w.job(t, made.ID).Done == window })
	server.kill()
	server = w.serve(t)
	if got := w.job(t, made.ID); got.Status != "RUNNING" || got.Done != window {
		t.Fatalf("after the first kill the job is %+v, want %d done", got, window)
	}
	w.mutate(t, "resumeBinding")
	eventually(t, time.Minute, "the job goes on", func() bool { return w.job(t, made.ID).Done > window })
	server.kill()
	w.serve(t)
	eventually(t, 2*time.Minute, "the job is done", func() bool { return w.job(t, made.ID).Status == "SUCCEEDED" })
	eventually(t, time.Minute, "no run is open", func() bool { return w.pending(t) == 0 })
	if got := w.job(t, made.ID); got.Done != made.Total || got.Total != made.Total {
		t.Errorf("the job counts %+v, want %d", got, made.Total)
	}
	if runs, twice := w.attemptsOfHeld(t); runs != made.Total || len(twice) > 0 {
		t.Errorf("%d runs are held, want %d; not tried twice: %s", runs, made.Total, strings.Join(twice, ", "))
	}
	if text := string(w.command(t, "jobs", "show", "--tenant", w.tenant, made.ID)); !strings.Contains(text, "succeeded") {
		t.Errorf("jobs show prints %s", text)
	}
}

// attemptsOfHeld counts the held runs and names those that were not tried exactly
// twice: when they came, and once by the job.
func (w *world) attemptsOfHeld(t *testing.T) (runs int, others []string) {
	t.Helper()
	after := ""
	for {
		var answer struct {
			SyncRuns struct {
				Nodes []struct {
					ID       string
					Attempts []struct{ Number int }
				}
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		w.graphql(t, `query($after: String) { syncRuns(first: 200, after: $after, filter: {status: [HELD]}) { nodes { id attempts { number } } pageInfo { hasNextPage endCursor } } }`,
			map[string]any{"after": after}, &answer)
		for _, run := range answer.SyncRuns.Nodes {
			runs++
			if len(run.Attempts) != 2 {
				others = append(others, run.ID)
			}
		}
		if !answer.SyncRuns.PageInfo.HasNextPage {
			return runs, others
		}
		after = answer.SyncRuns.PageInfo.EndCursor
	}
}
