package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
)

// RevokeAPIKey ends a key for good; a second call changes nothing. A key beyond
// the principal is NotFound.
func (a *App) RevokeAPIKey(ctx context.Context, p access.Principal, id string) error {
	key, err := a.FindAPIKey(ctx, p, id)
	if err != nil {
		return err
	}
	if key.RevokedAt != nil {
		return nil
	}
	defer a.keys.forget()
	if err := a.Tenants.RevokeAPIKey(ctx, p.TenantID, id, a.Now(), a.entry(p, audit.APIKeyRevoked, id, nil)); err != nil {
		return fmt.Errorf("revoking the API key: %w", err)
	}
	return nil
}
