package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/job"
)

// FindJob finds a job by id. A job beyond the principal is NotFound.
func (a *App) FindJob(ctx context.Context, p access.Principal, id string) (job.Job, error) {
	if err := p.Require(access.ScopeRunsRead); err != nil {
		return job.Job{}, err
	}
	return a.jobOf(ctx, p, id)
}

// jobOf finds a job the principal may see: one bound to a binding sees the jobs
// of that binding alone.
func (a *App) jobOf(ctx context.Context, p access.Principal, id string) (job.Job, error) {
	j, err := a.Jobs.FindJob(ctx, p.TenantID, id)
	if err != nil {
		return job.Job{}, fmt.Errorf("finding the job: %w", err)
	}
	if p.BindingID != "" && p.BindingID != j.BindingID {
		return job.Job{}, fault.New(fault.CodeNotFound, "There is no such job.")
	}
	return j, nil
}
