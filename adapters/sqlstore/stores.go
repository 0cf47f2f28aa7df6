package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// Stores implements [ports.Stores].
type Stores struct {
	db    *DB
	vault ports.Vault
}

var _ ports.Stores = (*Stores)(nil)

// NewStores makes the store of paired shops. The vault seals their keys.
func NewStores(db *DB, vault ports.Vault) *Stores { return &Stores{db, vault} }

const storeColumns = `id, tenant_id, code, base_url, status, created_at`

type storeRow struct {
	ID        string              `db:"id"`
	TenantID  access.TenantID     `db:"tenant_id"`
	Code      string              `db:"code"`
	BaseURL   string              `db:"base_url"`
	Status    binding.StoreStatus `db:"status"`
	CreatedAt stamp               `db:"created_at"`
}

func (r storeRow) store() binding.Store {
	return binding.Store{ID: r.ID, TenantID: r.TenantID, Code: r.Code, BaseURL: r.BaseURL, Status: r.Status, CreatedAt: r.CreatedAt.Time}
}

// PutStore implements [ports.Stores].
func (s *Stores) PutStore(ctx context.Context, store binding.Store) (binding.Store, error) {
	_, err := s.db.exec(ctx, `INSERT INTO stores (`+storeColumns+`) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		store.ID, store.TenantID, store.Code, store.BaseURL, store.Status, at(store.CreatedAt))
	if err != nil {
		return binding.Store{}, failed("storing a store", err)
	}
	var row storeRow
	err = s.db.get(ctx, &row, `SELECT `+storeColumns+` FROM stores WHERE tenant_id = ? AND base_url = ?`, store.TenantID, store.BaseURL)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.CodeConflict, "A store with this code exists already.")
	}
	return row.store(), failed("reading the stored store", err)
}

// FindStore implements [ports.Stores].
func (s *Stores) FindStore(ctx context.Context, tenant access.TenantID, id string) (binding.Store, error) {
	var row storeRow
	err := s.db.get(ctx, &row, `SELECT `+storeColumns+` FROM stores WHERE tenant_id = ? AND id = ?`, tenant, id)
	return row.store(), failed("finding a store", orNotFound(err, "store"))
}

// ListStores implements [ports.Stores].
func (s *Stores) ListStores(ctx context.Context, tenant access.TenantID) ([]binding.Store, error) {
	var rows []storeRow
	err := s.db.list(ctx, &rows, `SELECT `+storeColumns+` FROM stores WHERE tenant_id = ? ORDER BY created_at, id`, tenant)
	if err != nil {
		return nil, failed("listing stores", err)
	}
	out := make([]binding.Store, len(rows))
	for i, r := range rows {
		out[i] = r.store()
	}
	return out, nil
}

// SetStoreStatus implements [ports.Stores].
func (s *Stores) SetStoreStatus(ctx context.Context, tenant access.TenantID, id string, status binding.StoreStatus, now time.Time) error {
	err := s.db.inTx(ctx, func(t *tx) error { return setStoreStatus(ctx, t, tenant, id, status, now) })
	return failed("setting a store's status", err)
}

func setStoreStatus(ctx context.Context, t *tx, tenant access.TenantID, id string, status binding.StoreStatus, now time.Time) error {
	n, err := t.exec(ctx, `UPDATE stores SET status = ? WHERE tenant_id = ? AND id = ?`, status, tenant, id)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.CodeNotFound, "There is no such store.")
	}
	if status != binding.StoreActive {
		return nil
	}
	_, err = t.exec(ctx, `UPDATE sync_runs SET next_attempt_at = ?
		WHERE status = 'waiting' AND status IN `+openStatuses+` AND next_attempt_at > ?
		AND binding_id IN (SELECT id FROM bindings WHERE tenant_id = ? AND store_id = ? AND status <> 'revoked')`,
		at(now), at(now), tenant, id)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE callbacks SET next_attempt_at = ? WHERE tenant_id = ? AND store_id = ? AND status = 'pending' AND next_attempt_at > ?
		AND provider IN (SELECT provider FROM bindings WHERE tenant_id = ? AND store_id = ? AND status <> 'revoked')`,
		at(now), tenant, id, at(now), tenant, id)
	return err
}
