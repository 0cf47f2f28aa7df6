package app

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"byte8.io/ledger/app/failpoint"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

const (
	// shopConcurrency is how many calls one shop gets from us at once.
	shopConcurrency = 6
	// callbackLease is longer than one call to a shop takes. No more callbacks are
	// claimed than are sent at once, so that it covers all of them, and those of a
	// killed worker are sent soon.
	callbackLease = 13 * time.Second
)

// SendCallbacks tells a shop of its chips, as far as they are due, and returns
// how many it took up. A callback that fails is tried again for about a day;
// its failure never touches its run.
func (a *App) SendCallbacks(ctx context.Context, tenant access.TenantID, storeID string) (int, error) {
	now := a.Now()
	due, err := a.Callbacks.ClaimCallbacks(ctx, tenant, storeID, shopConcurrency, now, now.Add(callbackLease))
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
	for _, c := range due {
		sending.Go(func() error { return guarded(func() error { return a.sendCallback(ctx, shop, c) }) })
	}
	if err := sending.Wait(); err != nil {
		return len(due), err
	}
	return len(due), nil
}

func (a *App) sendCallback(ctx context.Context, shop ports.ShopAccess, c syncrun.Callback) error {
	ctx, end := a.followCallback(ctx, c)
	err := a.Shop.PutSyncState(ctx, shop, c.State)
	failpoint.Hit("callback.after")
	defer end(err)
	refused := false
	if fault.Is(err, fault.CodeMagentoAuth) {
		var asked error
		if refused, asked = a.keyRefused(ctx, shop, c.State.StoreID); asked != nil {
			return asked
		}
	}
	now := a.Now()
	switch {
	case err == nil:
		c.Status, c.DeliveredAt = syncrun.CallbackDelivered, &now
		c.ErrorCode, c.Message = "", ""
	case fault.Is(err, fault.CodeMagentoAuth) && refused:
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
	saved := a.Callbacks.SaveCallback(ctx, c)
	if fault.IsKind(saved, fault.Conflict) {
		saved = a.Callbacks.RearmCallback(ctx, c.State, now)
	}
	if saved != nil {
		return fmt.Errorf("storing the callback: %w", saved)
	}
	return nil
}

// keyRefused marks a store whose shop does not accept our key, and reports
// whether it did. A shop that was paired again since, or that accepts the key
// when asked once more, is left alone: then the refusal passes by itself.
func (a *App) keyRefused(ctx context.Context, used ports.ShopAccess, storeID string) (bool, error) {
	current, err := a.Stores.FindSigningKey(ctx, used.TenantID, storeID)
	if err != nil && !fault.IsKind(err, fault.NotFound) {
		return false, fmt.Errorf("finding the store's key: %w", err)
	}
	if err == nil && current.ID != used.KeyID {
		return false, nil
	}
	if err := a.Shop.Ping(ctx, used); !fault.Is(err, fault.CodeMagentoAuth) {
		return false, nil
	}
	if err := a.Stores.SetStoreStatus(ctx, used.TenantID, storeID, binding.StoreTokenRevoked, a.Now()); err != nil {
		return false, fmt.Errorf("marking the store's key as refused: %w", err)
	}
	return true, nil
}

// passing is a refusal of our key that does not stand, as a fault to be tried
// again soon.
func passing(err error) error {
	return fault.Wrap(fault.CodeMagentoRefused, "The shop refused our key once and accepts it now.", err)
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
	return ports.ShopAccess{TenantID: tenant, BaseURL: store.BaseURL, Secret: key.Secret, KeyID: key.ID}, nil
}
