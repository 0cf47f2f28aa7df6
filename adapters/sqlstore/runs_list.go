package sqlstore

import (
	"context"
	"strings"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// conditions collects the conditions of a query with their parameters.
type conditions struct {
	texts []string
	args  []any
}

func (c *conditions) add(text string, args ...any) {
	c.texts = append(c.texts, text)
	c.args = append(c.args, args...)
}

func (c *conditions) String() string { return strings.Join(c.texts, " AND ") }

// ListRuns implements [ports.Runs]. A page starts at its cursor by an index, so
// that the thousandth costs what the first does.
func (s *Runs) ListRuns(ctx context.Context, tenant access.TenantID, filter ports.RunFilter, page ports.Page) (ports.Paged[syncrun.Run], error) {
	where := conditions{}
	where.add("tenant_id = ?", tenant)
	if err := s.narrow(&where, filter); err != nil {
		return ports.Paged[syncrun.Run]{}, failed("listing runs", err)
	}
	if page.After != "" {
		created, id, err := parseTimeCursor(page.After)
		if err != nil {
			return ports.Paged[syncrun.Run]{}, failed("listing runs", err)
		}
		where.add("(created_at, id) < (?, ?)", created, id)
	}
	// Filters make too many texts to keep prepared, and the planner does better
	// when it sees the values.
	var rows []runRow
	query := `SELECT ` + runColumns + ` FROM sync_runs WHERE ` + where.String() + ` ORDER BY created_at DESC, id DESC LIMIT ?`
	if err := s.db.pool.SelectContext(ctx, &rows, s.db.rebind(query), append(where.args, limit(page))...); err != nil {
		return ports.Paged[syncrun.Run]{}, failed("listing runs", err)
	}
	runs, err := runsOf(rows)
	if err != nil {
		return ports.Paged[syncrun.Run]{}, failed("listing runs", err)
	}
	return paged(runs, page, func(r syncrun.Run) string { return timeCursor(r.CreatedAt, r.ID) }), nil
}

func (s *Runs) narrow(where *conditions, f ports.RunFilter) error {
	if f.Provider != "" {
		where.add("provider = ?", f.Provider)
	}
	if f.BindingID != "" {
		where.add("binding_id = ?", f.BindingID)
	}
	switch len(f.Statuses) {
	case 0:
	case 1:
		where.add("status = ?", f.Statuses[0])
	default:
		statuses, err := s.db.dialect.list(texts(f.Statuses))
		if err != nil {
			return err
		}
		where.add(s.db.dialect.isOneOf("status"), statuses)
	}
	if f.SkipReason != "" {
		where.add("skip_reason <> '' AND skip_reason = ?", f.SkipReason)
	}
	if f.ErrorCode != "" {
		where.add("error_code <> '' AND error_code = ?", f.ErrorCode)
	}
	if f.EntityType != "" {
		where.add("entity_type = ?", f.EntityType)
	}
	if f.MagentoID != 0 {
		where.add("magento_id = ?", f.MagentoID)
	}
	if f.CreatedFrom != nil {
		where.add("created_at >= ?", at(*f.CreatedFrom))
	}
	if f.CreatedTo != nil {
		where.add("created_at < ?", at(*f.CreatedTo))
	}
	return nil
}

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}
