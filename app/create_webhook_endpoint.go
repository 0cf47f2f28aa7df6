package app

import (
	"context"
	"fmt"
	"slices"
	"time"

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
// secret, which is shown once and kept sealed. A repeat of a write whose answer
// was lost returns the same endpoint with a new secret.
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
	id, mayBeMade := a.repeatableID(ctx, "whe")
	e, err := webhook.Endpoint{
		ID: id, TenantID: p.TenantID, URL: in.URL, Topics: in.Topics, BindingID: in.BindingID, Description: in.Description,
		IsEnabled: true, Version: 1, CreatedAt: a.Now(),
	}.Checked(a.AllowPrivateWebhooks)
	if err != nil {
		return webhook.Endpoint{}, "", err
	}
	secret, err := a.newWebhookSecret()
	if err != nil {
		return webhook.Endpoint{}, "", err
	}
	if mayBeMade {
		switch made, err := a.Webhooks.FindEndpoint(ctx, p.TenantID, id); {
		case err == nil && !a.isRepeated(made.CreatedAt):
			e.ID = a.NewID("whe")
		case err == nil:
			return a.renewEndpoint(ctx, p, made, e, secret)
		case !fault.IsKind(err, fault.NotFound):
			return webhook.Endpoint{}, "", fmt.Errorf("looking for the webhook endpoint: %w", err)
		}
	}
	err = a.storeEndpoint(ctx, p, e, secret)
	if mayBeMade && fault.IsKind(err, fault.Conflict) {
		// The one of this write was made and deleted, and its row is not purged yet.
		e.ID = a.NewID("whe")
		err = a.storeEndpoint(ctx, p, e, secret)
	}
	return e, secret, err
}

func (a *App) storeEndpoint(ctx context.Context, p access.Principal, e webhook.Endpoint, secret string) error {
	entry := a.entry(p, audit.WebhookEndpointCreated, e.ID, map[string]any{"host": e.Host(), "topics": e.Topics, "bindingId": e.BindingID})
	if err := a.Webhooks.CreateEndpoint(ctx, e, secret, entry); err != nil {
		return fmt.Errorf("storing the webhook endpoint: %w", err)
	}
	return nil
}

// renewOverlap is how long the secret of a write without a remembered answer signs
// beside the new one: its caller may have got it after all.
const renewOverlap = 24 * time.Hour

// renewEndpoint answers the repeat of a write that made an endpoint and whose
// answer is not known: the endpoint gets a new secret beside the old one. An
// endpoint that is not as asked for is a Conflict.
func (a *App) renewEndpoint(ctx context.Context, p access.Principal, made, asked webhook.Endpoint, secret string) (webhook.Endpoint, string, error) {
	if made.URL != asked.URL || made.BindingID != asked.BindingID || made.Description != asked.Description || !slices.Equal(made.Topics, asked.Topics) {
		return webhook.Endpoint{}, "", fault.New(fault.CodeConflict, "This write made another endpoint before; send a new key with a new write.")
	}
	entry := a.entry(p, audit.WebhookEndpointSecretRotated, made.ID, map[string]any{"overlapMinutes": int(renewOverlap.Minutes())})
	made, err := a.Webhooks.RotateSecret(ctx, p.TenantID, a.rotation(ctx, made.ID, secret, renewOverlap), entry)
	if err != nil {
		return webhook.Endpoint{}, "", fmt.Errorf("replacing the signing secret: %w", err)
	}
	return made, secret, nil
}
