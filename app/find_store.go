package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
)

// FindStore finds a store by id. A store beyond the principal is NotFound.
func (a *App) FindStore(ctx context.Context, p access.Principal, id string) (binding.Store, error) {
	if err := p.Require(access.ScopeSettingsRead); err != nil {
		return binding.Store{}, err
	}
	own, err := a.ownStore(ctx, p)
	if err != nil {
		return binding.Store{}, err
	}
	if own != "" && own != id {
		return binding.Store{}, fault.New(fault.CodeNotFound, "There is no such store.")
	}
	store, err := a.Stores.FindStore(ctx, p.TenantID, id)
	if err != nil {
		return binding.Store{}, fmt.Errorf("finding the store: %w", err)
	}
	return store, nil
}

// ownStore is the only store a bound principal may see; empty for others.
func (a *App) ownStore(ctx context.Context, p access.Principal) (string, error) {
	if p.BindingID == "" {
		return p.StoreID, nil
	}
	b, err := a.bindingOf(ctx, p, p.BindingID)
	if err != nil {
		return "", err
	}
	return b.StoreID, nil
}
