package app

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// purgeBatch is how many runs one transaction removes.
const purgeBatch = 500

// PurgeHistory removes the succeeded and skipped runs of all tenants that ended
// longer ago than the given time, with their attempts, callbacks and events, up
// to the limit, and returns how many there were; a limit of 0 means all. Dead
// letters are kept for ever, and so are xrefs and chips: what is in the books
// stays known. It is for the server itself.
func (a *App) PurgeHistory(ctx context.Context, life time.Duration, limit int) (int, error) {
	endedBefore := a.Now().Add(-life)
	removed := 0
	for limit == 0 || removed < limit {
		batch := purgeBatch
		if limit > 0 {
			batch = min(batch, limit-removed)
		}
		n, err := a.Runs.PurgeRuns(ctx, endedBefore, batch)
		removed += n
		if err != nil {
			return removed, fmt.Errorf("removing old runs: %w", err)
		}
		if n < batch {
			break
		}
	}
	return removed, nil
}

// CountHistory counts the runs of the principal's tenant that [App.PurgeHistory]
// would remove.
func (a *App) CountHistory(ctx context.Context, p access.Principal, life time.Duration) (int, error) {
	if err := p.Require(access.ScopeRunsRead); err != nil {
		return 0, err
	}
	endedBefore := a.Now().Add(-life)
	filter := ports.RunFilter{
		BindingID: p.BindingID, Statuses: []syncrun.Status{syncrun.StatusSucceeded, syncrun.StatusSkipped}, CreatedTo: &endedBefore,
	}
	count := 0
	err := a.eachRun(ctx, p.TenantID, filter, func(run syncrun.Run) {
		if run.FinishedAt != nil && run.FinishedAt.Before(endedBefore) {
			count++
		}
	})
	return count, err
}
