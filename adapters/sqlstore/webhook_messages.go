package sqlstore

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/webhook"
)

// PutMessage implements [ports.Webhooks].
func (s *Webhooks) PutMessage(ctx context.Context, tenant access.TenantID, m webhook.Message) error {
	return failed("storing a webhook message", putMessage(ctx, s.db, tenant, m))
}

// putMessage stores a delivery for each endpoint that is told of the message. A
// tenant without endpoints costs one look at an index. An id is made of the
// message's key and the endpoint's id, whose prefix of four is left out.
func putMessage(ctx context.Context, on session, tenant access.TenantID, m webhook.Message) error {
	payload, err := m.Payload()
	if err != nil {
		return err
	}
	_, err = on.exec(ctx, `INSERT INTO webhook_deliveries
			(id, tenant_id, endpoint_id, topic, payload, status, attempts, failures, claims, response_status, message, next_attempt_at, created_at)
		SELECT 'whd_' || ? || '_' || substr(e.id, 5), e.tenant_id, e.id, ?, ?, 'pending', 0, 0, 0, 0, '', ?, ?
		FROM webhook_endpoints e
		WHERE e.tenant_id = ? AND e.is_enabled AND e.binding_id IN ('', ?) AND e.topics LIKE ?
		ON CONFLICT (id) DO NOTHING`,
		m.Key, m.Topic, storable(string(payload)), at(m.At), at(m.At), tenant, m.BindingID, "% "+string(m.Topic)+" %")
	return err
}
