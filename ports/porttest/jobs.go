package porttest

import (
	"sync/atomic"
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// Jobs checks an adapter of [ports.Jobs].
func Jobs(t *testing.T, open func(t *testing.T) Backend) {
	t.Helper()
	keep(t, open, append([]promise{
		{"CreateJob/FindJob finds what was stored", findsJob},
		{"FindJob/a stranger's job is NotFound", findsNoForeignJob},
		{"ListJobs/pages newest first, of a binding or of all", pagesJobs},
		{"ListDueJobs/lists what ClaimJob would take", listsDueJobs},
		{"ClaimJob/takes a due job under a lease, and again when that ends", claimsJob},
		{"ClaimJob/two at once take it once", claimsJobOnce},
		{"ClaimJob/takes no stranger's job", claimsNoForeignJob},
		{"ExtendJob/prolongs the lease", extendsJob},
		{"SaveJob/stores progress, and the end", savesJob},
		{"SaveJob/refuses who lost the job", fencesJob},
		{"CancelJob/ends an open job and no other", cancelsJob},
	}, jobRetryPromises...))
}

func (w *world) job(change ...func(*job.Job)) job.Job {
	j := job.Job{
		ID: w.id("job"), TenantID: w.tenant, Kind: job.Retry, Status: job.StatusQueued, BindingID: w.binding.ID,
		Input: []byte(`{"statuses":["failed"]}`), Cursor: []byte("null"), Total: 3, CreatedBy: "owner@shop.example",
		NextAttemptAt: w.now, CreatedAt: w.now.Add(time.Hour),
	}
	for _, c := range change {
		c(&j)
	}
	return j
}

func (w *world) newJob(t *testing.T, change ...func(*job.Job)) job.Job {
	t.Helper()
	j := w.job(change...)
	need(t, "CreateJob", w.Jobs.CreateJob(t.Context(), j))
	return j
}

func (w *world) findJob(t *testing.T, id string) job.Job {
	t.Helper()
	return must(w.Jobs.FindJob(t.Context(), w.tenant, id))(t, "FindJob")
}

// claimJob claims a job that is due.
func (w *world) claimJob(t *testing.T, id string, now time.Time) job.Job {
	t.Helper()
	j, ok, err := w.Jobs.ClaimJob(t.Context(), w.tenant, id, now, now.Add(leaseLife))
	need(t, "ClaimJob", err)
	if !ok {
		t.Fatalf("ClaimJob did not take %s", id)
	}
	return j
}

func findsJob(t *testing.T, w *world) {
	j := w.newJob(t, func(j *job.Job) {
		started, finished := w.now.Add(time.Second), w.now.Add(time.Minute)
		j.Status, j.Done, j.Missed, j.ErrorCode, j.Message = job.StatusFailed, 2, 1, fault.CodeMagentoUnreachable, "away"
		j.Attempts, j.Claims, j.StartedAt, j.FinishedAt = 3, 4, &started, &finished
	})
	same(t, "FindJob", w.findJob(t, j.ID), j)
}

func findsNoForeignJob(t *testing.T, w *world) {
	j := w.newJob(t)
	_, err := w.Jobs.FindJob(t.Context(), w.stranger(t).tenant, j.ID)
	wantFault(t, "FindJob by a stranger", err, fault.CodeNotFound)
	_, err = w.Jobs.CancelJob(t.Context(), w.stranger(t).tenant, j.ID, w.now)
	wantFault(t, "CancelJob by a stranger", err, fault.CodeNotFound)
	same(t, "the job", w.findJob(t, j.ID), j)
}

func pagesJobs(t *testing.T, w *world) {
	w.stranger(t).newJob(t)
	first, second := w.newJob(t), w.newJob(t, func(j *job.Job) { j.BindingID = "" })
	third := w.newJob(t, func(j *job.Job) { j.CreatedAt = w.now })
	for _, j := range []*job.Job{&first, &second, &third} {
		j.Input, j.Cursor = nil, nil
	}
	page := must(w.Jobs.ListJobs(t.Context(), w.tenant, "", ports.Page{First: 2}))(t, "ListJobs")
	same(t, "ListJobs", page.Rows, []job.Job{second, first})
	page = must(w.Jobs.ListJobs(t.Context(), w.tenant, "", ports.Page{First: 2, After: page.Cursors[1]}))(t, "ListJobs")
	same(t, "ListJobs", page.Rows, []job.Job{third})
	page = must(w.Jobs.ListJobs(t.Context(), w.tenant, w.binding.ID, ports.Page{First: 5}))(t, "ListJobs")
	same(t, "ListJobs of a binding", page.Rows, []job.Job{first, third})
	_, err := w.Jobs.ListJobs(t.Context(), w.tenant, "", ports.Page{First: 1, After: "not a cursor"})
	wantFault(t, "ListJobs", err, fault.CodeInvalid)
}

// isJobDue reports whether ListDueJobs lists a job.
func (w *world) isJobDue(t *testing.T, id string, now time.Time) bool {
	t.Helper()
	for _, d := range must(w.Jobs.ListDueJobs(t.Context(), now, 1000))(t, "ListDueJobs") {
		if d == (ports.DueJob{TenantID: w.tenant, JobID: id}) {
			return true
		}
	}
	return false
}

func listsDueJobs(t *testing.T, w *world) {
	j := w.newJob(t)
	if w.isJobDue(t, j.ID, w.now.Add(-time.Second)) || !w.isJobDue(t, j.ID, w.now) {
		t.Error("ListDueJobs does not go by the time")
	}
	claimed := w.claimJob(t, j.ID, w.now)
	if w.isJobDue(t, j.ID, w.now.Add(leaseLife-time.Second)) || !w.isJobDue(t, j.ID, w.now.Add(leaseLife)) {
		t.Error("ListDueJobs does not go by the lease")
	}
	need(t, "SaveJob", w.Jobs.SaveJob(t.Context(), claimed.Finish(w.now)))
	if w.isJobDue(t, j.ID, w.now.Add(time.Hour)) {
		t.Error("ListDueJobs lists a job that has ended")
	}
}

func claimsJob(t *testing.T, w *world) {
	j := w.newJob(t)
	if _, ok, err := w.Jobs.ClaimJob(t.Context(), w.tenant, j.ID, w.now.Add(-time.Second), w.now); ok || err != nil {
		t.Errorf("ClaimJob before its time: %v, %v", ok, err)
	}
	got := w.claimJob(t, j.ID, w.now)
	want := j
	want.Status, want.Claims, want.NextAttemptAt, want.StartedAt = job.StatusRunning, 1, w.now.Add(leaseLife), &w.now
	same(t, "ClaimJob", got, want)
	if _, ok, err := w.Jobs.ClaimJob(t.Context(), w.tenant, j.ID, w.now.Add(time.Second), w.now.Add(time.Hour)); ok || err != nil {
		t.Errorf("ClaimJob under another's lease: %v, %v", ok, err)
	}
	if got := w.claimJob(t, j.ID, w.now.Add(leaseLife)); got.Claims != 2 || !got.StartedAt.Equal(w.now) {
		t.Errorf("the second claim is number %d, started %s", got.Claims, got.StartedAt)
	}
}

func claimsJobOnce(t *testing.T, w *world) {
	j := w.newJob(t)
	var took atomic.Int32
	together(4, func(int) {
		_, ok, err := w.Jobs.ClaimJob(t.Context(), w.tenant, j.ID, w.now, w.now.Add(leaseLife))
		if err != nil {
			t.Errorf("ClaimJob: %v", err)
		}
		if ok {
			took.Add(1)
		}
	})
	if took.Load() != 1 {
		t.Errorf("%d workers took the job, want 1", took.Load())
	}
}

func claimsNoForeignJob(t *testing.T, w *world) {
	j := w.newJob(t)
	if _, ok, err := w.Jobs.ClaimJob(t.Context(), w.stranger(t).tenant, j.ID, w.now, w.now.Add(leaseLife)); ok || err != nil {
		t.Errorf("ClaimJob by a stranger: %v, %v", ok, err)
	}
}

func extendsJob(t *testing.T, w *world) {
	claimed := w.claimJob(t, w.newJob(t).ID, w.now)
	need(t, "ExtendJob", w.Jobs.ExtendJob(t.Context(), claimed, w.now.Add(time.Hour)))
	if _, ok, _ := w.Jobs.ClaimJob(t.Context(), w.tenant, claimed.ID, w.now.Add(leaseLife), w.now.Add(time.Hour)); ok {
		t.Error("the prolonged lease does not hold")
	}
}

func savesJob(t *testing.T, w *world) {
	claimed := w.claimJob(t, w.newJob(t).ID, w.now)
	saved := claimed.Advance(2, 1, []byte(`{"after":7}`), w.now)
	need(t, "SaveJob", w.Jobs.SaveJob(t.Context(), saved))
	same(t, "the job after a step", w.findJob(t, saved.ID), saved)
	again := w.claimJob(t, saved.ID, w.now)
	same(t, "the cursor", string(again.Cursor), `{"after":7}`)
	ended := again.Stumble(fault.New(fault.CodeNotFound, "gone\x00"), w.now)
	need(t, "SaveJob", w.Jobs.SaveJob(t.Context(), ended))
	ended.NextAttemptAt, ended.Message = time.Time{}, "gone"
	same(t, "the failed job", w.findJob(t, saved.ID), ended)
}

func fencesJob(t *testing.T, w *world) {
	first := w.claimJob(t, w.newJob(t).ID, w.now)
	second := w.claimJob(t, first.ID, w.now.Add(leaseLife))
	wantFault(t, "SaveJob by the first", w.Jobs.SaveJob(t.Context(), first.Advance(3, 0, nil, w.now)), fault.CodeConflict)
	wantFault(t, "ExtendJob by the first", w.Jobs.ExtendJob(t.Context(), first, w.now.Add(time.Hour)), fault.CodeConflict)
	same(t, "the job", w.findJob(t, first.ID), second)
}

func cancelsJob(t *testing.T, w *world) {
	claimed := w.claimJob(t, w.newJob(t).ID, w.now)
	got := must(w.Jobs.CancelJob(t.Context(), w.tenant, claimed.ID, w.now))(t, "CancelJob")
	want := claimed.Cancel(w.now)
	want.NextAttemptAt = time.Time{}
	same(t, "CancelJob", got, want)
	wantFault(t, "SaveJob after", w.Jobs.SaveJob(t.Context(), claimed.Advance(1, 0, nil, w.now)), fault.CodeConflict)
	wantFault(t, "ExtendJob after", w.Jobs.ExtendJob(t.Context(), claimed, w.now), fault.CodeConflict)
	same(t, "CancelJob again", must(w.Jobs.CancelJob(t.Context(), w.tenant, claimed.ID, w.now.Add(time.Hour)))(t, "CancelJob"), want)

	done := w.claimJob(t, w.newJob(t).ID, w.now).Finish(w.now)
	need(t, "SaveJob", w.Jobs.SaveJob(t.Context(), done))
	if got := must(w.Jobs.CancelJob(t.Context(), w.tenant, done.ID, w.now))(t, "CancelJob"); got.Status != job.StatusSucceeded {
		t.Errorf("CancelJob made a job that succeeded %s", got.Status)
	}
}

var jobRetryPromises = []promise{
	{"RetryRuns/makes runs due and stores the job at once, part by part", retriesRuns},
	{"RetryRuns/leaves out runs that ended later", retriesNothingNewer},
	{"RetryRuns/keeps each run's settings when asked", retriesWithOriginalSettings},
	{"RetryRuns/changes nothing for who lost the job", retriesNothingWhenLost},
	{"RetryRuns/touches no stranger's runs", retriesNothingForeign},
	{"CountOpenBulk/counts what a retry left open, up to the limit", countsOpenBulk},
}

// retry makes the next part of failed runs due and counts them.
func (w *world) retry(t *testing.T, j job.Job, part ports.RetryPart) (job.Job, ports.Retried, error) {
	t.Helper()
	var did ports.Retried
	saved, err := w.Jobs.RetryRuns(t.Context(), j, part, w.now, func(r ports.Retried) job.Job {
		did = r
		return j.Advance(r.Runs, 0, []byte(`"`+r.Cursor+`"`), w.now)
	})
	return saved, did, err
}

func retriesRuns(t *testing.T, w *world) {
	var want []string
	for range 3 {
		want = append(want, w.finished(t, syncrun.StatusFailed).ID)
	}
	j := w.newJob(t)
	part := ports.RetryPart{Filter: ports.RunFilter{BindingID: w.binding.ID}, Limit: 2}
	saved, did, err := w.retry(t, w.claimJob(t, j.ID, w.now), part)
	need(t, "RetryRuns", err)
	if did.Runs != 2 || did.Cursor == "" {
		t.Errorf("the first part: %+v, want 2 runs and a cursor", did)
	}
	same(t, "the job after the first part", w.findJob(t, j.ID), saved)
	claimed := w.claim(t, w.now)
	same(t, "Claim", ids(claimed), want[:2])
	for _, run := range claimed {
		w.record(t, w.outcome(run, syncrun.StatusFailed))
	}
	part.After = did.Cursor
	_, did, err = w.retry(t, w.claimJob(t, j.ID, w.now), part)
	need(t, "RetryRuns", err)
	same(t, "the second part leaves what failed again", ids(w.claim(t, w.now)), want[2:])
	part.After = did.Cursor
	_, did, err = w.retry(t, w.claimJob(t, j.ID, w.now), part)
	need(t, "RetryRuns", err)
	same(t, "the third part", did, ports.Retried{})
	if got := w.findJob(t, j.ID); got.Done != 3 {
		t.Errorf("the job counts %d, want 3", got.Done)
	}
}

func retriesNothingNewer(t *testing.T, w *world) {
	failed := w.finished(t, syncrun.StatusFailed)
	held := w.finished(t, syncrun.StatusHeld)
	part := ports.RetryPart{Limit: 5, EndedBefore: *failed.FinishedAt}
	_, did, err := w.retry(t, w.claimJob(t, w.newJob(t).ID, w.now), part)
	need(t, "RetryRuns", err)
	if did.Runs != 1 || w.find(t, held.ID).Status != syncrun.StatusQueued {
		t.Errorf("RetryRuns made %d runs due, want the one without an end", did.Runs)
	}
	part.EndedBefore = failed.FinishedAt.Add(time.Microsecond)
	_, did, err = w.retry(t, w.claimJob(t, w.newJob(t).ID, w.now), part)
	need(t, "RetryRuns", err)
	if did.Runs != 1 {
		t.Errorf("RetryRuns made %d runs due, want the one that ended before", did.Runs)
	}
}

func retriesWithOriginalSettings(t *testing.T, w *world) {
	kept, renewed := w.finished(t, syncrun.StatusFailed), w.finished(t, syncrun.StatusFailed)
	w.binding.SettingsVersion = 7
	w.setBinding(t, binding.StatusActive, w.now)
	for id, keeps := range map[string]bool{kept.ID: true, renewed.ID: false} {
		run := w.find(t, id)
		part := ports.RetryPart{Filter: ports.RunFilter{MagentoID: run.MagentoID}, Limit: 5, KeepSettings: keeps}
		_, did, err := w.retry(t, w.claimJob(t, w.newJob(t).ID, w.now), part)
		need(t, "RetryRuns", err)
		if did.Runs != 1 {
			t.Errorf("RetryRuns made %d runs due, want 1", did.Runs)
		}
	}
	if got := w.find(t, kept.ID); got.SettingsVersion != kept.SettingsVersion || got.Urgency != syncrun.Bulk {
		t.Errorf("the run has version %d and urgency %d, want its own version and bulk", got.SettingsVersion, got.Urgency)
	}
	if got, want := w.find(t, renewed.ID).SettingsVersion, must(w.Bindings.FindBinding(t.Context(), w.tenant, w.binding.ID))(t, "FindBinding").SettingsVersion; got != want {
		t.Errorf("the run has version %d, want the binding's %d", got, want)
	}
}

func retriesNothingWhenLost(t *testing.T, w *world) {
	failed := w.finished(t, syncrun.StatusFailed)
	part := ports.RetryPart{Limit: 5}
	lost := w.claimJob(t, w.newJob(t).ID, w.now)
	w.claimJob(t, lost.ID, w.now.Add(leaseLife))
	_, _, err := w.retry(t, lost, part)
	wantFault(t, "RetryRuns of a lost job", err, fault.CodeConflict)
	cancelled := w.claimJob(t, w.newJob(t).ID, w.now)
	must(w.Jobs.CancelJob(t.Context(), w.tenant, cancelled.ID, w.now))(t, "CancelJob")
	_, _, err = w.retry(t, cancelled, part)
	wantFault(t, "RetryRuns of a cancelled job", err, fault.CodeConflict)
	same(t, "the run", w.find(t, failed.ID), failed)
}

func retriesNothingForeign(t *testing.T, w *world) {
	failed := w.finished(t, syncrun.StatusFailed)
	s := w.stranger(t)
	_, did, err := s.retry(t, s.claimJob(t, s.newJob(t).ID, s.now), ports.RetryPart{Filter: ports.RunFilter{BindingID: w.binding.ID}, Limit: 5})
	need(t, "RetryRuns", err)
	same(t, "RetryRuns by a stranger", did, ports.Retried{})
	same(t, "the run", w.find(t, failed.ID), failed)
}

func countsOpenBulk(t *testing.T, w *world) {
	for range 3 {
		w.finished(t, syncrun.StatusFailed)
	}
	w.requeueAll(t, ports.RunFilter{}, 10)
	w.added(t)
	count := func(limit int) int {
		return must(w.Jobs.CountOpenBulk(t.Context(), w.tenant, w.binding.ID, limit))(t, "CountOpenBulk")
	}
	if count(10) != 3 || count(2) != 2 {
		t.Errorf("CountOpenBulk gave %d, and %d up to 2; want 3 and 2", count(10), count(2))
	}
	for _, run := range w.claim(t, w.now) {
		w.record(t, w.outcome(run, syncrun.StatusHeld))
	}
	if got := count(10); got != 0 {
		t.Errorf("CountOpenBulk of held runs gave %d, want 0", got)
	}
	if got := must(w.Jobs.CountOpenBulk(t.Context(), w.stranger(t).tenant, w.binding.ID, 10))(t, "CountOpenBulk"); got != 0 {
		t.Errorf("CountOpenBulk by a stranger gave %d", got)
	}
}
