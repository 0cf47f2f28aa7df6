package app

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// MaxReplay is how many deliveries one replay takes, the oldest first.
const MaxReplay = 10_000

// ReplayWebhooks is the input of a replay: one delivery, or those of a time.
type ReplayWebhooks struct {
	EndpointID string
	// DeliveryID names one delivery, in whatever state.
	DeliveryID string
	// From is inclusive, To exclusive; nil leaves that side open.
	From *time.Time
	To   *time.Time
	// OnlyMissing leaves out what was delivered.
	OnlyMissing bool
}

// ReplayWebhooks makes deliveries to an endpoint due again, with the ids and
// bodies they had and all retries before them, and returns how many. An endpoint
// that is switched off is a Conflict.
func (a *App) ReplayWebhooks(ctx context.Context, p access.Principal, in ReplayWebhooks) (int, error) {
	e, err := a.endpointOf(ctx, p, access.ScopeSettingsWrite, in.EndpointID)
	if err != nil {
		return 0, err
	}
	switch {
	case in.DeliveryID == "" && in.From == nil:
		return 0, invalidField("from", "Name a delivery, or the time from which deliveries are sent again.")
	case in.From != nil && in.To != nil && !in.To.After(*in.From):
		return 0, invalidField("to", "The end of the time lies after its beginning.")
	case !e.IsEnabled:
		return 0, fault.New(fault.CodeConflict, "The endpoint is switched off; switch it on first.")
	}
	which := ports.Replay{EndpointID: e.ID, DeliveryID: in.DeliveryID, From: in.From, To: in.To, OnlyMissing: in.OnlyMissing, Limit: MaxReplay}
	detail := map[string]any{"onlyMissing": in.OnlyMissing}
	if in.DeliveryID != "" {
		d, err := a.FindWebhookDelivery(ctx, p, in.DeliveryID)
		if err != nil {
			return 0, err
		}
		if d.EndpointID != e.ID {
			return 0, fault.New(fault.CodeNotFound, "There is no such webhook delivery.")
		}
		detail = map[string]any{"deliveryId": d.ID}
	} else {
		detail["from"], detail["to"] = in.From, in.To
	}
	n, err := a.Webhooks.Replay(ctx, p.TenantID, which, a.Now(), a.entry(p, audit.WebhooksReplayed, e.ID, detail))
	if err != nil {
		return 0, fmt.Errorf("replaying webhook deliveries: %w", err)
	}
	return n, nil
}
