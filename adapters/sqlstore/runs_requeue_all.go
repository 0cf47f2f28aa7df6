package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

const (
	// requeueChunk is how many runs one transaction queues again.
	requeueChunk = 500
	// requeueTries is how often a chunk is tried while events come in that take a
	// run's place, or wait for it while it waits for them.
	requeueTries = 5
)

// position is where a run stands among others, oldest first.
type position struct {
	CreatedAt stamp  `db:"created_at"`
	ID        string `db:"id"`
}

// RequeueAll implements [ports.Runs]. A run whose event has another open run is
// left alone. Each run is looked at once, so that the call ends although workers
// put runs back beside it.
func (s *Runs) RequeueAll(ctx context.Context, tenant access.TenantID, filter ports.RunFilter, limit int, now time.Time, entries ...audit.Entry) (int, error) {
	const doing = "queueing runs again"
	where, some, err := s.stuckRuns(tenant, filter)
	if err != nil || !some {
		return 0, failed(doing, err)
	}
	var done int
	next := requeueing{where: where, entries: entries}
	for done < limit {
		next.limit = min(limit-done, requeueChunk)
		n, last, err := s.requeueChunk(ctx, next, now)
		if err != nil {
			return done, failed(doing, err)
		}
		if last.ID == "" {
			break
		}
		if n > 0 {
			next.entries = nil
		}
		done, next.after = done+n, last
	}
	return done, nil
}

// stuckRuns is the condition on a run r that it waits for a person and fits the
// filter; it reports false when none can.
func (s *Runs) stuckRuns(tenant access.TenantID, filter ports.RunFilter) (conditions, bool, error) {
	filter.Statuses = retriable(filter.Statuses)
	if len(filter.Statuses) == 0 {
		return conditions{}, false, nil
	}
	where := conditions{}
	where.add("tenant_id = ?", tenant)
	if err := s.narrow(&where, filter); err != nil {
		return conditions{}, false, err
	}
	where.add(`NOT EXISTS (SELECT 1 FROM sync_runs o WHERE o.binding_id = r.binding_id AND o.event_key = r.event_key AND o.id <> r.id
		AND o.status IN ` + pendingStatuses + `)`)
	return where, true, nil
}

// requeueing is a chunk of runs to queue again.
type requeueing struct {
	where conditions
	after position
	limit int
	// entries are appended with the first runs queued.
	entries []audit.Entry
	// keepSettings leaves each run its settings version.
	keepSettings bool
}

// stuck is what a filter on statuses leaves of those that wait for a person.
func stuck(wanted []syncrun.Status) []syncrun.Status {
	all := []syncrun.Status{syncrun.StatusHeld, syncrun.StatusFailed}
	if len(wanted) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(s syncrun.Status) bool { return !slices.Contains(wanted, s) })
}

// retriable is stuck, and what was skipped where the filter names it.
func retriable(wanted []syncrun.Status) []syncrun.Status {
	out := stuck(wanted)
	if slices.Contains(wanted, syncrun.StatusSkipped) {
		out = append(out, syncrun.StatusSkipped)
	}
	return out
}

// requeueChunk queues the oldest matching runs after a position again. It returns
// how many, and the position of the last one it looked at.
func (s *Runs) requeueChunk(ctx context.Context, chunk requeueing, now time.Time) (n int, last position, err error) {
	for range requeueTries {
		err = s.db.inTx(ctx, func(t *tx) error {
			n, last, err = requeueOldest(ctx, t, chunk, now)
			if err != nil || n == 0 {
				return err
			}
			return appendAudit(ctx, t, chunk.entries)
		})
		if err == nil || classify(err).Kind() != fault.Conflict && !isRolledBack(err) {
			break
		}
	}
	return n, last, err
}

func requeueOldest(ctx context.Context, t *tx, chunk requeueing, now time.Time) (int, position, error) {
	texts, args := slices.Clone(chunk.where.texts), slices.Clone(chunk.where.args)
	if chunk.after.ID != "" {
		texts, args = append(texts, "(created_at, id) > (?, ?)"), append(args, chunk.after.CreatedAt, chunk.after.ID)
	}
	var found []struct {
		position
		BindingID string `db:"binding_id"`
		EventKey  string `db:"event_key"`
	}
	matching := conditions{texts: texts}
	query := `SELECT created_at, id, binding_id, event_key FROM sync_runs r WHERE ` + matching.String() +
		` ORDER BY created_at, id LIMIT ?` + t.db.dialect.skipLocked("r")
	if err := t.tx.SelectContext(ctx, &found, t.db.rebind(query), append(args, chunk.limit)...); err != nil || len(found) == 0 {
		return 0, position{}, err
	}
	// Of an event with several dead runs, one may be open at a time.
	var ids []string
	taken := map[[2]string]bool{}
	for _, f := range found {
		if event := [2]string{f.BindingID, f.EventKey}; !taken[event] {
			taken[event] = true
			ids = append(ids, f.ID)
		}
	}
	list, err := t.db.dialect.list(ids)
	if err != nil {
		return 0, position{}, err
	}
	var rows []runRow
	err = t.change(ctx, &rows, `UPDATE sync_runs SET
			status = CASE (SELECT b.status FROM bindings b WHERE b.id = sync_runs.binding_id) WHEN 'active' THEN 'queued' ELSE 'waiting' END,
			settings_version = CASE WHEN CAST(? AS INTEGER) = 1 THEN sync_runs.settings_version
				ELSE (SELECT b.settings_version FROM bindings b WHERE b.id = sync_runs.binding_id) END,
			skip_reason = '', error_code = '', message = '', urgency = ?, attempts = 0, next_attempt_at = ?, finished_at = NULL
		WHERE `+t.db.dialect.isOneOf("id")+` RETURNING `+runColumns, oneIf(chunk.keepSettings), syncrun.Bulk, at(now), list)
	if err != nil {
		return 0, position{}, err
	}
	return len(rows), found[len(found)-1].position, pendChips(ctx, t, rows, now)
}

func oneIf(condition bool) int {
	if condition {
		return 1
	}
	return 0
}

// pendChips makes the chips of runs pending. The order is the same for all
// writers of several chips, so that two of them do not wait for each other.
func pendChips(ctx context.Context, t *tx, rows []runRow, now time.Time) error {
	slices.SortFunc(rows, func(a, b runRow) int {
		return cmp.Or(cmp.Compare(a.EntityType, b.EntityType), cmp.Compare(a.MagentoID, b.MagentoID), cmp.Compare(a.StoreID, b.StoreID),
			cmp.Compare(a.Provider, b.Provider), a.CreatedAt.Compare(b.CreatedAt.Time), cmp.Compare(a.ID, b.ID))
	})
	for _, row := range rows {
		run, err := row.run()
		if err != nil {
			return err
		}
		if err := putSyncState(ctx, t, syncrun.StateOf(run, now)); err != nil {
			return err
		}
	}
	return nil
}
