package sqlstore

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// isStuck is the condition of the index that answers for stuck runs. It has to
// stand in a query word for word for the index to be taken.
const isStuck = "status IN ('held', 'failed')"

// GroupStuck implements [ports.Runs]. The sample is sought by the time of the
// group's newest run, which is known by then, so that no group is sorted.
func (s *Runs) GroupStuck(ctx context.Context, tenant access.TenantID, filter ports.RunFilter) ([]ports.StuckGroup, error) {
	const doing = "grouping runs by cause"
	filter.Statuses = stuck(filter.Statuses)
	if len(filter.Statuses) == 0 {
		return nil, nil
	}
	where := conditions{}
	where.add("tenant_id = ?", tenant)
	where.add(isStuck)
	if err := s.narrow(&where, filter); err != nil {
		return nil, failed(doing, err)
	}
	var rows []struct {
		Status    syncrun.Status `db:"status"`
		ErrorCode fault.Code     `db:"error_code"`
		Count     int            `db:"count"`
		OldestAt  stamp          `db:"oldest_at"`
		NewestAt  stamp          `db:"newest_at"`
		SampleID  string         `db:"sample_id"`
	}
	query := `WITH causes AS (
			SELECT status, error_code, count(*) AS count, min(created_at) AS oldest_at, max(created_at) AS newest_at
			FROM sync_runs WHERE ` + where.String() + ` GROUP BY status, error_code)
		SELECT c.status, c.error_code, c.count, c.oldest_at, c.newest_at, (
				SELECT max(r.id) FROM sync_runs r WHERE ` + where.String() + `
				AND r.status = c.status AND r.error_code = c.error_code AND r.created_at = c.newest_at) AS sample_id
		FROM causes c ORDER BY c.count DESC, c.error_code, c.status`
	err := s.db.pool.SelectContext(ctx, &rows, s.db.rebind(query), append(where.args, where.args...)...)
	if err != nil {
		return nil, failed(doing, err)
	}
	out := make([]ports.StuckGroup, len(rows))
	for i, r := range rows {
		out[i] = ports.StuckGroup{
			Status: r.Status, ErrorCode: r.ErrorCode, Count: r.Count, OldestAt: r.OldestAt.Time, NewestAt: r.NewestAt.Time, SampleID: r.SampleID,
		}
	}
	return out, nil
}
