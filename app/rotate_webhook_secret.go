package app

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/ports"
)

// RotateWebhookSecret replaces an endpoint's signing secret and returns the new
// one, which is shown once. Deliveries carry a signature of the old one too for
// the overlap, up to a week; one that was replaced before ends at once. A repeat
// of a write whose answer was lost replaces the secret which that one made.
func (a *App) RotateWebhookSecret(ctx context.Context, p access.Principal, id string, overlap time.Duration) (webhook.Endpoint, string, error) {
	e, err := a.endpointOf(ctx, p, access.ScopeSettingsWrite, id)
	if err != nil {
		return webhook.Endpoint{}, "", err
	}
	if overlap < 0 || overlap > webhook.MaxOverlap {
		message := fmt.Sprintf("The old secret may sign for 0 to %d minutes.", int(webhook.MaxOverlap.Minutes()))
		return webhook.Endpoint{}, "", fault.New(fault.CodeInvalid, message).
			WithFields(fault.Field{Path: "overlapMinutes", Code: "out_of_range", Message: message})
	}
	secret, err := a.newWebhookSecret()
	if err != nil {
		return webhook.Endpoint{}, "", err
	}
	entry := a.entry(p, audit.WebhookEndpointSecretRotated, e.ID, map[string]any{"overlapMinutes": int(overlap.Minutes())})
	if e, err = a.Webhooks.RotateSecret(ctx, p.TenantID, a.rotation(ctx, e.ID, secret, overlap), entry); err != nil {
		return webhook.Endpoint{}, "", fmt.Errorf("replacing the signing secret: %w", err)
	}
	return e, secret, nil
}

func (a *App) rotation(ctx context.Context, endpointID, secret string, overlap time.Duration) ports.SecretRotation {
	id, _ := a.repeatableID(ctx, "rotation")
	now := a.Now()
	return ports.SecretRotation{ID: id, RepeatsAfter: now.Add(-answersLife), EndpointID: endpointID, Secret: secret, At: now, OldUntil: now.Add(overlap)}
}
