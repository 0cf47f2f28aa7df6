package apptest

import (
	"context"
	"slices"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/ports"
)

type webhooks struct {
	ports.Webhooks
	world *World
}

func (s webhooks) find(tenant access.TenantID, id string) *webhook.Endpoint {
	for i, e := range s.world.Endpoints {
		if e.TenantID == tenant && e.ID == id {
			return &s.world.Endpoints[i]
		}
	}
	return nil
}

func (s webhooks) CreateEndpoint(_ context.Context, e webhook.Endpoint, _ string, entries ...audit.Entry) error {
	s.world.Endpoints = append(s.world.Endpoints, e)
	auditLog{s.world}.append(entries)
	return nil
}

func (s webhooks) FindEndpoint(_ context.Context, tenant access.TenantID, id string) (webhook.Endpoint, error) {
	if e := s.find(tenant, id); e != nil {
		return *e, nil
	}
	return webhook.Endpoint{}, notFound("webhook endpoint")
}

func (s webhooks) ListEndpoints(_ context.Context, tenant access.TenantID) ([]webhook.Endpoint, error) {
	return where(s.world.Endpoints, func(e webhook.Endpoint) bool { return e.TenantID == tenant }), nil
}

func (s webhooks) SaveEndpoint(_ context.Context, saved webhook.Endpoint, entries ...audit.Entry) (webhook.Endpoint, error) {
	e := s.find(saved.TenantID, saved.ID)
	if e == nil {
		return webhook.Endpoint{}, notFound("webhook endpoint")
	}
	if saved.IsEnabled && !e.IsEnabled {
		saved.DisabledReason, saved.FailingSince = "", nil
	}
	saved.Version++
	*e = saved
	auditLog{s.world}.append(entries)
	return saved, nil
}

func (s webhooks) RotateSecret(ctx context.Context, tenant access.TenantID, r ports.SecretRotation, entries ...audit.Entry) (webhook.Endpoint, error) {
	auditLog{s.world}.append(entries)
	return s.FindEndpoint(ctx, tenant, r.EndpointID)
}

func (s webhooks) DeleteEndpoint(_ context.Context, tenant access.TenantID, id string, _ time.Time, entries ...audit.Entry) error {
	if s.find(tenant, id) == nil {
		return notFound("webhook endpoint")
	}
	s.world.Endpoints = slices.DeleteFunc(s.world.Endpoints, func(e webhook.Endpoint) bool { return e.ID == id })
	auditLog{s.world}.append(entries)
	return nil
}

func (s webhooks) FindDelivery(_ context.Context, tenant access.TenantID, id string) (webhook.Delivery, error) {
	for _, d := range s.world.Deliveries {
		if d.TenantID == tenant && d.ID == id {
			return d, nil
		}
	}
	return webhook.Delivery{}, notFound("webhook delivery")
}

func (s webhooks) ListDeliveries(_ context.Context, tenant access.TenantID, endpointID string, status webhook.Status, page ports.Page) (ports.Paged[webhook.Delivery], error) {
	rows := where(s.world.Deliveries, func(d webhook.Delivery) bool {
		return d.TenantID == tenant && d.EndpointID == endpointID && fits(status, d.Status)
	})
	return cut(rows, func(d webhook.Delivery) string { return d.ID }, page), nil
}

func (s webhooks) Replay(_ context.Context, tenant access.TenantID, which ports.Replay, now time.Time, entries ...audit.Entry) (int, error) {
	n := 0
	for i, d := range s.world.Deliveries {
		if d.TenantID != tenant || d.EndpointID != which.EndpointID || !fits(which.DeliveryID, d.ID) ||
			which.DeliveryID == "" && (which.OnlyMissing && d.Status == webhook.StatusDelivered || d.CreatedAt.Before(*which.From)) {
			continue
		}
		d.Status, d.NextAttemptAt, d.DeliveredAt, d.Failures = webhook.StatusPending, now, nil, 0
		s.world.Deliveries[i] = d
		n++
	}
	auditLog{s.world}.append(entries)
	return n, nil
}
