package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/webhook"
)

// UpdateWebhookEndpoint is the input of changing a webhook endpoint. What is nil
// stays as it is.
type UpdateWebhookEndpoint struct {
	ID          string
	URL         *string
	Topics      []webhook.Topic
	Description *string
	IsEnabled   *bool
}

// UpdateWebhookEndpoint changes an endpoint. One that is switched on again is
// sent what waited for it meanwhile; what happened while it was off it is not told.
func (a *App) UpdateWebhookEndpoint(ctx context.Context, p access.Principal, in UpdateWebhookEndpoint) (webhook.Endpoint, error) {
	e, err := a.endpointOf(ctx, p, access.ScopeSettingsWrite, in.ID)
	if err != nil {
		return webhook.Endpoint{}, err
	}
	if in.URL != nil {
		e.URL = *in.URL
	}
	if in.Topics != nil {
		e.Topics = in.Topics
	}
	if in.Description != nil {
		e.Description = *in.Description
	}
	if in.IsEnabled != nil {
		e.IsEnabled = *in.IsEnabled
	}
	if e, err = e.Checked(a.AllowPrivateWebhooks); err != nil {
		return webhook.Endpoint{}, err
	}
	entry := a.entry(p, audit.WebhookEndpointUpdated, e.ID, map[string]any{"host": e.Host(), "topics": e.Topics, "isEnabled": e.IsEnabled})
	if e, err = a.Webhooks.SaveEndpoint(ctx, e, entry); err != nil {
		return webhook.Endpoint{}, fmt.Errorf("saving the webhook endpoint: %w", err)
	}
	return e, nil
}
