package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/ports"
)

// ListBindings narrows a list of bindings; zero fields do not.
type ListBindings struct {
	Paging
	StoreID  string
	Provider binding.Provider
}

// ListBindings pages through the bindings the principal may use.
func (a *App) ListBindings(ctx context.Context, p access.Principal, in ListBindings) (ports.Paged[binding.Binding], error) {
	if err := p.Require(access.ScopeSettingsRead); err != nil {
		return ports.Paged[binding.Binding]{}, err
	}
	page, err := in.page()
	if err != nil {
		return ports.Paged[binding.Binding]{}, err
	}
	filter := ports.BindingFilter{StoreID: in.StoreID, Provider: in.Provider, ID: p.BindingID}
	if p.StoreID != "" {
		if in.StoreID != "" && in.StoreID != p.StoreID {
			return ports.Paged[binding.Binding]{}, nil
		}
		filter.StoreID = p.StoreID
	}
	bindings, err := a.Bindings.ListBindings(ctx, p.TenantID, filter, page)
	if err != nil {
		return ports.Paged[binding.Binding]{}, fmt.Errorf("listing the bindings: %w", err)
	}
	return bindings, nil
}
