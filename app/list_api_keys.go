package app

import (
	"context"
	"fmt"
	"slices"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// ListAPIKeys pages through the tenant's keys, newest first. A caller bound to
// one binding sees that binding's keys only.
func (a *App) ListAPIKeys(ctx context.Context, p access.Principal, in Paging) (ports.Paged[access.APIKey], error) {
	page, err := in.page()
	if err != nil {
		return ports.Paged[access.APIKey]{}, err
	}
	keys, err := a.keysOf(ctx, p)
	if err != nil {
		return ports.Paged[access.APIKey]{}, err
	}
	return pageOf(keys, func(k access.APIKey) string { return k.ID }, page)
}

// FindAPIKey finds a key by id. A key beyond the principal is NotFound.
func (a *App) FindAPIKey(ctx context.Context, p access.Principal, id string) (access.APIKey, error) {
	keys, err := a.keysOf(ctx, p)
	if err != nil {
		return access.APIKey{}, err
	}
	at := slices.IndexFunc(keys, func(k access.APIKey) bool { return k.ID == id })
	if at < 0 {
		return access.APIKey{}, fault.New(fault.CodeNotFound, "There is no such API key.")
	}
	return keys[at], nil
}

func (a *App) keysOf(ctx context.Context, p access.Principal) ([]access.APIKey, error) {
	if err := p.Require(access.ScopeKeysWrite); err != nil {
		return nil, err
	}
	keys, err := a.Tenants.ListAPIKeys(ctx, p.TenantID)
	if err != nil {
		return nil, fmt.Errorf("listing the API keys: %w", err)
	}
	return slices.DeleteFunc(keys, func(k access.APIKey) bool { return p.BindingID != "" && k.BindingID != p.BindingID }), nil
}
