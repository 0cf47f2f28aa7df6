package sqlstore

import (
	"context"
	"slices"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/commerce"
)

// ended is a run whose history goes.
type ended struct {
	ID         string              `db:"id"`
	TenantID   access.TenantID     `db:"tenant_id"`
	EventID    string              `db:"event_id"`
	EntityType commerce.EntityType `db:"entity_type"`
	MagentoID  int64               `db:"magento_id"`
}

// PurgeRuns implements [ports.Runs]. A callback that is still to be delivered, or
// a dead letter, outlives its run. With the last of the runs go the events of
// their age that no run came of.
func (s *Runs) PurgeRuns(ctx context.Context, endedBefore time.Time, limit int) (int, error) {
	var gone int
	err := s.db.inTx(ctx, func(t *tx) error {
		var runs []ended
		// The join goes through the bindings' index of finished runs: there is none
		// of all tenants' together.
		err := t.list(ctx, &runs, `SELECT r.id, r.tenant_id, r.event_id, r.entity_type, r.magento_id
			FROM bindings b JOIN sync_runs r ON r.binding_id = b.id
			WHERE r.finished_at IS NOT NULL AND r.finished_at < ? AND r.status IN ('succeeded', 'skipped') AND r.parent_id = 0
			LIMIT ?`+s.db.dialect.skipLocked("r"), at(endedBefore), limit)
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
		return 0, failed("removing old runs", err)
	}
	if gone < limit {
		err = s.removeLoneEvents(ctx, endedBefore)
	}
	return gone, failed("removing old events", err)
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
func removeRuns(ctx context.Context, t *tx, runs []ended) error {
	list, isOneOf := t.db.dialect.list, t.db.dialect.isOneOf
	ids, err := list(each(runs, func(r ended) string { return r.ID }))
	if err != nil {
		return err
	}
	tenants, err := list(each(runs, func(r ended) string { return string(r.TenantID) }))
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
func removeEvents(ctx context.Context, t *tx, removed []ended) error {
	list, isOneOf := t.db.dialect.list, t.db.dialect.isOneOf
	events := each(removed, func(r ended) string { return r.EventID })
	var args []any
	for _, values := range []any{
		each(removed, func(r ended) string { return string(r.TenantID) }),
		each(removed, func(r ended) string { return string(r.EntityType) }),
		each(removed, func(r ended) int64 { return r.MagentoID }),
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
func each[T ~string | ~int64](runs []ended, value func(ended) T) []T {
	out := make([]T, len(runs))
	for i, r := range runs {
		out[i] = value(r)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
