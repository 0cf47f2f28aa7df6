package graph

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/graph/model"
)

// WebhookEndpoints lists the endpoints that are told of what happens.
func (q query) WebhookEndpoints(ctx context.Context) ([]model.WebhookEndpoint, error) {
	endpoints, err := q.app.ListWebhookEndpoints(ctx, principalOf(ctx))
	if err != nil {
		return nil, err
	}
	return shaped(endpoints, shapeEndpoint), nil
}

// WebhookDeliveries pages through the deliveries to an endpoint.
func (q query) WebhookDeliveries(ctx context.Context, endpointID string, first *int, after *string, status *model.WebhookDeliveryStatus) (*model.WebhookDeliveryConnection, error) {
	in := app.ListWebhookDeliveries{Paging: paging(first, after), EndpointID: endpointID}
	if status != nil {
		in.Status = webhook.Status(strings.ToLower(string(*status)))
	}
	page, err := q.app.ListWebhookDeliveries(ctx, principalOf(ctx), in)
	if err != nil {
		return nil, err
	}
	rows := shaped(page.Rows, shapeDelivery)
	return &model.WebhookDeliveryConnection{
		Nodes:    rows,
		PageInfo: pageInfo(in.Paging, page.Cursors, page.HasNext),
		Edges: edges(rows, page.Cursors, func(cursor string, d *model.WebhookDelivery) model.WebhookDeliveryEdge {
			return model.WebhookDeliveryEdge{Cursor: cursor, Node: d}
		}),
	}, nil
}

func shapeEndpoint(e webhook.Endpoint) model.WebhookEndpoint {
	return model.WebhookEndpoint{
		ID: e.ID, URL: e.URL, Topics: shaped(e.Topics, shapeTopic), BindingID: known(e.BindingID), Description: e.Description, IsEnabled: e.IsEnabled,
		DisabledReason: known(e.DisabledReason), LastDeliveredAt: e.LastDeliveredAt, LastFailedAt: e.LastFailedAt, CreatedAt: e.CreatedAt,
	}
}

func shapeDelivery(d webhook.Delivery) model.WebhookDelivery {
	var next *time.Time
	if d.Status == webhook.StatusPending {
		next = &d.NextAttemptAt
	}
	return model.WebhookDelivery{
		ID: d.ID, EndpointID: d.EndpointID, Topic: shapeTopic(d.Topic), Payload: json.RawMessage(d.Payload),
		Status: model.WebhookDeliveryStatus(strings.ToUpper(string(d.Status))), Attempts: d.Attempts, ResponseStatus: known(d.ResponseStatus),
		Message: known(d.Message), NextAttemptAt: next, CreatedAt: d.CreatedAt, DeliveredAt: d.DeliveredAt,
	}
}

// shapeTopic is run.held as RUN_HELD.
func shapeTopic(t webhook.Topic) model.WebhookTopic {
	return model.WebhookTopic(strings.ToUpper(strings.ReplaceAll(string(t), ".", "_")))
}

func readTopic(t model.WebhookTopic) webhook.Topic {
	return webhook.Topic(strings.ToLower(strings.ReplaceAll(string(t), "_", ".")))
}
