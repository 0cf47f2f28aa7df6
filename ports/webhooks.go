package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/webhook"
)

// Webhooks stores endpoints and what they are told. Deliveries of a run's
// outcome and of a lost consent are stored by the ports that store those, in the
// same transaction; every enabled endpoint of the tenant that asked for the
// topic and the binding gets one. A message whose key was stored before adds
// nothing.
//
// Audit entries are stored in the transaction of the change they tell of.
type Webhooks interface {
	// CreateEndpoint stores a new endpoint with its signing secret. It is Invalid
	// when the tenant has [webhook.MaxEndpoints] already, however many come at once.
	CreateEndpoint(ctx context.Context, e webhook.Endpoint, secret string, entries ...audit.Entry) error
	// FindEndpoint finds an endpoint by id, or NotFound.
	FindEndpoint(ctx context.Context, tenant access.TenantID, id string) (webhook.Endpoint, error)
	// ListEndpoints lists a tenant's endpoints, oldest first.
	ListEndpoints(ctx context.Context, tenant access.TenantID) ([]webhook.Endpoint, error)
	// SaveEndpoint changes address, topics, description and whether the endpoint is
	// enabled, and returns it with its new version. One that becomes enabled begins
	// anew: it fails no longer and has no reason to be off. It is a Conflict unless
	// the stored version is e.Version.
	SaveEndpoint(ctx context.Context, e webhook.Endpoint, entries ...audit.Entry) (webhook.Endpoint, error)
	// RotateSecret replaces the signing secret. The old one signs too until the
	// time given; one that was replaced before ends at once. A repeat of the last
	// rotation replaces the secret that one made, and leaves the old one as it is.
	RotateSecret(ctx context.Context, tenant access.TenantID, r SecretRotation, entries ...audit.Entry) (webhook.Endpoint, error)
	// SwitchOff switches off an enabled endpoint that has failed since the given
	// time or longer, and reports whether it did.
	SwitchOff(ctx context.Context, tenant access.TenantID, id, reason string, failingSince time.Time, entries ...audit.Entry) (bool, error)
	// DeleteEndpoint ends an endpoint: it and its deliveries are not found from then
	// on, and it is told nothing. What is left of them goes with PurgeDeliveries. One
	// that is not there is NotFound.
	DeleteEndpoint(ctx context.Context, tenant access.TenantID, id string, now time.Time, entries ...audit.Entry) error

	// PutMessage stores a delivery of a message for each endpoint that is told of it.
	PutMessage(ctx context.Context, tenant access.TenantID, m webhook.Message) error
	// ListDueEndpoints lists enabled endpoints, of all tenants, with due deliveries.
	ListDueEndpoints(ctx context.Context, now time.Time, limit int) ([]DueEndpoint, error)
	// ClaimDeliveries takes due deliveries of an enabled endpoint, the longest due
	// first, and holds them under a lease until the given time; each one's Claims
	// rises by one. No more than [webhook.MaxInFlight] are held at once, by whomever.
	ClaimDeliveries(ctx context.Context, tenant access.TenantID, endpointID string, now, until time.Time) (ClaimedDeliveries, error)
	// SaveDelivery stores a claimed delivery after its attempt, notes at the endpoint
	// that it took or refused one, and returns the endpoint. It is a Conflict when
	// the delivery was claimed by somebody else or replayed, and NotFound when it
	// was removed; then nothing is stored.
	SaveDelivery(ctx context.Context, d webhook.Delivery, now time.Time) (webhook.Endpoint, error)
	// FindDelivery finds a delivery by id, or NotFound.
	FindDelivery(ctx context.Context, tenant access.TenantID, id string) (webhook.Delivery, error)
	// ListDeliveries pages through the deliveries to an endpoint, newest first; an
	// empty status means all.
	ListDeliveries(ctx context.Context, tenant access.TenantID, endpointID string, status webhook.Status, page Page) (Paged[webhook.Delivery], error)
	// Replay makes deliveries due at once under the ids they have, and returns how
	// many. Those of a time are taken oldest first, without the ones under a lease.
	Replay(ctx context.Context, tenant access.TenantID, which Replay, now time.Time, entries ...audit.Entry) (int, error)
	// PurgeDeliveries removes deliveries of deleted endpoints, and those that were made
	// before the given time and that no enabled endpoint still waits for, at most
	// limit, and returns how many.
	PurgeDeliveries(ctx context.Context, madeBefore time.Time, limit int) (int, error)
}

// DueEndpoint is an endpoint with deliveries to send.
type DueEndpoint struct {
	TenantID   access.TenantID
	EndpointID string
}

// ClaimedDeliveries are deliveries of one endpoint with what it takes to send them.
type ClaimedDeliveries struct {
	Deliveries []webhook.Delivery
	URL        string
	// Secrets sign each delivery, the newest first.
	Secrets []string
}

// Replay says which deliveries of an endpoint are sent again: one, or those of a
// time.
type Replay struct {
	EndpointID string
	// DeliveryID names one delivery, in whatever state; the other fields do not
	// count then.
	DeliveryID string
	// From is inclusive, To exclusive; nil leaves that side open.
	From *time.Time
	To   *time.Time
	// OnlyMissing leaves out what was delivered.
	OnlyMissing bool
	Limit       int
}

// WebhookSender posts deliveries to addresses that users typed in.
type WebhookSender interface {
	// Send makes one attempt, of at most [webhook.Timeout], and says what came of
	// it. It follows no redirect, and dials public addresses only unless private
	// ones are allowed.
	Send(ctx context.Context, call WebhookCall) webhook.Answer
}

// WebhookCall is one attempt at a delivery.
type WebhookCall struct {
	URL string
	ID  string
	// Secrets each add a signature.
	Secrets []string
	At      time.Time
	Body    []byte
}

// SecretRotation replaces an endpoint's signing secret.
type SecretRotation struct {
	// ID is of the write; another rotation with the same one that was made after
	// RepeatsAfter is this one.
	ID           string
	RepeatsAfter time.Time
	EndpointID   string
	Secret       string
	At           time.Time
	OldUntil     time.Time
}
