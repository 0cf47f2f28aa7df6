package app

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/live"
)

// WatchJobs narrows the jobs to watch; zero fields do not.
type WatchJobs struct {
	BindingID string
	JobID     string
}

// WatchJobs watches jobs begin, move on and end. A binding or job beyond the
// principal is NotFound, and one bound to a binding watches that binding's jobs.
func (a *App) WatchJobs(ctx context.Context, p access.Principal, in WatchJobs) (*Watch[job.Job], error) {
	if err := p.Require(access.ScopeRunsRead); err != nil {
		return nil, err
	}
	if in.BindingID != "" {
		if _, err := a.bindingOf(ctx, p, in.BindingID); err != nil {
			return nil, err
		}
	}
	if in.JobID != "" {
		if _, err := a.FindJob(ctx, p, in.JobID); err != nil {
			return nil, err
		}
	}
	stream, err := a.subscribe(ctx, p.TenantID, func(c live.Change) bool {
		return c.Kind == live.KindJob && (in.JobID == "" || c.ID == in.JobID) && (in.BindingID == "" || c.BindingID == in.BindingID) &&
			(p.BindingID == "" || c.BindingID == p.BindingID)
	})
	if err != nil {
		return nil, err
	}
	told := newTold()
	return &Watch[job.Job]{stream: stream, read: func(ctx context.Context, changes []live.Change) ([]job.Job, error) {
		var jobs []job.Job
		for _, c := range changes {
			j, err := a.FindJob(ctx, p, c.ID)
			if fault.IsKind(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if isNews(told, j.ID, progress{j.Status, j.Total, j.Done, j.Missed, j.Message}) {
				jobs = append(jobs, j)
			}
		}
		return jobs, nil
	}}, nil
}

// progress is what tells one state of a job from the next. A step that only
// waits changes none of it.
type progress struct {
	status              job.Status
	total, done, missed int
	message             string
}
