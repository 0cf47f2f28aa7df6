package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

// RequeueCallbacks makes a tenant's dead callbacks due again, up to the limit,
// and returns how many there were. A callback whose chip has changed since is
// not told: the newer one was, or will be.
func (a *App) RequeueCallbacks(ctx context.Context, p access.Principal, which DeadCallbacks, limit int) (int, error) {
	if err := p.Require(access.ScopeRunsRetry); err != nil {
		return 0, err
	}
	if p.BindingID != "" || p.StoreID != "" {
		return 0, fault.New(fault.CodeDenied, "This caller is bound to one binding; callbacks are the whole account's.")
	}
	if limit < 1 {
		return 0, invalidField("limit", "The limit is at least 1.")
	}
	filter, _ := which.filter(p)
	n, err := a.Callbacks.RequeueCallbacks(ctx, p.TenantID, filter, limit, a.Now())
	if err != nil {
		return 0, fmt.Errorf("queueing callbacks again: %w", err)
	}
	if n == 0 {
		return 0, nil
	}
	stores, err := a.Stores.ListStores(ctx, p.TenantID)
	if err != nil {
		return n, fmt.Errorf("listing the stores: %w", err)
	}
	for _, store := range stores {
		a.nudgeStore(ctx, p.TenantID, store.ID)
	}
	return n, nil
}

// nudgeStore wakes a worker for a store's callbacks. A nudge that fails is only
// logged: the sweeper finds the work within a second.
func (a *App) nudgeStore(ctx context.Context, tenant access.TenantID, storeID string) {
	if err := a.Queue.NudgeStore(ctx, tenant, storeID); err != nil {
		a.Log.WarnContext(ctx, "nudge failed; the sweeper will find the work", "store_id", storeID, "error", err)
	}
}
