package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

// backfillBatch is how many callbacks one transaction makes.
const backfillBatch = 500

// BackfillSyncStates says which chips are told to a shop again.
type BackfillSyncStates struct {
	StoreID string
	// After is the Magento id to go on after; 0 starts with the first.
	After int64
	// Limit bounds the callbacks; 0 does not.
	Limit int
}

// BackfilledSyncStates is what a backfill did.
type BackfilledSyncStates struct {
	Callbacks int
	// Last is the Magento id to go on after; 0 when every chip was told.
	Last int64
}

// BackfillSyncStates makes a callback for the final chips of a store, so that a
// mirror that was lost or is behind is filled again. The callbacks go out as
// others do; repeating it is harmless. The chips of one Magento id stay
// together, so that there may be a few more than the limit.
func (a *App) BackfillSyncStates(ctx context.Context, p access.Principal, in BackfillSyncStates) (BackfilledSyncStates, error) {
	if err := p.Require(access.ScopeRunsRetry); err != nil {
		return BackfilledSyncStates{}, err
	}
	if in.After < 0 || in.Limit < 0 {
		return BackfilledSyncStates{}, invalidField("limit", "after and limit are not below 0.")
	}
	if p.BindingID != "" || (p.StoreID != "" && p.StoreID != in.StoreID) {
		return BackfilledSyncStates{}, fault.New(fault.CodeDenied, "This caller may not refresh a whole store.")
	}
	store, err := a.Stores.FindStore(ctx, p.TenantID, in.StoreID)
	if err != nil {
		return BackfilledSyncStates{}, fmt.Errorf("finding the store: %w", err)
	}
	done := BackfilledSyncStates{Last: in.After}
	newID := func() string { return a.NewID("cbk") }
	for in.Limit == 0 || done.Callbacks < in.Limit {
		batch := backfillBatch
		if in.Limit > 0 {
			batch = min(batch, in.Limit-done.Callbacks)
		}
		last, n, err := a.Callbacks.BackfillCallbacks(ctx, p.TenantID, store.ID, done.Last, batch, newID, a.Now())
		if err != nil {
			return done, fmt.Errorf("making callbacks: %w", err)
		}
		done.Callbacks, done.Last = done.Callbacks+n, last
		if last == 0 {
			break
		}
	}
	a.nudgeStore(ctx, p.TenantID, store.ID)
	return done, nil
}
