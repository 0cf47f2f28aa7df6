package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

const syncStateColumns = `tenant_id, entity_type, magento_id, store_id, provider, status, provider_entity_id, provider_reference, provider_url,
	skip_reason, error_code, last_sync_at, run_id`

// putSyncState stores a chip in place of the one before.
func putSyncState(ctx context.Context, s session, c syncrun.SyncState) error {
	_, err := s.exec(ctx, `INSERT INTO sync_states (`+syncStateColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (tenant_id, entity_type, magento_id, store_id, provider) DO UPDATE SET
			status = excluded.status, provider_entity_id = excluded.provider_entity_id, provider_reference = excluded.provider_reference,
			provider_url = excluded.provider_url, skip_reason = excluded.skip_reason, error_code = excluded.error_code,
			last_sync_at = excluded.last_sync_at, run_id = excluded.run_id`,
		c.TenantID, c.EntityType, c.MagentoID, c.StoreID, c.Provider, c.Status, c.ProviderEntityID, storable(c.ProviderReference), c.ProviderURL,
		c.SkipReason, c.ErrorCode, at(c.LastSyncAt), c.RunID)
	return err
}

// ListSyncStates implements [ports.Runs]. Its rows are scanned by hand: there
// may be thousands.
func (s *Runs) ListSyncStates(ctx context.Context, tenant access.TenantID, q ports.SyncStateQuery) ([]syncrun.SyncState, error) {
	const doing = "listing chips"
	rows, err := s.querySyncStates(ctx, tenant, q, syncStateColumns)
	if err != nil {
		return nil, failed(doing, err)
	}
	defer rows.Close()
	out := make([]syncrun.SyncState, 0, len(q.MagentoIDs))
	for rows.Next() {
		var c syncrun.SyncState
		var last stamp
		err := rows.Scan(&c.TenantID, &c.EntityType, &c.MagentoID, &c.StoreID, &c.Provider, &c.Status, &c.ProviderEntityID, &c.ProviderReference,
			&c.ProviderURL, &c.SkipReason, &c.ErrorCode, &last, &c.RunID)
		if err != nil {
			return nil, failed(doing, err)
		}
		c.LastSyncAt = last.Time
		out = append(out, c)
	}
	slices.SortFunc(out, func(x, y syncrun.SyncState) int {
		return cmp.Or(cmp.Compare(x.MagentoID, y.MagentoID), cmp.Compare(x.Provider, y.Provider), cmp.Compare(x.StoreID, y.StoreID))
	})
	return out, failed(doing, rows.Err())
}

// querySyncStates asks for chips, in no particular order: the index delivers
// them nearly sorted, and sorting the rest here costs the database nothing.
func (s *Runs) querySyncStates(ctx context.Context, tenant access.TenantID, q ports.SyncStateQuery, columns string) (*sql.Rows, error) {
	ids, err := s.db.dialect.list(q.MagentoIDs)
	if err != nil {
		return nil, err
	}
	query := `SELECT ` + columns + ` FROM sync_states WHERE tenant_id = ? AND entity_type = ? AND ` + s.db.dialect.isOneOf("magento_id")
	args := []any{tenant, q.EntityType, ids}
	if q.StoreID != "" {
		query, args = query+` AND store_id = ?`, append(args, q.StoreID)
	}
	if q.BindingID != "" {
		query += ` AND (store_id, provider) IN (SELECT store_id, provider FROM bindings WHERE tenant_id = ? AND id = ?)`
		args = append(args, tenant, q.BindingID)
	}
	if len(q.Providers) > 0 {
		providers, err := s.db.dialect.list(texts(q.Providers))
		if err != nil {
			return nil, err
		}
		query, args = query+` AND `+s.db.dialect.isOneOf("provider"), append(args, providers)
	}
	stmt, err := s.db.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

type chipRow struct {
	TenantID          access.TenantID     `db:"tenant_id"`
	EntityType        commerce.EntityType `db:"entity_type"`
	MagentoID         int64               `db:"magento_id"`
	StoreID           string              `db:"store_id"`
	Provider          binding.Provider    `db:"provider"`
	Status            syncrun.Chip        `db:"status"`
	ProviderEntityID  string              `db:"provider_entity_id"`
	ProviderReference string              `db:"provider_reference"`
	ProviderURL       string              `db:"provider_url"`
	SkipReason        syncrun.SkipReason  `db:"skip_reason"`
	ErrorCode         fault.Code          `db:"error_code"`
	LastSyncAt        stamp               `db:"last_sync_at"`
	RunID             string              `db:"run_id"`
}

func (r chipRow) chip() syncrun.SyncState {
	return syncrun.SyncState{
		TenantID: r.TenantID, StoreID: r.StoreID, Provider: r.Provider, EntityType: r.EntityType, MagentoID: r.MagentoID, Status: r.Status,
		ProviderEntityID: r.ProviderEntityID, ProviderReference: r.ProviderReference, ProviderURL: r.ProviderURL,
		SkipReason: r.SkipReason, ErrorCode: r.ErrorCode, LastSyncAt: r.LastSyncAt.Time, RunID: r.RunID,
	}
}
