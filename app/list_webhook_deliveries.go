package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/ports"
)

// ListWebhookDeliveries narrows a list of deliveries.
type ListWebhookDeliveries struct {
	Paging
	EndpointID string
	// Status is one state; empty for all.
	Status webhook.Status
}

// ListWebhookDeliveries pages through the deliveries to an endpoint, newest
// first. An endpoint beyond the principal has none.
func (a *App) ListWebhookDeliveries(ctx context.Context, p access.Principal, in ListWebhookDeliveries) (ports.Paged[webhook.Delivery], error) {
	page, err := in.page()
	if err != nil {
		return ports.Paged[webhook.Delivery]{}, err
	}
	e, err := a.endpointOf(ctx, p, access.ScopeSettingsRead, in.EndpointID)
	if fault.IsKind(err, fault.NotFound) {
		return ports.Paged[webhook.Delivery]{}, nil
	}
	if err != nil {
		return ports.Paged[webhook.Delivery]{}, err
	}
	deliveries, err := a.Webhooks.ListDeliveries(ctx, p.TenantID, e.ID, in.Status, page)
	if err != nil {
		return ports.Paged[webhook.Delivery]{}, fmt.Errorf("listing webhook deliveries: %w", err)
	}
	return deliveries, nil
}

// FindWebhookDelivery finds a delivery by id. One beyond the principal is
// NotFound.
func (a *App) FindWebhookDelivery(ctx context.Context, p access.Principal, id string) (webhook.Delivery, error) {
	if err := p.Require(access.ScopeSettingsRead); err != nil {
		return webhook.Delivery{}, err
	}
	d, err := a.Webhooks.FindDelivery(ctx, p.TenantID, id)
	if err != nil {
		return webhook.Delivery{}, fmt.Errorf("finding the webhook delivery: %w", err)
	}
	if _, err := a.endpointOf(ctx, p, access.ScopeSettingsRead, d.EndpointID); err != nil {
		return webhook.Delivery{}, err
	}
	return d, nil
}
