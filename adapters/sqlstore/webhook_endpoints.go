package sqlstore

import (
	"context"
	"strings"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/ports"
)

// Webhooks implements [ports.Webhooks].
type Webhooks struct {
	db    *DB
	vault ports.Vault
}

var _ ports.Webhooks = (*Webhooks)(nil)

// NewWebhooks makes the store of endpoints, whose secrets the vault seals, and
// of deliveries.
func NewWebhooks(db *DB, vault ports.Vault) *Webhooks { return &Webhooks{db, vault} }

const (
	endpointColumns = `id, tenant_id, url, topics, binding_id, description, is_enabled, disabled_reason, failing_since, last_delivered_at,
	last_failed_at, version, created_at`
	// endpointSecret is the place of a secret, the replaced one included: it moves
	// from column to column as it is.
	endpointSecret = "webhook_endpoints.secret"
)

type endpointRow struct {
	ID              string          `db:"id"`
	TenantID        access.TenantID `db:"tenant_id"`
	URL             string          `db:"url"`
	Topics          string          `db:"topics"`
	BindingID       string          `db:"binding_id"`
	Description     string          `db:"description"`
	IsEnabled       bool            `db:"is_enabled"`
	DisabledReason  string          `db:"disabled_reason"`
	FailingSince    stamp           `db:"failing_since"`
	LastDeliveredAt stamp           `db:"last_delivered_at"`
	LastFailedAt    stamp           `db:"last_failed_at"`
	Version         int64           `db:"version"`
	CreatedAt       stamp           `db:"created_at"`
}

func (r endpointRow) endpoint() webhook.Endpoint {
	var topics []webhook.Topic
	for topic := range strings.FieldsSeq(r.Topics) {
		topics = append(topics, webhook.Topic(topic))
	}
	return webhook.Endpoint{
		ID: r.ID, TenantID: r.TenantID, URL: r.URL, Topics: topics, BindingID: r.BindingID, Description: r.Description, IsEnabled: r.IsEnabled,
		DisabledReason: r.DisabledReason, FailingSince: r.FailingSince.orNil(), LastDeliveredAt: r.LastDeliveredAt.orNil(),
		LastFailedAt: r.LastFailedAt.orNil(), Version: r.Version, CreatedAt: r.CreatedAt.Time,
	}
}

// topicWords is topics as stored: each between two blanks.
func topicWords(topics []webhook.Topic) string {
	return " " + strings.Join(texts(topics), " ") + " "
}

// CreateEndpoint implements [ports.Webhooks]. The tenant's row stands for all of
// its endpoints: two at once take turns.
func (s *Webhooks) CreateEndpoint(ctx context.Context, e webhook.Endpoint, secret string, entries ...audit.Entry) error {
	const doing = "storing a webhook endpoint"
	sealed, err := seal(s.vault, secret, endpointSecret, e.ID)
	if err != nil {
		return failed(doing, err)
	}
	err = s.db.inTx(ctx, func(t *tx) error {
		if err := t.get(ctx, new(string), `SELECT id FROM tenants WHERE id = ?`+s.db.dialect.lock, e.TenantID); err != nil {
			return orNotFound(err, "tenant")
		}
		var n int
		if err := t.get(ctx, &n, `SELECT count(*) FROM webhook_endpoints WHERE tenant_id = ? AND deleted_at IS NULL`, e.TenantID); err != nil {
			return err
		}
		if n >= webhook.MaxEndpoints {
			return fault.Newf(fault.CodeInvalid, "An account has up to %d webhook endpoints; remove one first.", webhook.MaxEndpoints)
		}
		_, err := t.exec(ctx, `INSERT INTO webhook_endpoints (`+endpointColumns+`, secret) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			e.ID, e.TenantID, storable(e.URL), topicWords(e.Topics), e.BindingID, storable(e.Description), e.IsEnabled, e.DisabledReason,
			atOrNever(e.FailingSince), atOrNever(e.LastDeliveredAt), atOrNever(e.LastFailedAt), e.Version, at(e.CreatedAt), sealed)
		if err != nil {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	return failed(doing, err)
}

// FindEndpoint implements [ports.Webhooks].
func (s *Webhooks) FindEndpoint(ctx context.Context, tenant access.TenantID, id string) (webhook.Endpoint, error) {
	e, err := findEndpoint(ctx, s.db, tenant, id, "")
	return e, failed("finding a webhook endpoint", err)
}

func findEndpoint(ctx context.Context, on session, tenant access.TenantID, id, lock string) (webhook.Endpoint, error) {
	var row endpointRow
	err := on.get(ctx, &row, `SELECT `+endpointColumns+` FROM webhook_endpoints WHERE tenant_id = ? AND id = ? AND deleted_at IS NULL`+lock, tenant, id)
	return row.endpoint(), orNotFound(err, "webhook endpoint")
}

// ListEndpoints implements [ports.Webhooks].
func (s *Webhooks) ListEndpoints(ctx context.Context, tenant access.TenantID) ([]webhook.Endpoint, error) {
	var rows []endpointRow
	err := s.db.list(ctx, &rows, `SELECT `+endpointColumns+` FROM webhook_endpoints WHERE tenant_id = ? AND deleted_at IS NULL ORDER BY created_at, id`, tenant)
	if err != nil {
		return nil, failed("listing webhook endpoints", err)
	}
	out := make([]webhook.Endpoint, len(rows))
	for i, row := range rows {
		out[i] = row.endpoint()
	}
	return out, nil
}

// changeEndpoint runs a change of a stored endpoint with its audit entries, and
// returns it as it is stored then.
func (s *Webhooks) changeEndpoint(ctx context.Context, tenant access.TenantID, id string, entries []audit.Entry, change func(*tx, webhook.Endpoint) error) (webhook.Endpoint, error) {
	var out webhook.Endpoint
	err := s.db.inTx(ctx, func(t *tx) error {
		stored, err := findEndpoint(ctx, t, tenant, id, s.db.dialect.lock)
		if err != nil {
			return err
		}
		if err := change(t, stored); err != nil {
			return err
		}
		if out, err = findEndpoint(ctx, t, tenant, id, ""); err != nil {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	return out, err
}

// SaveEndpoint implements [ports.Webhooks].
func (s *Webhooks) SaveEndpoint(ctx context.Context, e webhook.Endpoint, entries ...audit.Entry) (webhook.Endpoint, error) {
	saved, err := s.changeEndpoint(ctx, e.TenantID, e.ID, entries, func(t *tx, stored webhook.Endpoint) error {
		if stored.Version != e.Version {
			return fault.New(fault.CodeConflict, "The webhook endpoint changed in the meantime.")
		}
		if e.IsEnabled && !stored.IsEnabled {
			stored.DisabledReason, stored.FailingSince = "", nil
		}
		_, err := t.exec(ctx, `UPDATE webhook_endpoints SET url = ?, topics = ?, description = ?, is_enabled = ?, disabled_reason = ?, failing_since = ?, version = version + 1
			WHERE tenant_id = ? AND id = ?`,
			storable(e.URL), topicWords(e.Topics), storable(e.Description), e.IsEnabled, stored.DisabledReason, atOrNever(stored.FailingSince), e.TenantID, e.ID)
		return err
	})
	return saved, failed("saving a webhook endpoint", err)
}

// RotateSecret implements [ports.Webhooks].
func (s *Webhooks) RotateSecret(ctx context.Context, tenant access.TenantID, r ports.SecretRotation, entries ...audit.Entry) (webhook.Endpoint, error) {
	const doing = "replacing a webhook secret"
	sealed, err := seal(s.vault, r.Secret, endpointSecret, r.EndpointID)
	if err != nil {
		return webhook.Endpoint{}, failed(doing, err)
	}
	e, err := s.changeEndpoint(ctx, tenant, r.EndpointID, entries, func(t *tx, _ webhook.Endpoint) error {
		repeats, err := t.exec(ctx, `UPDATE webhook_endpoints SET secret = ?, version = version + 1 WHERE tenant_id = ? AND id = ? AND rotation_id = ? AND rotated_at > ?`,
			sealed, tenant, r.EndpointID, r.ID, at(r.RepeatsAfter))
		if err != nil || repeats > 0 {
			return err
		}
		_, err = t.exec(ctx, `UPDATE webhook_endpoints SET old_secret = secret, old_secret_until = ?, secret = ?, rotation_id = ?, rotated_at = ?, version = version + 1
			WHERE tenant_id = ? AND id = ?`, at(r.OldUntil), sealed, r.ID, at(r.At), tenant, r.EndpointID)
		return err
	})
	return e, failed(doing, err)
}

// SwitchOff implements [ports.Webhooks].
func (s *Webhooks) SwitchOff(ctx context.Context, tenant access.TenantID, id, reason string, failingSince time.Time, entries ...audit.Entry) (bool, error) {
	var n int64
	err := s.db.inTx(ctx, func(t *tx) error {
		var err error
		n, err = t.exec(ctx, `UPDATE webhook_endpoints SET is_enabled = FALSE, disabled_reason = ?, version = version + 1
			WHERE tenant_id = ? AND id = ? AND is_enabled AND failing_since <= ?`, reason, tenant, id, at(failingSince))
		if err != nil || n == 0 {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	return n > 0, failed("switching a webhook endpoint off", err)
}

// DeleteEndpoint implements [ports.Webhooks].
func (s *Webhooks) DeleteEndpoint(ctx context.Context, tenant access.TenantID, id string, now time.Time, entries ...audit.Entry) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE webhook_endpoints SET deleted_at = ?, is_enabled = FALSE, version = version + 1
			WHERE tenant_id = ? AND id = ? AND deleted_at IS NULL`, at(now), tenant, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.CodeNotFound, "There is no such webhook endpoint.")
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("removing a webhook endpoint", err)
}
