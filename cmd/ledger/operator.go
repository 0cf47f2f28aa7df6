package main

import (
	"context"

	"byte8.io/ledger/domain/access"
)

// eachTenant runs as the server itself for the named tenant, or for every one
// when the name is empty.
func (l *ledger) eachTenant(ctx context.Context, tenant string, do func(access.Principal) error) error {
	if tenant != "" {
		found, err := l.app.Tenants.FindTenant(ctx, access.TenantID(tenant))
		if err != nil {
			return err
		}
		return do(access.System(found.ID))
	}
	tenants, err := l.app.Tenants.ListTenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if err := do(access.System(t.ID)); err != nil {
			return err
		}
	}
	return nil
}
