package sqlstore

import (
	"context"
	"time"
)

const (
	// ofDeleted are deliveries of deleted endpoints.
	ofDeleted = `SELECT d.id FROM webhook_endpoints e JOIN webhook_deliveries d ON d.tenant_id = e.tenant_id AND d.endpoint_id = e.id
		WHERE e.deleted_at IS NOT NULL LIMIT ?`
	// ofAge are old deliveries that nothing will be made of: an endpoint that is on
	// gets what is pending.
	ofAge = `SELECT d.id FROM webhook_deliveries d
		WHERE d.created_at < ? AND (d.status <> 'pending' OR NOT EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.id = d.endpoint_id AND e.is_enabled))
		ORDER BY d.created_at LIMIT ?`
)

// PurgeDeliveries implements [ports.Webhooks].
func (s *Webhooks) PurgeDeliveries(ctx context.Context, madeBefore time.Time, limit int) (int, error) {
	const doing = "removing old webhook deliveries"
	deleted, err := s.db.exec(ctx, `DELETE FROM webhook_deliveries WHERE id IN (`+ofDeleted+`)`, limit)
	if err != nil || int(deleted) == limit {
		return int(deleted), failed(doing, err)
	}
	_, err = s.db.exec(ctx, `DELETE FROM webhook_endpoints WHERE deleted_at IS NOT NULL AND NOT EXISTS (
		SELECT 1 FROM webhook_deliveries d WHERE d.tenant_id = webhook_endpoints.tenant_id AND d.endpoint_id = webhook_endpoints.id)`)
	if err != nil {
		return int(deleted), failed(doing, err)
	}
	old, err := s.db.exec(ctx, `DELETE FROM webhook_deliveries WHERE id IN (`+ofAge+`)`, at(madeBefore), limit-int(deleted))
	return int(deleted + old), failed(doing, err)
}
