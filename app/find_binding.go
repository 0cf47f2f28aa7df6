package app

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
)

// FindBinding finds a binding by id. A binding beyond the principal is NotFound.
func (a *App) FindBinding(ctx context.Context, p access.Principal, id string) (binding.Binding, error) {
	if err := p.Require(access.ScopeSettingsRead); err != nil {
		return binding.Binding{}, err
	}
	return a.bindingOf(ctx, p, id)
}
