package app

import (
	"context"
	"slices"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/live"
	"byte8.io/ledger/domain/syncrun"
)

// WatchSyncRuns narrows the runs to watch; zero fields do not.
type WatchSyncRuns struct {
	BindingID string
	RunID     string
}

// WatchSyncRuns watches runs change their status. A binding or run beyond the
// principal is NotFound.
func (a *App) WatchSyncRuns(ctx context.Context, p access.Principal, in WatchSyncRuns) (*Watch[syncrun.Run], error) {
	if err := p.Require(access.ScopeRunsRead); err != nil {
		return nil, err
	}
	if in.BindingID != "" {
		if _, err := a.bindingOf(ctx, p, in.BindingID); err != nil {
			return nil, err
		}
	}
	if in.RunID != "" {
		if _, err := a.FindSyncRun(ctx, p, in.RunID); err != nil {
			return nil, err
		}
	}
	stream, err := a.subscribe(ctx, p.TenantID, func(c live.Change) bool {
		if p.MayUseBinding(c.BindingID, c.StoreID) != nil || (in.BindingID != "" && c.BindingID != in.BindingID) {
			return false
		}
		return c.Kind == live.KindMany || (c.Kind == live.KindRun && (in.RunID == "" || c.ID == in.RunID))
	})
	if err != nil {
		return nil, err
	}
	told := newTold()
	return &Watch[syncrun.Run]{stream: stream, read: func(ctx context.Context, changes []live.Change) ([]syncrun.Run, error) {
		runs, err := a.changedRuns(ctx, p, changes)
		return slices.DeleteFunc(runs, func(r syncrun.Run) bool { return !isNews(told, r.ID, standingOf(r)) }), err
	}}, nil
}

// standing is what tells one status of a run from the next.
type standing struct {
	status        syncrun.Status
	claims        int
	nextAttemptAt int64
}

func standingOf(r syncrun.Run) standing {
	s := standing{status: r.Status, claims: r.Claims}
	if r.Status != syncrun.StatusRunning { // then it is the end of its lease
		s.nextAttemptAt = r.NextAttemptAt.UnixNano()
	}
	return s
}

func (a *App) changedRuns(ctx context.Context, p access.Principal, changes []live.Change) ([]syncrun.Run, error) {
	ids := make([]string, len(changes))
	for i, c := range changes {
		ids[i] = c.ID
	}
	found, err := a.FindSyncRuns(ctx, p, ids)
	if err != nil {
		return nil, err
	}
	runs := make([]syncrun.Run, 0, len(changes))
	for _, c := range changes {
		if run, ok := found[c.ID]; ok && c.Became(string(run.Status)) {
			runs = append(runs, run)
		}
	}
	return runs, nil
}
