package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/ports"
)

const deliveryColumns = `id, tenant_id, endpoint_id, topic, payload, status, attempts, failures, claims, response_status, message, next_attempt_at,
	created_at, delivered_at`

// isShown leaves out what is left of deleted endpoints.
const isShown = `EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.id = webhook_deliveries.endpoint_id AND e.deleted_at IS NULL)`

type deliveryRow struct {
	ID             string          `db:"id"`
	TenantID       access.TenantID `db:"tenant_id"`
	EndpointID     string          `db:"endpoint_id"`
	Topic          webhook.Topic   `db:"topic"`
	Payload        string          `db:"payload"`
	Status         webhook.Status  `db:"status"`
	Attempts       int             `db:"attempts"`
	Failures       int             `db:"failures"`
	Claims         int             `db:"claims"`
	ResponseStatus int             `db:"response_status"`
	Message        string          `db:"message"`
	NextAttemptAt  stamp           `db:"next_attempt_at"`
	CreatedAt      stamp           `db:"created_at"`
	DeliveredAt    stamp           `db:"delivered_at"`
}

func (r deliveryRow) delivery() webhook.Delivery {
	return webhook.Delivery{
		ID: r.ID, TenantID: r.TenantID, EndpointID: r.EndpointID, Topic: r.Topic, Payload: []byte(r.Payload), Status: r.Status, Attempts: r.Attempts,
		Failures: r.Failures, Claims: r.Claims, ResponseStatus: r.ResponseStatus, Message: r.Message,
		NextAttemptAt: r.NextAttemptAt.Time, CreatedAt: r.CreatedAt.Time, DeliveredAt: r.DeliveredAt.orNil(),
	}
}

func deliveriesOf(rows []deliveryRow) []webhook.Delivery {
	out := make([]webhook.Delivery, len(rows))
	for i, row := range rows {
		out[i] = row.delivery()
	}
	return out
}

// ListDueEndpoints implements [ports.Webhooks]. The endpoint that has waited
// longest comes first.
func (s *Webhooks) ListDueEndpoints(ctx context.Context, now time.Time, limit int) ([]ports.DueEndpoint, error) {
	var rows []struct {
		TenantID access.TenantID `db:"tenant_id"`
		ID       string          `db:"id"`
	}
	err := s.db.list(ctx, &rows, `SELECT tenant_id, id FROM (
			SELECT e.tenant_id, e.id, (
				SELECT d.next_attempt_at FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.status = 'pending' AND d.next_attempt_at <= ?
				ORDER BY d.next_attempt_at LIMIT 1) AS due_at
			FROM webhook_endpoints e WHERE e.is_enabled) AS due
		WHERE due_at IS NOT NULL ORDER BY due_at, id LIMIT ?`, at(now), limit)
	if err != nil {
		return nil, failed("listing webhook endpoints with due deliveries", err)
	}
	out := make([]ports.DueEndpoint, len(rows))
	for i, r := range rows {
		out[i] = ports.DueEndpoint{TenantID: r.TenantID, EndpointID: r.ID}
	}
	return out, nil
}

// ClaimDeliveries implements [ports.Webhooks]. The endpoint's row stands for its
// deliveries under way: claims take turns, so that together they keep the limit.
func (s *Webhooks) ClaimDeliveries(ctx context.Context, tenant access.TenantID, endpointID string, now, until time.Time) (ports.ClaimedDeliveries, error) {
	var claimed ports.ClaimedDeliveries
	err := s.db.inTx(ctx, func(t *tx) error {
		var row struct {
			URL            string `db:"url"`
			Secret         []byte `db:"secret"`
			OldSecret      []byte `db:"old_secret"`
			OldSecretUntil stamp  `db:"old_secret_until"`
		}
		err := t.get(ctx, &row, `SELECT url, secret, old_secret, old_secret_until FROM webhook_endpoints WHERE tenant_id = ? AND id = ? AND is_enabled`+s.db.dialect.lock,
			tenant, endpointID)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		var held int
		if err := t.get(ctx, &held, `SELECT count(*) FROM webhook_deliveries WHERE endpoint_id = ? AND claimed_until > ?`, endpointID, at(now)); err != nil {
			return err
		}
		if held >= webhook.MaxInFlight {
			return nil
		}
		var rows []deliveryRow
		err = t.change(ctx, &rows, `WITH due AS MATERIALIZED (
				SELECT d.id FROM webhook_deliveries d WHERE d.tenant_id = ? AND d.endpoint_id = ? AND d.status = 'pending' AND d.next_attempt_at <= ?
				ORDER BY d.next_attempt_at, d.id LIMIT ?`+s.db.dialect.skipLocked("d")+`)
			UPDATE webhook_deliveries SET claims = claims + 1, next_attempt_at = ?, claimed_until = ? WHERE id IN (SELECT id FROM due) RETURNING `+deliveryColumns,
			tenant, endpointID, at(now), webhook.MaxInFlight-held, at(until), at(until))
		if err != nil || len(rows) == 0 {
			return err
		}
		slices.SortFunc(rows, func(a, b deliveryRow) int {
			return cmp.Or(a.CreatedAt.Compare(b.CreatedAt.Time), cmp.Compare(a.ID, b.ID))
		})
		sealed := [][]byte{row.Secret}
		if row.OldSecretUntil.After(now) {
			sealed = append(sealed, row.OldSecret)
		}
		claimed = ports.ClaimedDeliveries{Deliveries: deliveriesOf(rows), URL: row.URL}
		for _, value := range sealed {
			secret, err := unseal(s.vault, value, endpointSecret, endpointID)
			if err != nil {
				return err
			}
			claimed.Secrets = append(claimed.Secrets, secret)
		}
		return nil
	})
	if err != nil {
		return ports.ClaimedDeliveries{}, failed("claiming webhook deliveries", err)
	}
	return claimed, nil
}

// SaveDelivery implements [ports.Webhooks].
func (s *Webhooks) SaveDelivery(ctx context.Context, d webhook.Delivery, now time.Time) (webhook.Endpoint, error) {
	var e webhook.Endpoint
	err := s.db.inTx(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE webhook_deliveries SET status = ?, attempts = ?, failures = ?, response_status = ?, message = ?, next_attempt_at = ?,
			delivered_at = ?, claimed_until = NULL WHERE tenant_id = ? AND id = ? AND claims = ? AND status = 'pending'`,
			d.Status, d.Attempts, d.Failures, d.ResponseStatus, storable(d.Message), at(d.NextAttemptAt), atOrNever(d.DeliveredAt), d.TenantID, d.ID, d.Claims)
		if err != nil {
			return err
		}
		if n == 0 {
			if err := t.get(ctx, new(string), `SELECT id FROM webhook_deliveries WHERE tenant_id = ? AND id = ? AND `+isShown, d.TenantID, d.ID); err != nil {
				return orNotFound(err, "webhook delivery")
			}
			return fault.New(fault.CodeConflict, "The webhook delivery was claimed by another worker, or replayed.")
		}
		if d.Status == webhook.StatusDelivered {
			_, err = t.exec(ctx, `UPDATE webhook_endpoints SET last_delivered_at = ?, failing_since = NULL WHERE tenant_id = ? AND id = ?`,
				at(now), d.TenantID, d.EndpointID)
		} else {
			_, err = t.exec(ctx, `UPDATE webhook_endpoints SET last_failed_at = ?, failing_since = COALESCE(failing_since, ?) WHERE tenant_id = ? AND id = ?`,
				at(now), at(now), d.TenantID, d.EndpointID)
		}
		if err != nil {
			return err
		}
		e, err = findEndpoint(ctx, t, d.TenantID, d.EndpointID, "")
		return err
	})
	return e, failed("saving a webhook delivery", err)
}

// FindDelivery implements [ports.Webhooks].
func (s *Webhooks) FindDelivery(ctx context.Context, tenant access.TenantID, id string) (webhook.Delivery, error) {
	var row deliveryRow
	err := s.db.get(ctx, &row, `SELECT `+deliveryColumns+` FROM webhook_deliveries WHERE tenant_id = ? AND id = ? AND `+isShown, tenant, id)
	return row.delivery(), failed("finding a webhook delivery", orNotFound(err, "webhook delivery"))
}

// ListDeliveries implements [ports.Webhooks].
func (s *Webhooks) ListDeliveries(ctx context.Context, tenant access.TenantID, endpointID string, status webhook.Status, page ports.Page) (ports.Paged[webhook.Delivery], error) {
	const doing = "listing webhook deliveries"
	where := conditions{}
	where.add("tenant_id = ? AND endpoint_id = ? AND "+isShown, tenant, endpointID)
	if status != "" {
		where.add("status = ?", status)
	}
	if page.After != "" {
		created, id, err := parseTimeCursor(page.After)
		if err != nil {
			return ports.Paged[webhook.Delivery]{}, failed(doing, err)
		}
		where.add("(created_at, id) < (?, ?)", created, id)
	}
	var rows []deliveryRow
	err := s.db.list(ctx, &rows, `SELECT `+deliveryColumns+` FROM webhook_deliveries WHERE `+where.String()+` ORDER BY created_at DESC, id DESC LIMIT ?`,
		append(where.args, limit(page))...)
	if err != nil {
		return ports.Paged[webhook.Delivery]{}, failed(doing, err)
	}
	return paged(deliveriesOf(rows), page, func(d webhook.Delivery) string { return timeCursor(d.CreatedAt, d.ID) }), nil
}

// Replay implements [ports.Webhooks].
func (s *Webhooks) Replay(ctx context.Context, tenant access.TenantID, which ports.Replay, now time.Time, entries ...audit.Entry) (int, error) {
	where := conditions{}
	where.add("tenant_id = ? AND endpoint_id = ? AND "+isShown, tenant, which.EndpointID)
	if which.DeliveryID != "" {
		where.add("id = ?", which.DeliveryID)
		which.Limit = 1
	} else {
		where.add("(claimed_until IS NULL OR claimed_until <= ?)", at(now))
		if which.From != nil {
			where.add("created_at >= ?", at(*which.From))
		}
		if which.To != nil {
			where.add("created_at < ?", at(*which.To))
		}
		if which.OnlyMissing {
			where.add("status <> 'delivered'")
		}
	}
	var n int64
	err := s.db.inTx(ctx, func(t *tx) error {
		var err error
		n, err = t.exec(ctx, `UPDATE webhook_deliveries SET status = 'pending', failures = 0, claims = claims + 1, claimed_until = NULL, delivered_at = NULL, next_attempt_at = ?
			WHERE id IN (SELECT id FROM webhook_deliveries WHERE `+where.String()+` ORDER BY created_at, id LIMIT ?)`,
			append(append([]any{at(now)}, where.args...), which.Limit)...)
		if err != nil {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	return int(n), failed("replaying webhook deliveries", err)
}
