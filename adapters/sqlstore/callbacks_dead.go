package sqlstore

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// dead is the conditions on dead callbacks c of a tenant that match a filter.
func (s *Callbacks) dead(tenant access.TenantID, f ports.CallbackFilter) (conditions, error) {
	where := conditions{}
	where.add("c.tenant_id = ? AND c.status = 'dead'", tenant)
	if len(f.IDs) > 0 {
		ids, err := s.db.dialect.list(f.IDs)
		if err != nil {
			return where, err
		}
		where.add(s.db.dialect.isOneOf("c.id"), ids)
	}
	if f.Provider != "" {
		where.add("c.provider = ?", f.Provider)
	}
	if f.BindingID != "" {
		where.add(`EXISTS (SELECT 1 FROM bindings b WHERE b.tenant_id = c.tenant_id AND b.id = ? AND b.store_id = c.store_id AND b.provider = c.provider)`, f.BindingID)
	}
	if f.EntityType != "" {
		where.add("c.entity_type = ?", f.EntityType)
	}
	if f.ErrorCode != "" {
		where.add("c.error_code = ?", f.ErrorCode)
	}
	if f.CreatedFrom != nil {
		where.add("c.created_at >= ?", at(*f.CreatedFrom))
	}
	if f.CreatedTo != nil {
		where.add("c.created_at < ?", at(*f.CreatedTo))
	}
	return where, nil
}

// GroupDead implements [ports.Callbacks].
func (s *Callbacks) GroupDead(ctx context.Context, tenant access.TenantID, filter ports.CallbackFilter) ([]ports.DeadGroup, error) {
	const doing = "grouping dead callbacks"
	where, err := s.dead(tenant, filter)
	if err != nil {
		return nil, failed(doing, err)
	}
	var rows []struct {
		ErrorCode fault.Code `db:"error_code"`
		Count     int        `db:"count"`
		OldestAt  stamp      `db:"oldest_at"`
	}
	err = s.db.list(ctx, &rows, `SELECT c.error_code, count(*) AS count, min(c.created_at) AS oldest_at FROM callbacks c
		WHERE `+where.String()+` GROUP BY c.error_code ORDER BY 2 DESC, 1`, where.args...)
	if err != nil {
		return nil, failed(doing, err)
	}
	out := make([]ports.DeadGroup, len(rows))
	for i, r := range rows {
		out[i] = ports.DeadGroup{ErrorCode: r.ErrorCode, Count: r.Count, OldestAt: r.OldestAt.Time}
	}
	return out, nil
}

// ListDead implements [ports.Callbacks].
func (s *Callbacks) ListDead(ctx context.Context, tenant access.TenantID, filter ports.CallbackFilter, limit int) ([]syncrun.Callback, error) {
	const doing = "listing dead callbacks"
	where, err := s.dead(tenant, filter)
	if err != nil {
		return nil, failed(doing, err)
	}
	var rows []callbackRow
	err = s.db.list(ctx, &rows, `SELECT `+callbackColumns+` FROM callbacks c WHERE `+where.String()+` ORDER BY c.created_at DESC, c.id DESC LIMIT ?`,
		append(where.args, limit)...)
	if err != nil {
		return nil, failed(doing, err)
	}
	out := make([]syncrun.Callback, len(rows))
	for i, r := range rows {
		out[i] = r.callback()
	}
	return out, nil
}

// PurgeDead implements [ports.Callbacks].
func (s *Callbacks) PurgeDead(ctx context.Context, tenant access.TenantID, filter ports.CallbackFilter, limit int) (int, error) {
	const doing = "removing dead callbacks"
	where, err := s.dead(tenant, filter)
	if err != nil {
		return 0, failed(doing, err)
	}
	n, err := s.db.exec(ctx, `DELETE FROM callbacks WHERE id IN (
		SELECT c.id FROM callbacks c WHERE `+where.String()+` ORDER BY c.created_at, c.id LIMIT ?`+s.db.dialect.skipLocked("c")+`)`,
		append(where.args, limit)...)
	return int(n), failed(doing, err)
}
