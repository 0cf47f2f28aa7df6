package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

// FindTenant finds the account the principal acts for. Any known caller may.
func (a *App) FindTenant(ctx context.Context, p access.Principal) (access.Tenant, error) {
	if p.IsZero() {
		return access.Tenant{}, fault.New(fault.CodeUnauthenticated, "Sign in, or send an API key as a bearer token.")
	}
	tenant, err := a.Tenants.FindTenant(ctx, p.TenantID)
	if err != nil {
		return access.Tenant{}, fmt.Errorf("finding the tenant: %w", err)
	}
	return tenant, nil
}
