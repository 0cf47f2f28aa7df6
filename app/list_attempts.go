package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/syncrun"
)

// ListAttempts lists the tries of a run, oldest first.
func (a *App) ListAttempts(ctx context.Context, p access.Principal, run syncrun.Run) ([]syncrun.Attempt, error) {
	if err := p.Require(access.ScopeRunsRead); err != nil {
		return nil, err
	}
	if err := p.MayUseBinding(run.BindingID, run.StoreID); err != nil {
		return nil, err
	}
	attempts, err := a.Runs.ListAttempts(ctx, p.TenantID, run.ID)
	if err != nil {
		return nil, fmt.Errorf("listing the run's attempts: %w", err)
	}
	return attempts, nil
}
