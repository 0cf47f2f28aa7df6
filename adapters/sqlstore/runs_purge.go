package sqlstore

import (
	"context"
	"slices"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// endedRun is a run whose history goes.
type endedRun struct {
	ID         string              `db:"id"`
	TenantID   access.TenantID     `db:"tenant_id"`
	EventID    string              `db:"event_id"`
	EntityType commerce.EntityType `db:"entity_type"`
	MagentoID  int64               `db:"magento_id"`
}

// purgeable is the conditions on a run r of a binding b that its history may go.
// The join goes through the bindings' index of finished runs: there is none of
// all tenants' together.
func (s *Runs) purgeable(f ports.PurgeFilter) (conditions, error) {
	where := conditions{}
	where.add("r.finished_at IS NOT NULL AND r.finished_at < ?", at(f.EndedBefore))
	statuses, err := s.db.dialect.list(texts(ended(f.Statuses)))
	if err != nil {
		return where, err
	}
	where.add(s.db.dialect.isOneOf("r.status"), statuses)
	where.add(`(r.parent_id = 0 OR (r.status = 'failed' AND r.provider_entity_id = ''))`)
	where.add(`(r.status <> 'failed' OR r.intent_recorded_at IS NULL OR r.intent_settled_at IS NOT NULL)`)
	if f.TenantID != "" {
		where.add("b.tenant_id = ?", f.TenantID)
	}
	if f.Provider != "" {
		where.add("b.provider = ?", f.Provider)
	}
	if f.BindingID != "" {
		where.add("b.id = ?", f.BindingID)
	}
	if f.ErrorCode != "" {
		where.add("r.error_code = ?", f.ErrorCode)
	}
	return where, nil
}

// ended is what a filter on statuses leaves of those whose history may go.
func ended(wanted []syncrun.Status) []syncrun.Status {
	if len(wanted) == 0 {
		return []syncrun.Status{syncrun.StatusSucceeded, syncrun.StatusSkipped}
	}
	return slices.DeleteFunc(slices.Clone(wanted), func(s syncrun.Status) bool { return !s.IsTerminal() })
}

// PurgeRuns implements [ports.Runs]. With the last of the runs of a purge that
// nothing but the time narrows go the events of their age that no run came of.
func (s *Runs) PurgeRuns(ctx context.Context, filter ports.PurgeFilter, limit int) (int, error) {
	const doing = "removing old runs"
	where, err := s.purgeable(filter)
	if err != nil {
		return 0, failed(doing, err)
	}
	var gone int
	err = s.db.inTx(ctx, func(t *tx) error {
		var runs []endedRun
		err := t.list(ctx, &runs, `SELECT r.id, r.tenant_id, r.event_id, r.entity_type, r.magento_id
			FROM bindings b JOIN sync_runs r ON r.binding_id = b.id
			WHERE `+where.String()+` LIMIT ?`+s.db.dialect.skipLocked("r"), append(where.args, limit)...)
		if err != nil {
			return err
		}
		gone = len(runs)
		if gone == 0 {
			return nil
		}
		return removeRuns(ctx, t, runs)
	})
	if err != nil {
		return 0, failed(doing, err)
	}
	isOfAll := filter.TenantID == "" && filter.Provider == "" && filter.BindingID == "" && filter.ErrorCode == "" && len(filter.Statuses) == 0
	if gone < limit && isOfAll {
		err = s.removeLoneEvents(ctx, filter.EndedBefore)
	}
	return gone, failed("removing old events", err)
}

// CountPurge implements [ports.Runs].
func (s *Runs) CountPurge(ctx context.Context, filter ports.PurgeFilter) (int, error) {
	const doing = "counting old runs"
	where, err := s.purgeable(filter)
	if err != nil {
		return 0, failed(doing, err)
	}
	var n int
	err = s.db.get(ctx, &n, `SELECT count(*) FROM bindings b JOIN sync_runs r ON r.binding_id = b.id WHERE `+where.String(), where.args...)
	return n, failed(doing, err)
}

// loneEventBatch bounds one statement that removes events.
const loneEventBatch = 1000

func (s *Runs) removeLoneEvents(ctx context.Context, before time.Time) error {
	for {
		n, err := s.db.exec(ctx, `DELETE FROM events WHERE id IN (SELECT id FROM events WHERE is_lone AND received_at < ? LIMIT ?)`, at(before), loneEventBatch)
		if err != nil || n < loneEventBatch {
			return err
		}
	}
}

// removeRuns removes runs with what belongs to them alone.
func removeRuns(ctx context.Context, t *tx, runs []endedRun) error {
	list, isOneOf := t.db.dialect.list, t.db.dialect.isOneOf
	ids, err := list(each(runs, func(r endedRun) string { return r.ID }))
	if err != nil {
		return err
	}
	tenants, err := list(each(runs, func(r endedRun) string { return string(r.TenantID) }))
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM run_attempts WHERE `+isOneOf("run_id"), ids); err != nil {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM callbacks WHERE `+isOneOf("tenant_id")+` AND status IN ('delivered', 'superseded') AND `+isOneOf("run_id"), tenants, ids)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM sync_runs WHERE `+isOneOf("id"), ids); err != nil {
		return err
	}
	return removeEvents(ctx, t, runs)
}

// removeEvents removes the events of removed runs, but for those that other runs
// came of. All runs of an event are about its document, whose index finds them.
func removeEvents(ctx context.Context, t *tx, removed []endedRun) error {
	list, isOneOf := t.db.dialect.list, t.db.dialect.isOneOf
	events := each(removed, func(r endedRun) string { return r.EventID })
	var args []any
	for _, values := range []any{
		each(removed, func(r endedRun) string { return string(r.TenantID) }),
		each(removed, func(r endedRun) string { return string(r.EntityType) }),
		each(removed, func(r endedRun) int64 { return r.MagentoID }),
		events,
	} {
		arg, err := list(values)
		if err != nil {
			return err
		}
		args = append(args, arg)
	}
	var needed []string
	err := t.list(ctx, &needed, `SELECT event_id FROM sync_runs WHERE `+isOneOf("tenant_id")+` AND `+isOneOf("entity_type")+` AND `+isOneOf("magento_id")+
		` AND `+isOneOf("event_id"), args...)
	if err != nil {
		return err
	}
	free, err := list(slices.DeleteFunc(events, func(id string) bool { return slices.Contains(needed, id) }))
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM events WHERE `+isOneOf("id"), free)
	return err
}

// each is a value of each run, every one once.
func each[T ~string | ~int64](runs []endedRun, value func(endedRun) T) []T {
	out := make([]T, len(runs))
	for i, r := range runs {
		out[i] = value(r)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
