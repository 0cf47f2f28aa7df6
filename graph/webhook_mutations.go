package graph

import (
	"context"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/graph/model"
)

// CreateWebhookEndpoint makes an endpoint.
func (m mutation) CreateWebhookEndpoint(ctx context.Context, input model.CreateWebhookEndpointInput) (*model.CreateWebhookEndpointPayload, error) {
	made, secret, err := m.app.CreateWebhookEndpoint(ctx, principalOf(ctx), app.CreateWebhookEndpoint{
		URL: input.URL, Topics: shaped(input.Topics, readTopic), BindingID: given(input.BindingID), Description: input.Description,
	})
	endpoint, shown, problems, err := withSecret(made, secret, err)
	return &model.CreateWebhookEndpointPayload{Endpoint: endpoint, Secret: shown, UserErrors: problems}, err
}

// UpdateWebhookEndpoint changes an endpoint.
func (m mutation) UpdateWebhookEndpoint(ctx context.Context, input model.UpdateWebhookEndpointInput) (*model.UpdateWebhookEndpointPayload, error) {
	in := app.UpdateWebhookEndpoint{ID: input.EndpointID, URL: input.URL.Value(), Description: input.Description.Value(), IsEnabled: input.IsEnabled.Value()}
	if topics := input.Topics.Value(); topics != nil {
		in.Topics = shaped(topics, readTopic)
	}
	endpoint, problems, err := answered(m.app.UpdateWebhookEndpoint(ctx, principalOf(ctx), in))
	return &model.UpdateWebhookEndpointPayload{Endpoint: shapedOrNil(endpoint, shapeEndpoint), UserErrors: problems}, err
}

// DeleteWebhookEndpoint removes an endpoint.
func (m mutation) DeleteWebhookEndpoint(ctx context.Context, input model.DeleteWebhookEndpointInput) (*model.DeleteWebhookEndpointPayload, error) {
	id, problems, err := answered(input.EndpointID, m.app.DeleteWebhookEndpoint(ctx, principalOf(ctx), input.EndpointID))
	return &model.DeleteWebhookEndpointPayload{DeletedEndpointID: id, UserErrors: problems}, err
}

// RotateWebhookSecret replaces an endpoint's signing secret.
func (m mutation) RotateWebhookSecret(ctx context.Context, input model.RotateWebhookSecretInput) (*model.RotateWebhookSecretPayload, error) {
	rotated, secret, err := m.app.RotateWebhookSecret(ctx, principalOf(ctx), input.EndpointID, time.Duration(input.OverlapMinutes)*time.Minute)
	endpoint, shown, problems, err := withSecret(rotated, secret, err)
	return &model.RotateWebhookSecretPayload{Endpoint: endpoint, Secret: shown, UserErrors: problems}, err
}

// ReplayWebhooks makes deliveries due again.
func (m mutation) ReplayWebhooks(ctx context.Context, input model.ReplayWebhooksInput) (*model.ReplayWebhooksPayload, error) {
	replayed, problems, err := answered(m.app.ReplayWebhooks(ctx, principalOf(ctx), app.ReplayWebhooks{
		EndpointID: input.EndpointID, DeliveryID: given(input.DeliveryID), From: input.From.Value(), To: input.To.Value(), OnlyMissing: input.OnlyMissing,
	}))
	return &model.ReplayWebhooksPayload{Replayed: replayed, UserErrors: problems}, err
}

// withSecret is [answered] for an endpoint whose secret is shown once.
func withSecret(e webhook.Endpoint, secret string, err error) (*model.WebhookEndpoint, *string, []model.UserError, error) {
	endpoint, problems, err := answered(e, err)
	if err != nil || endpoint == nil {
		return nil, nil, problems, err
	}
	return shapedOrNil(endpoint, shapeEndpoint), &secret, problems, nil
}
