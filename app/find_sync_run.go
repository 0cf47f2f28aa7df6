package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
)

// FindSyncRun finds a run by id. A run beyond the principal is NotFound.
func (a *App) FindSyncRun(ctx context.Context, p access.Principal, id string) (syncrun.Run, error) {
	if err := p.Require(access.ScopeRunsRead); err != nil {
		return syncrun.Run{}, err
	}
	run, err := a.Runs.FindRun(ctx, p.TenantID, id)
	if err != nil {
		return syncrun.Run{}, fmt.Errorf("finding the run: %w", err)
	}
	if p.MayUseBinding(run.BindingID, run.StoreID) != nil {
		return syncrun.Run{}, fault.New(fault.CodeNotFound, "There is no such run.")
	}
	return run, nil
}

// FindSyncRuns finds runs by their ids at once, as a map from id. Those that do
// not exist or are beyond the principal are left out.
func (a *App) FindSyncRuns(ctx context.Context, p access.Principal, ids []string) (map[string]syncrun.Run, error) {
	if err := p.Require(access.ScopeRunsRead); err != nil {
		return nil, err
	}
	runs, err := a.Runs.FindRuns(ctx, p.TenantID, ids)
	if err != nil {
		return nil, fmt.Errorf("finding runs: %w", err)
	}
	found := make(map[string]syncrun.Run, len(runs))
	for _, run := range runs {
		if p.MayUseBinding(run.BindingID, run.StoreID) == nil {
			found[run.ID] = run
		}
	}
	return found, nil
}
