package app

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

const (
	callbackBatch = 50
	// callbackLease is longer than a batch of callbacks may take.
	callbackLease = 60 * time.Second
	// shopConcurrency is how many calls one shop gets from us at once.
	shopConcurrency = 6
)

// SendCallbacks tells a shop of its chips, as far as they are due, and returns
// how many it took up. A callback that fails is tried again for about a day;
// its failure never touches its run.
func (a *App) SendCallbacks(ctx context.Context, tenant access.TenantID, storeID string) (int, error) {
	now := a.Now()
	due, err := a.Callbacks.ClaimCallbacks(ctx, tenant, storeID, callbackBatch, now, now.Add(callbackLease))
	if err != nil {
		return 0, fmt.Errorf("claiming callbacks: %w", err)
	}
	if len(due) == 0 {
		return 0, nil
	}
	shop, err := a.shopAccess(ctx, tenant, storeID)
	if err != nil {
		return 0, err
	}
	var sending errgroup.Group
	sending.SetLimit(shopConcurrency)
	for _, c := range due {
		sending.Go(func() error { return a.sendCallback(ctx, shop, c) })
	}
	if err := sending.Wait(); err != nil {
		return len(due), err
	}
	return len(due), nil
}

func (a *App) sendCallback(ctx context.Context, shop ports.ShopAccess, c syncrun.Callback) error {
	err := a.Shop.PutSyncState(ctx, shop, c.State)
	now := a.Now()
	switch {
	case err == nil:
		c.Status, c.DeliveredAt = syncrun.CallbackDelivered, &now
		c.ErrorCode, c.Message = "", ""
	case fault.Is(err, fault.CodeMagentoAuth):
		if err := a.Stores.SetStoreStatus(ctx, c.State.TenantID, c.State.StoreID, binding.StoreTokenRevoked, now); err != nil {
			return fmt.Errorf("marking the store's key as refused: %w", err)
		}
		c.NextAttemptAt = now
		c.ErrorCode, c.Message = fault.CodeOf(err), fault.Of(err).Message
	default:
		c.Attempts++
		c.ErrorCode, c.Message = fault.CodeOf(err), fault.Of(err).Message
		pause, again := syncrun.CallbackPause(c.ID, c.Attempts)
		if !again {
			c.Status = syncrun.CallbackDead
		}
		c.NextAttemptAt = now.Add(pause)
	}
	if err := a.Callbacks.SaveCallback(ctx, c); err != nil && !fault.IsKind(err, fault.Conflict) {
		return fmt.Errorf("storing the callback: %w", err)
	}
	return nil
}

// shopAccess is what calls to a store need.
func (a *App) shopAccess(ctx context.Context, tenant access.TenantID, storeID string) (ports.ShopAccess, error) {
	store, err := a.Stores.FindStore(ctx, tenant, storeID)
	if err != nil {
		return ports.ShopAccess{}, fmt.Errorf("finding the store: %w", err)
	}
	key, err := a.Stores.FindSigningKey(ctx, tenant, storeID)
	if err != nil {
		if fault.IsKind(err, fault.NotFound) {
			return ports.ShopAccess{}, fault.Wrap(fault.CodeMagentoAuth, "The shop is not paired any more.", err)
		}
		return ports.ShopAccess{}, fmt.Errorf("finding the store's key: %w", err)
	}
	return ports.ShopAccess{TenantID: tenant, BaseURL: store.BaseURL, Secret: key.Secret}, nil
}
