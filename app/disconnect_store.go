package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/ports"
)

// DisconnectStore ends a store's bindings at the shop's own request: the one
// for the provider named, or all of them. Runs, xrefs, chips and the sealed
// grant stay, so that pairing the shop again restores the same bindings. When
// no live binding is left the shop's keys end too. Repeating it changes nothing.
func (a *App) DisconnectStore(ctx context.Context, bearer, provider string) error {
	store, err := a.callingStore(ctx, bearer)
	if err != nil {
		return err
	}
	bindings, err := a.storeBindings(ctx, store)
	if err != nil {
		return err
	}
	p := access.Magento(store.TenantID, store.ID, store.BaseURL)
	live := 0
	for _, b := range bindings {
		if !b.Status.IsLive() {
			continue
		}
		if provider != "" && string(b.Provider) != provider {
			live++
			continue
		}
		if _, err := a.revokeBinding(ctx, p, b); err != nil {
			return err
		}
	}
	if live > 0 {
		return nil
	}
	return a.unpairStore(ctx, p, store)
}

// revokeBinding ends a binding: nothing of it is sent any more.
func (a *App) revokeBinding(ctx context.Context, p access.Principal, b binding.Binding) (binding.Binding, error) {
	now := a.Now()
	b.Status, b.RevokedAt = binding.StatusRevoked, &now
	b, err := a.Bindings.SaveBinding(ctx, b, now, a.entry(p, audit.BindingDisconnected, b.ID, nil))
	if err != nil {
		return b, fmt.Errorf("revoking the binding: %w", err)
	}
	return b, nil
}

// unpairStore ends the keys of a store that has no live binding left.
func (a *App) unpairStore(ctx context.Context, p access.Principal, store binding.Store) error {
	if err := a.Stores.RetireStoreKeys(ctx, store.TenantID, store.ID, a.entry(p, audit.StoreDisconnected, store.ID, nil)); err != nil {
		return fmt.Errorf("retiring the store's keys: %w", err)
	}
	return nil
}

// storeBindings lists a store's bindings; it has at most one a provider.
func (a *App) storeBindings(ctx context.Context, store binding.Store) ([]binding.Binding, error) {
	page, err := a.Bindings.ListBindings(ctx, store.TenantID, ports.BindingFilter{StoreID: store.ID}, ports.Page{First: 50})
	if err != nil {
		return nil, fmt.Errorf("listing the store's bindings: %w", err)
	}
	return page.Rows, nil
}

// callingStore is the store of a shop's token, which is burnt by it.
func (a *App) callingStore(ctx context.Context, bearer string) (binding.Store, error) {
	shop, err := a.authenticateShop(ctx, bearer)
	if err != nil {
		return binding.Store{}, err
	}
	if err := a.Intake.BurnToken(ctx, shop.token.Use); err != nil {
		return binding.Store{}, fmt.Errorf("remembering the token: %w", err)
	}
	return shop.store, nil
}
