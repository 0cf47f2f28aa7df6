package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/ports"
)

// ListJobs narrows a list of jobs; a zero field does not.
type ListJobs struct {
	Paging
	BindingID string
}

// ListJobs pages through the jobs the principal may see, newest first.
func (a *App) ListJobs(ctx context.Context, p access.Principal, in ListJobs) (ports.Paged[job.Job], error) {
	if err := p.Require(access.ScopeRunsRead); err != nil {
		return ports.Paged[job.Job]{}, err
	}
	page, err := in.page()
	if err != nil {
		return ports.Paged[job.Job]{}, err
	}
	if p.BindingID != "" {
		if in.BindingID != "" && in.BindingID != p.BindingID {
			return ports.Paged[job.Job]{}, nil
		}
		in.BindingID = p.BindingID
	}
	jobs, err := a.Jobs.ListJobs(ctx, p.TenantID, in.BindingID, page)
	if err != nil {
		return ports.Paged[job.Job]{}, fmt.Errorf("listing jobs: %w", err)
	}
	return jobs, nil
}
