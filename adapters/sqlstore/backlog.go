package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"byte8.io/ledger/ports"
)

// Backlog implements [ports.Backlog].
type Backlog struct{ db *DB }

var _ ports.Backlog = (*Backlog)(nil)

// NewBacklog makes the reader of what waits.
func NewBacklog(db *DB) *Backlog { return &Backlog{db} }

// ReadBacklog implements [ports.Backlog].
func (s *Backlog) ReadBacklog(ctx context.Context, limit int) (ports.Waiting, error) {
	w, err := s.read(ctx, limit)
	return w, failed("counting what waits", err)
}

func (s *Backlog) read(ctx context.Context, limit int) (ports.Waiting, error) {
	var w ports.Waiting
	err := s.db.list(ctx, &w.Runs, `SELECT provider, status, count(*) AS count FROM
			(SELECT provider, status FROM sync_runs WHERE status IN `+pendingStatuses+` LIMIT ?) AS r
		GROUP BY provider, status ORDER BY provider, status`, limit)
	if err != nil {
		return w, err
	}
	// Each binding's oldest run is the first of an index, once an urgency.
	var oldest stamp
	err = s.db.get(ctx, &oldest, `SELECT min(o.created_at) FROM (
			SELECT (SELECT r.created_at FROM sync_runs r WHERE r.binding_id = b.id AND r.urgency = u.urgency AND r.status IN `+openStatuses+`
				ORDER BY r.created_at, r.id LIMIT 1) AS created_at
			FROM bindings b CROSS JOIN (SELECT 0 AS urgency UNION ALL SELECT 1) AS u WHERE b.status = 'active') AS o`)
	if err != nil {
		return w, err
	}
	w.OldestRun = oldest.orNil()
	err = s.db.get(ctx, &w.Callbacks, `SELECT count(*) FROM (SELECT 1 FROM callbacks WHERE status = 'pending' LIMIT ?) AS c`, limit)
	if err != nil {
		return w, err
	}
	err = s.db.get(ctx, &w.DeadCallbacks, `SELECT CAST(COALESCE(sum(
			(SELECT count(*) FROM (SELECT 1 FROM callbacks c WHERE c.tenant_id = t.id AND c.status = 'dead' LIMIT ?) AS d)), 0) AS BIGINT) FROM tenants t`, limit)
	if err != nil {
		return w, err
	}
	err = s.db.list(ctx, &w.Organisations, `SELECT DISTINCT provider, organisation_id FROM bindings
		WHERE status = 'active' AND organisation_id <> '' ORDER BY provider, organisation_id LIMIT ?`, limit)
	return w, err
}

// Connections is the state of the pool of connections.
func (db *DB) Connections() sql.DBStats { return db.pool.Stats() }

// ServerConnections is how many connections the server takes and how many it
// has; 0 where the database is in this process.
func (db *DB) ServerConnections(ctx context.Context) (limit, used int, err error) {
	if db.dialect.driver != postgres.driver {
		return 0, 0, nil
	}
	var row struct {
		Limit int `db:"most"`
		Used  int `db:"used"`
	}
	err = db.pool.GetContext(ctx, &row, `SELECT CAST(current_setting('max_connections') AS integer) AS most,
		(SELECT CAST(COALESCE(sum(numbackends), 0) AS integer) FROM pg_stat_database) AS used`)
	return row.Limit, row.Used, failed("counting connections", err)
}

// CountUnusedConsents counts live consents whose tokens were last renewed before
// a time.
func (s *Backlog) CountUnusedConsents(ctx context.Context, before time.Time) (int, error) {
	var n int
	err := s.db.get(ctx, &n, `SELECT count(*) FROM token_sets WHERE revoked_at IS NULL AND refreshed_at < ?`, at(before))
	return n, failed("counting consents", err)
}
