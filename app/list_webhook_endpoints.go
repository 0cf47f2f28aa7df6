package app

import (
	"context"
	"fmt"
	"io"
	"slices"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/webhook"
)

// ListWebhookEndpoints lists the endpoints the principal may see, oldest first.
func (a *App) ListWebhookEndpoints(ctx context.Context, p access.Principal) ([]webhook.Endpoint, error) {
	if err := p.Require(access.ScopeSettingsRead); err != nil {
		return nil, err
	}
	endpoints, err := a.Webhooks.ListEndpoints(ctx, p.TenantID)
	if err != nil {
		return nil, fmt.Errorf("listing webhook endpoints: %w", err)
	}
	return slices.DeleteFunc(endpoints, func(e webhook.Endpoint) bool { return !e.Takes(p) }), nil
}

// FindWebhookEndpoint finds an endpoint by id. One beyond the principal is
// NotFound.
func (a *App) FindWebhookEndpoint(ctx context.Context, p access.Principal, id string) (webhook.Endpoint, error) {
	return a.endpointOf(ctx, p, access.ScopeSettingsRead, id)
}

func (a *App) endpointOf(ctx context.Context, p access.Principal, scope access.Scope, id string) (webhook.Endpoint, error) {
	if err := p.Require(scope); err != nil {
		return webhook.Endpoint{}, err
	}
	e, err := a.Webhooks.FindEndpoint(ctx, p.TenantID, id)
	if err != nil {
		return webhook.Endpoint{}, fmt.Errorf("finding the webhook endpoint: %w", err)
	}
	if !e.Takes(p) {
		return webhook.Endpoint{}, fault.New(fault.CodeNotFound, "There is no such webhook endpoint.")
	}
	return e, nil
}

func (a *App) newWebhookSecret() (string, error) {
	random := make([]byte, webhook.SecretBytes)
	if _, err := io.ReadFull(a.Random, random); err != nil {
		return "", fmt.Errorf("making a signing secret: %w", err)
	}
	return webhook.NewSecret(random), nil
}
