package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
)

// RevokeAPIKey ends a key for good; a second call changes nothing. A key beyond
// the principal is NotFound.
func (a *App) RevokeAPIKey(ctx context.Context, p access.Principal, id string) error {
	if _, err := a.FindAPIKey(ctx, p, id); err != nil {
		return err
	}
	if err := a.Tenants.RevokeAPIKey(ctx, p.TenantID, id, a.Now()); err != nil {
		return fmt.Errorf("revoking the API key: %w", err)
	}
	return nil
}
