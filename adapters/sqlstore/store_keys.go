package sqlstore

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
)

const (
	storeKeyColumns = `id, tenant_id, store_id, secret, status, created_at`
	storeKeysSecret = "store_keys.secret" //nolint:gosec // the name of a column
)

type storeKeyRow struct {
	ID        string            `db:"id"`
	TenantID  access.TenantID   `db:"tenant_id"`
	StoreID   string            `db:"store_id"`
	Secret    []byte            `db:"secret"`
	Status    binding.KeyStatus `db:"status"`
	CreatedAt stamp             `db:"created_at"`
}

func (s *Stores) key(r storeKeyRow) (binding.StoreKey, error) {
	secret, err := unseal(s.vault, r.Secret, storeKeysSecret, r.ID)
	return binding.StoreKey{
		ID: r.ID, TenantID: r.TenantID, StoreID: r.StoreID, Secret: secret, Status: r.Status, CreatedAt: r.CreatedAt.Time,
	}, err
}

// AddStoreKey implements [ports.Stores].
func (s *Stores) AddStoreKey(ctx context.Context, key binding.StoreKey) error {
	sealed, err := seal(s.vault, key.Secret, storeKeysSecret, key.ID)
	if err != nil {
		return failed("adding a store key", err)
	}
	_, err = s.db.exec(ctx, `INSERT INTO store_keys (`+storeKeyColumns+`) VALUES (?, ?, ?, ?, ?, ?)`,
		key.ID, key.TenantID, key.StoreID, sealed, key.Status, at(key.CreatedAt))
	return failed("adding a store key", err)
}

// ActivateStoreKey implements [ports.Stores].
func (s *Stores) ActivateStoreKey(ctx context.Context, tenant access.TenantID, keyID string, now time.Time, entries ...audit.Entry) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		var storeID string
		err := t.get(ctx, &storeID, `SELECT store_id FROM store_keys WHERE tenant_id = ? AND id = ?`, tenant, keyID)
		if err != nil {
			return orNotFound(err, "store key")
		}
		// The store's row stands for all of its keys: two activations take turns.
		if err := t.get(ctx, new(string), `SELECT id FROM stores WHERE tenant_id = ? AND id = ?`+s.db.dialect.lock, tenant, storeID); err != nil {
			return err
		}
		var status binding.KeyStatus
		if err := t.get(ctx, &status, `SELECT status FROM store_keys WHERE tenant_id = ? AND id = ?`, tenant, keyID); err != nil {
			return err
		}
		switch status {
		case binding.KeyActive:
			return nil
		case binding.KeyRetired:
			return fault.New(fault.CodeConflict, "This store key was retired; pair the shop again.")
		case binding.KeyCandidate:
		}
		if _, err := t.exec(ctx, `UPDATE store_keys SET status = 'retired', replaced_at = ? WHERE tenant_id = ? AND store_id = ? AND id <> ? AND status <> 'retired'`, at(now), tenant, storeID, keyID); err != nil {
			return err
		}
		n, err := t.exec(ctx, `UPDATE store_keys SET status = 'active' WHERE tenant_id = ? AND id = ? AND status = 'candidate'`, tenant, keyID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.CodeConflict, "This store key was retired; pair the shop again.")
		}
		if err := setStoreStatus(ctx, t, tenant, storeID, binding.StoreActive, now); err != nil {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("activating a store key", err)
}

// RetireStoreKey implements [ports.Stores].
func (s *Stores) RetireStoreKey(ctx context.Context, tenant access.TenantID, keyID string) error {
	n, err := s.db.exec(ctx, `UPDATE store_keys SET status = 'retired', replaced_at = NULL WHERE tenant_id = ? AND id = ?`, tenant, keyID)
	if err == nil && n == 0 {
		err = fault.New(fault.CodeNotFound, "There is no such store key.")
	}
	return failed("retiring a store key", err)
}

// RetireStoreKeys implements [ports.Stores]. Changing the store first makes it
// and activations take turns; otherwise each could lock keys the other needs.
func (s *Stores) RetireStoreKeys(ctx context.Context, tenant access.TenantID, storeID string, entries ...audit.Entry) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		if err := setStoreStatus(ctx, t, tenant, storeID, binding.StorePending, time.Time{}); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE store_keys SET status = 'retired', replaced_at = NULL WHERE tenant_id = ? AND store_id = ?`, tenant, storeID); err != nil {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("retiring a store's keys", err)
}

// ListLiveKeys implements [ports.Stores].
func (s *Stores) ListLiveKeys(ctx context.Context, tenant access.TenantID, replacedAfter time.Time) ([]binding.StoreKey, error) {
	var rows []storeKeyRow
	err := s.db.list(ctx, &rows, `SELECT `+storeKeyColumns+` FROM store_keys
		WHERE tenant_id = ? AND (status IN ('candidate', 'active') OR replaced_at > ?) ORDER BY created_at DESC, id DESC`, tenant, at(replacedAfter))
	if err != nil {
		return nil, failed("listing store keys", err)
	}
	out := make([]binding.StoreKey, len(rows))
	for i, r := range rows {
		if out[i], err = s.key(r); err != nil {
			return nil, failed("listing store keys", err)
		}
	}
	return out, nil
}

// FindSigningKey implements [ports.Stores].
func (s *Stores) FindSigningKey(ctx context.Context, tenant access.TenantID, storeID string) (binding.StoreKey, error) {
	var row storeKeyRow
	err := s.db.get(ctx, &row, `SELECT `+storeKeyColumns+` FROM store_keys
		WHERE tenant_id = ? AND store_id = ? AND status = 'active' ORDER BY created_at DESC, id DESC LIMIT 1`, tenant, storeID)
	if err != nil {
		return binding.StoreKey{}, failed("finding a signing key", orNotFound(err, "active store key"))
	}
	key, err := s.key(row)
	return key, failed("finding a signing key", err)
}
