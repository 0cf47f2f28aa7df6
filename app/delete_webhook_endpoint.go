package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
)

// DeleteWebhookEndpoint ends an endpoint, and hides it and its deliveries; a
// worker removes them bit by bit.
func (a *App) DeleteWebhookEndpoint(ctx context.Context, p access.Principal, id string) error {
	e, err := a.endpointOf(ctx, p, access.ScopeSettingsWrite, id)
	if err != nil {
		return err
	}
	entry := a.entry(p, audit.WebhookEndpointDeleted, e.ID, map[string]any{"host": e.Host()})
	if err := a.Webhooks.DeleteEndpoint(ctx, p.TenantID, e.ID, a.Now(), entry); err != nil {
		return fmt.Errorf("removing the webhook endpoint: %w", err)
	}
	return nil
}
