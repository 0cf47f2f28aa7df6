package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/job"
)

// CancelJob ends a job. What it has done stays done, and the runs it made due go
// on. Cancelling twice is no mistake; a job that ended otherwise is a Conflict.
func (a *App) CancelJob(ctx context.Context, p access.Principal, id string) (job.Job, error) {
	if err := p.Require(access.ScopeRunsRetry); err != nil {
		return job.Job{}, err
	}
	if _, err := a.jobOf(ctx, p, id); err != nil {
		return job.Job{}, err
	}
	j, err := a.Jobs.CancelJob(ctx, p.TenantID, id, a.Now(), a.entry(p, audit.JobCancelled, id, nil))
	if err != nil {
		return job.Job{}, fmt.Errorf("ending the job: %w", err)
	}
	if j.Status != job.StatusCancelled {
		return job.Job{}, fault.Newf(fault.CodeConflict, "The job has ended already: it %s.", j.Status)
	}
	a.publishJob(ctx, j)
	return j, nil
}
