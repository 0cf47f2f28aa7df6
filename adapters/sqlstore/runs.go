package sqlstore

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// Runs implements [ports.Runs].
type Runs struct{ db *DB }

var _ ports.Runs = (*Runs)(nil)

// NewRuns makes the store of runs, attempts, xrefs and chips.
func NewRuns(db *DB) *Runs { return &Runs{db} }

// The statuses of runs as they stand in the conditions of partial indexes: a
// query that repeats one word for word can use the index.
const (
	// openStatuses are those a worker still acts on by itself.
	openStatuses = `('queued', 'running', 'waiting', 'uncertain')`
	// pendingStatuses are the open ones and held.
	pendingStatuses = `('queued', 'running', 'waiting', 'uncertain', 'held')`
)

// FindRun implements [ports.Runs].
func (s *Runs) FindRun(ctx context.Context, tenant access.TenantID, id string) (syncrun.Run, error) {
	run, err := findRun(ctx, s.db, tenant, id, "")
	return run, failed("finding a run", err)
}

// FindRuns implements [ports.Runs].
func (s *Runs) FindRuns(ctx context.Context, tenant access.TenantID, ids []string) ([]syncrun.Run, error) {
	list, err := s.db.dialect.list(ids)
	if err != nil {
		return nil, failed("finding runs", err)
	}
	var rows []runRow
	err = s.db.list(ctx, &rows, `SELECT `+runColumns+` FROM sync_runs WHERE tenant_id = ? AND `+s.db.dialect.isOneOf("id"), tenant, list)
	if err != nil {
		return nil, failed("finding runs", err)
	}
	runs, err := runsOf(rows)
	return runs, failed("finding runs", err)
}

// findRun reads a run and locks it as the suffix says.
func findRun(ctx context.Context, s session, tenant access.TenantID, id, lock string) (syncrun.Run, error) {
	var row runRow
	err := s.get(ctx, &row, `SELECT `+runColumns+` FROM sync_runs WHERE tenant_id = ? AND id = ?`+lock, tenant, id)
	if err != nil {
		return syncrun.Run{}, orNotFound(err, "run")
	}
	return row.run()
}
