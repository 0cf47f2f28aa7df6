package app

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
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
	return a.purgeRuns(ctx, ports.PurgeFilter{EndedBefore: a.Now().Add(-life)}, limit)
}

// OldHistory says what of a tenant's history goes; zero fields do not narrow.
type OldHistory struct {
	Provider  binding.Provider
	BindingID string
	// Statuses are some of succeeded, skipped and failed; none stands for the
	// first two, so that no dead letter goes unasked.
	Statuses  []syncrun.Status
	ErrorCode fault.Code
	// Life is how long ago it ended at least.
	Life time.Duration
}

func (a *App) purgeFilter(p access.Principal, old OldHistory) (ports.PurgeFilter, error) {
	for _, status := range old.Statuses {
		if !status.IsTerminal() {
			return ports.PurgeFilter{}, invalidField("statuses", "Only runs that have ended can be removed: the others may still be tried.")
		}
	}
	f := ports.PurgeFilter{
		TenantID: p.TenantID, Provider: old.Provider, BindingID: old.BindingID, Statuses: old.Statuses, ErrorCode: old.ErrorCode,
		EndedBefore: a.Now().Add(-old.Life),
	}
	if p.BindingID != "" || p.StoreID != "" {
		return f, fault.New(fault.CodeDenied, "This caller is bound to one binding; history is removed by the operator.")
	}
	return f, nil
}

// CleanUp removes history of the principal's tenant as [App.PurgeHistory] does,
// up to the limit, and returns how many runs there were; a limit of 0 means all.
// A failed run whose last write has an unknown outcome stays: it is what a
// repeat would be checked against.
func (a *App) CleanUp(ctx context.Context, p access.Principal, old OldHistory, limit int) (int, error) {
	if err := p.RequireAdmin(); err != nil {
		return 0, err
	}
	filter, err := a.purgeFilter(p, old)
	if err != nil {
		return 0, err
	}
	return a.purgeRuns(ctx, filter, limit)
}

// CountHistory counts the runs that [App.CleanUp] would remove without a limit.
func (a *App) CountHistory(ctx context.Context, p access.Principal, old OldHistory) (int, error) {
	if err := p.Require(access.ScopeRunsRead); err != nil {
		return 0, err
	}
	filter, err := a.purgeFilter(p, old)
	if err != nil {
		return 0, err
	}
	n, err := a.Runs.CountPurge(ctx, filter)
	if err != nil {
		return 0, fmt.Errorf("counting old runs: %w", err)
	}
	return n, nil
}

// CleanUpCallbacks removes dead callbacks of the principal's tenant, oldest
// first and up to the limit, and returns how many there were; a limit of 0 means
// all. The shop is not told of those chips again unless they change, or a
// backfill tells every one.
func (a *App) CleanUpCallbacks(ctx context.Context, p access.Principal, which DeadCallbacks, limit int) (int, error) {
	if err := p.RequireAdmin(); err != nil {
		return 0, err
	}
	filter, some := which.filter(p)
	if !some {
		return 0, nil
	}
	return inBatches(limit, func(batch int) (int, error) {
		n, err := a.Callbacks.PurgeDead(ctx, p.TenantID, filter, batch)
		if err != nil {
			return n, fmt.Errorf("removing callbacks: %w", err)
		}
		return n, nil
	})
}

func (a *App) purgeRuns(ctx context.Context, filter ports.PurgeFilter, limit int) (int, error) {
	return inBatches(limit, func(batch int) (int, error) {
		n, err := a.Runs.PurgeRuns(ctx, filter, batch)
		if err != nil {
			return n, fmt.Errorf("removing old runs: %w", err)
		}
		return n, nil
	})
}

// inBatches removes until a batch is not full or the limit is reached, and
// returns how many were removed; a limit of 0 means all.
func inBatches(limit int, remove func(batch int) (int, error)) (int, error) {
	removed := 0
	for limit == 0 || removed < limit {
		batch := purgeBatch
		if limit > 0 {
			batch = min(batch, limit-removed)
		}
		n, err := remove(batch)
		removed += n
		if err != nil || n < batch {
			return removed, err
		}
	}
	return removed, nil
}
