package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// claimable is the condition on a run r that its turn has come, with the present
// as its two parameters. The time of a running one is the end of its lease. Runs
// of a document take turns: none goes before an older one that is not finished,
// nor beside one under a lease.
//
// The OFFSET keeps the look at the document's other runs from becoming a join:
// without statistics a planner would compare every run with every other.
const claimable = `r.status IN ` + openStatuses + ` AND r.next_attempt_at <= ?
	AND NOT EXISTS (SELECT 1 FROM sync_runs o
		WHERE o.binding_id = r.binding_id AND o.entity_type = r.entity_type AND o.magento_id = r.magento_id AND o.id <> r.id
		AND o.status IN ` + openStatuses + ` AND ((o.created_at, o.id) < (r.created_at, r.id) OR (o.status = 'running' AND o.next_attempt_at > ?))
		LIMIT 1 OFFSET 0)`

// working is the condition on a binding b and its store s that work is done for them.
const working = `b.status = 'active' AND s.status <> 'token_revoked'`

// inTurn keeps credit memos from overtaking older runs of invoices that are
// claimable, with the present as its two parameters.
const inTurn = `(r.event <> 'creditmemo.created' OR NOT EXISTS (
		SELECT 1 FROM (SELECT r.urgency, r.created_at, r.id FROM sync_runs r
			WHERE r.binding_id = ? AND r.entity_type = 'invoice' AND ` + claimable + `
			ORDER BY r.urgency, r.created_at, r.id LIMIT 1) AS i
		WHERE (i.urgency, i.created_at, i.id) < (r.urgency, r.created_at, r.id)))`

// memoPatience is how long credit memos give way to other work. Each batch that
// has any takes several calls more; those that gather meanwhile share them.
const memoPatience = 10 * time.Minute

// Claim implements [ports.Runs].
func (s *Runs) Claim(ctx context.Context, tenant access.TenantID, bindingID, worker string, limit int, now, until time.Time) ([]syncrun.Run, error) {
	var claimed []runRow
	err := s.db.inTx(ctx, func(t *tx) error {
		// The second turn is for the memos that gave way.
		for _, memosUntil := range []time.Time{now.Add(-memoPatience), endOfTime} {
			for len(claimed) < limit {
				rows, err := claimAlike(ctx, t, tenant, bindingID, worker, limit-len(claimed), now, until, memosUntil)
				if err != nil {
					return err
				}
				if len(rows) == 0 {
					break
				}
				claimed = append(claimed, rows...)
			}
		}
		return nil
	})
	if err != nil {
		return nil, failed("claiming runs", err)
	}
	runs, err := runsOf(claimed)
	return runs, failed("claiming runs", err)
}

// endOfTime is later than any run.
var endOfTime = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

// claimAlike claims the first claimable run and others with its urgency and event,
// leaving credit memos out that were made after a time.
func claimAlike(ctx context.Context, t *tx, tenant access.TenantID, bindingID, worker string, limit int, now, until, memosUntil time.Time) ([]runRow, error) {
	lock := t.db.dialect.skipLocked("r")
	var rows []runRow
	err := t.change(ctx, &rows, `WITH first AS MATERIALIZED (
			SELECT r.urgency, r.event FROM sync_runs r
			WHERE r.tenant_id = ? AND r.binding_id = ? AND (r.event <> 'creditmemo.created' OR r.created_at <= ?) AND `+claimable+`
			AND EXISTS (SELECT 1 FROM bindings b JOIN stores s ON s.id = b.store_id WHERE b.tenant_id = ? AND b.id = ? AND `+working+`)
			ORDER BY r.urgency, r.created_at, r.id LIMIT 1`+lock+`),
		due AS MATERIALIZED (
			SELECT r.id FROM sync_runs r
			WHERE r.tenant_id = ? AND r.binding_id = ? AND r.urgency = (SELECT urgency FROM first) AND r.event = (SELECT event FROM first)
			AND `+claimable+` AND `+inTurn+`
			ORDER BY r.created_at, r.id LIMIT ?`+lock+`)
		UPDATE sync_runs SET status = 'running', claims = claims + 1, worker = ?, next_attempt_at = ?, started_at = COALESCE(started_at, ?)
		WHERE id IN (SELECT id FROM due) RETURNING `+runColumns,
		tenant, bindingID, at(memosUntil), at(now), at(now), tenant, bindingID,
		tenant, bindingID, at(now), at(now), bindingID, at(now), at(now), limit,
		worker, at(until), at(now))
	// The order in which changed rows are returned is not defined.
	slices.SortFunc(rows, func(a, b runRow) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt.Time), cmp.Compare(a.ID, b.ID))
	})
	return rows, err
}

// ListDue implements [ports.Runs]. The binding that has waited longest comes first.
func (s *Runs) ListDue(ctx context.Context, now time.Time, limit int) ([]ports.Due, error) {
	var rows []struct {
		TenantID access.TenantID `db:"tenant_id"`
		ID       string          `db:"id"`
	}
	err := s.db.list(ctx, &rows, `SELECT tenant_id, id FROM (
			SELECT b.tenant_id, b.id, (
				SELECT r.next_attempt_at FROM sync_runs r WHERE r.binding_id = b.id AND `+claimable+`
				ORDER BY r.next_attempt_at LIMIT 1) AS due_at
			FROM bindings b JOIN stores s ON s.id = b.store_id WHERE `+working+`) AS d
		WHERE due_at IS NOT NULL ORDER BY due_at, id LIMIT ?`, at(now), at(now), limit)
	if err != nil {
		return nil, failed("listing due bindings", err)
	}
	out := make([]ports.Due, len(rows))
	for i, r := range rows {
		out[i] = ports.Due{TenantID: r.TenantID, BindingID: r.ID}
	}
	return out, nil
}
