package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/webhook"
)

// CreateWebhookEndpoint is the input of making a webhook endpoint.
type CreateWebhookEndpoint struct {
	URL    string
	Topics []webhook.Topic
	// BindingID is the only binding it is told of; empty for all.
	BindingID   string
	Description string
}

// CreateWebhookEndpoint makes an endpoint and returns it with its signing
// secret, which is shown once and kept sealed.
func (a *App) CreateWebhookEndpoint(ctx context.Context, p access.Principal, in CreateWebhookEndpoint) (webhook.Endpoint, string, error) {
	if err := p.Require(access.ScopeSettingsWrite); err != nil {
		return webhook.Endpoint{}, "", err
	}
	if p.BindingID != "" && in.BindingID == "" {
		return webhook.Endpoint{}, "", fault.New(fault.CodeDenied, "This caller is bound to one binding and can make endpoints for that binding only.")
	}
	if in.BindingID != "" {
		if _, err := a.bindingOf(ctx, p, in.BindingID); err != nil {
			return webhook.Endpoint{}, "", err
		}
	}
	e, err := webhook.Endpoint{
		ID: a.NewID("whe"), TenantID: p.TenantID, URL: in.URL, Topics: in.Topics, BindingID: in.BindingID, Description: in.Description,
		IsEnabled: true, Version: 1, CreatedAt: a.Now(),
	}.Checked(a.AllowPrivateWebhooks)
	if err != nil {
		return webhook.Endpoint{}, "", err
	}
	secret, err := a.newWebhookSecret()
	if err != nil {
		return webhook.Endpoint{}, "", err
	}
	entry := a.entry(p, audit.WebhookEndpointCreated, e.ID, map[string]any{"host": e.Host(), "topics": e.Topics, "bindingId": e.BindingID})
	if err := a.Webhooks.CreateEndpoint(ctx, e, secret, entry); err != nil {
		return webhook.Endpoint{}, "", fmt.Errorf("storing the webhook endpoint: %w", err)
	}
	return e, secret, nil
}
