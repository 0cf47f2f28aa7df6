package sqlstore

import (
	"context"
	"strings"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// newestFirst is the order of a list of runs.
const newestFirst = ` ORDER BY created_at DESC, id DESC LIMIT ?`

// ListRuns implements [ports.Runs]. A page starts at its cursor by an index, so
// that the thousandth costs what the first does; the pages of the filter's parts
// are then merged.
func (s *Runs) ListRuns(ctx context.Context, tenant access.TenantID, filter ports.RunFilter, page ports.Page) (ports.Paged[syncrun.Run], error) {
	rows, err := s.listRows(ctx, tenant, filter, page)
	if err != nil {
		return ports.Paged[syncrun.Run]{}, failed("listing runs", err)
	}
	runs, err := runsOf(rows)
	if err != nil {
		return ports.Paged[syncrun.Run]{}, failed("listing runs", err)
	}
	return paged(runs, page, func(r syncrun.Run) string { return timeCursor(r.CreatedAt, r.ID) }), nil
}

func (s *Runs) listRows(ctx context.Context, tenant access.TenantID, filter ports.RunFilter, page ports.Page) ([]runRow, error) {
	parts, isSparse, err := s.branches(ctx, tenant, filter)
	if err != nil {
		return nil, err
	}
	after := func(*conditions) {}
	if page.After != "" {
		created, id, err := parseTimeCursor(page.After)
		if err != nil {
			return nil, err
		}
		after = func(where *conditions) { where.add("(created_at, id) < (?, ?)", created, id) }
	}
	queries, args := make([]string, len(parts)), []any{}
	for i, where := range parts {
		after(&where)
		queries[i] = `SELECT ` + listedColumns + ` FROM sync_runs WHERE ` + where.String() + newestFirst
		if isSparse {
			queries[i] = sparsePage(where)
		}
		args = append(append(args, where.args...), limit(page))
	}
	query := queries[0]
	if len(queries) > 1 {
		for i, q := range queries {
			queries[i] = `SELECT * FROM (` + q + `) AS part`
		}
		query = strings.Join(queries, " UNION ALL ") + newestFirst
		args = append(args, limit(page))
	}
	// Filters make too many texts to keep prepared, and the planner does better
	// when it sees the values.
	var rows []runRow
	return rows, s.db.pool.SelectContext(ctx, &rows, s.db.rebind(query), args...)
}

// sparsePage finds the few runs that fit by the index of their numbers and sorts
// them. Left to itself a planner may walk the history for them, which is long
// when they are all old.
func sparsePage(where conditions) string {
	return `WITH fitting AS MATERIALIZED (SELECT id, created_at FROM sync_runs WHERE ` + where.String() + `)
		SELECT ` + listedColumns + ` FROM sync_runs WHERE id IN (SELECT id FROM fitting` + newestFirst + `)`
}

// CountRuns implements [ports.Runs].
func (s *Runs) CountRuns(ctx context.Context, tenant access.TenantID, filter ports.RunFilter, limit int) (int, error) {
	parts, _, err := s.branches(ctx, tenant, filter)
	if err != nil {
		return 0, failed("counting runs", err)
	}
	queries, args := make([]string, len(parts)), []any{}
	for i, where := range parts {
		queries[i] = `SELECT COUNT(*) AS n FROM (SELECT 1 FROM sync_runs WHERE ` + where.String() + ` LIMIT ?) AS part`
		args = append(append(args, where.args...), limit)
	}
	query := `SELECT CAST(SUM(n) AS INTEGER) FROM (` + strings.Join(queries, " UNION ALL ") + `) AS parts`
	var n int
	if err := s.db.pool.GetContext(ctx, &n, s.db.rebind(query), args...); err != nil {
		return 0, failed("counting runs", err)
	}
	return min(n, limit), nil
}
