package apptest

import (
	"context"
	"slices"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

type jobs struct {
	ports.Jobs
	world *World
}

func (s jobs) CreateJob(_ context.Context, j job.Job, entries ...audit.Entry) (err error) {
	defer s.world.audited(&err, entries)
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	s.world.Jobs = append([]job.Job{j}, s.world.Jobs...)
	return nil
}

func (s jobs) find(tenant access.TenantID, id string) *job.Job {
	i := slices.IndexFunc(s.world.Jobs, func(j job.Job) bool { return j.TenantID == tenant && j.ID == id })
	if i < 0 {
		return nil
	}
	return &s.world.Jobs[i]
}

func (s jobs) FindJob(_ context.Context, tenant access.TenantID, id string) (job.Job, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if j := s.find(tenant, id); j != nil {
		return *j, nil
	}
	return job.Job{}, notFound("job")
}

func (s jobs) ListJobs(_ context.Context, tenant access.TenantID, bindingID string, page ports.Page) (ports.Paged[job.Job], error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	rows := where(s.world.Jobs, func(j job.Job) bool { return j.TenantID == tenant && fits(bindingID, j.BindingID) })
	return cut(rows, func(j job.Job) string { return j.ID }, page), nil
}

func (s jobs) ClaimJob(_ context.Context, tenant access.TenantID, id string, now, until time.Time) (job.Job, bool, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	j := s.find(tenant, id)
	if j == nil || !j.Status.IsOpen() || j.NextAttemptAt.After(now) {
		return job.Job{}, false, nil
	}
	j.Status, j.NextAttemptAt = job.StatusRunning, until
	j.Claims++
	return *j, true, nil
}

func (s jobs) ExtendJob(context.Context, job.Job, time.Time) error { return nil }

func (s jobs) SaveJob(_ context.Context, saved job.Job) error {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	j := s.find(saved.TenantID, saved.ID)
	if j == nil || j.Status != job.StatusRunning || j.Claims != saved.Claims {
		return fault.New(fault.CodeConflict, "The job has ended.")
	}
	*j = saved
	return nil
}

func (s jobs) CancelJob(_ context.Context, tenant access.TenantID, id string, now time.Time, entries ...audit.Entry) (_ job.Job, err error) {
	defer s.world.audited(&err, entries)
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	j := s.find(tenant, id)
	if j == nil {
		return job.Job{}, notFound("job")
	}
	if j.Status.IsOpen() {
		*j = j.Cancel(now)
	}
	return *j, nil
}

// RetryRuns needs no cursor: what it made due matches no more.
func (s jobs) RetryRuns(ctx context.Context, j job.Job, part ports.RetryPart, now time.Time, advance func(ports.Retried) job.Job) (job.Job, error) {
	if stored := s.find(j.TenantID, j.ID); stored.Status != job.StatusRunning || stored.Claims != j.Claims {
		return job.Job{}, fault.New(fault.CodeConflict, "The job has ended.")
	}
	versions := map[string]int{}
	for _, r := range s.world.Runs {
		versions[r.ID] = r.SettingsVersion
	}
	n, err := runs{world: s.world}.RequeueAll(ctx, j.TenantID, part.Filter, part.Limit, now)
	if err != nil {
		return job.Job{}, err
	}
	if part.KeepSettings {
		for i, r := range s.world.Runs {
			s.world.Runs[i].SettingsVersion = versions[r.ID]
		}
	}
	did := ports.Retried{Runs: n}
	if n == part.Limit {
		did.Cursor = "further"
	}
	saved := advance(did)
	return saved, s.SaveJob(ctx, saved)
}

func (s jobs) CountOpenBulk(_ context.Context, tenant access.TenantID, bindingID string, limit int) (int, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	open := where(s.world.Runs, func(r syncrun.Run) bool {
		return r.TenantID == tenant && r.BindingID == bindingID && r.Urgency == syncrun.Bulk && r.Status.IsOpen()
	})
	return min(len(open), limit), nil
}
