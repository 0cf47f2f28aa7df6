package app

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/live"
)

// WatchJob watches a job move on and end. A job beyond the principal is NotFound.
func (a *App) WatchJob(ctx context.Context, p access.Principal, id string) (*Watch[job.Job], error) {
	if _, err := a.FindJob(ctx, p, id); err != nil {
		return nil, err
	}
	stream, err := a.subscribe(ctx, p.TenantID, func(c live.Change) bool { return c.Kind == live.KindJob && c.ID == id })
	if err != nil {
		return nil, err
	}
	var told progress
	return &Watch[job.Job]{stream: stream, read: func(ctx context.Context, _ []live.Change) ([]job.Job, error) {
		j, err := a.FindJob(ctx, p, id)
		if err != nil {
			return nil, err
		}
		now := progress{j.Status, j.Total, j.Done, j.Missed, j.Message}
		if now == told {
			return nil, nil
		}
		told = now
		return []job.Job{j}, nil
	}}, nil
}

// progress is what tells one state of a job from the next. A step that only
// waits changes none of it.
type progress struct {
	status              job.Status
	total, done, missed int
	message             string
}
