package sqlstore

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/ports"
)

// BindingHealth implements [ports.Bindings].
func (s *Bindings) BindingHealth(ctx context.Context, tenant access.TenantID, id string, failedSince time.Time) (ports.Health, error) {
	var row struct {
		Pending         int   `db:"pending"`
		Held            int   `db:"held"`
		Failed          int   `db:"failed"`
		LastRunAt       stamp `db:"last_run_at"`
		OldestPendingAt stamp `db:"oldest_pending_at"`
	}
	err := s.db.get(ctx, &row, `SELECT
			(SELECT count(*) FROM sync_runs r WHERE r.binding_id = b.id AND r.status IN `+openStatuses+`) AS pending,
			(SELECT count(*) FROM sync_runs r WHERE r.binding_id = b.id AND r.status = 'held') AS held,
			(SELECT count(*) FROM sync_runs r WHERE r.binding_id = b.id AND r.status = 'failed' AND r.finished_at >= ?) AS failed,
			(SELECT max(r.finished_at) FROM sync_runs r WHERE r.binding_id = b.id AND r.finished_at IS NOT NULL) AS last_run_at,
			(SELECT min(r.created_at) FROM sync_runs r WHERE r.binding_id = b.id AND r.status IN `+openStatuses+`) AS oldest_pending_at
		FROM bindings b WHERE b.tenant_id = ? AND b.id = ?`, at(failedSince), tenant, id)
	if err != nil {
		return ports.Health{}, failed("counting a binding's runs", orNotFound(err, "binding"))
	}
	return ports.Health{
		Pending: row.Pending, Held: row.Held, Failed: row.Failed,
		LastRunAt: row.LastRunAt.orNil(), OldestPendingAt: row.OldestPendingAt.orNil(),
	}, nil
}
