package app

import (
	"context"
	"fmt"
	"slices"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
)

// ListStores lists the stores the principal may see, oldest first.
func (a *App) ListStores(ctx context.Context, p access.Principal) ([]binding.Store, error) {
	if err := p.Require(access.ScopeSettingsRead); err != nil {
		return nil, err
	}
	own, err := a.ownStore(ctx, p)
	if err != nil {
		return nil, err
	}
	stores, err := a.Stores.ListStores(ctx, p.TenantID)
	if err != nil {
		return nil, fmt.Errorf("listing the stores: %w", err)
	}
	return slices.DeleteFunc(stores, func(s binding.Store) bool { return own != "" && s.ID != own }), nil
}
