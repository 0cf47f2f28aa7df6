package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
)

// AddSettings implements [ports.Bindings].
func (s *Bindings) AddSettings(ctx context.Context, v settings.Version) error {
	text, err := json.Marshal(v.Settings)
	if err != nil {
		return failed("writing settings", err)
	}
	err = s.db.inTx(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE bindings SET settings_version = ? WHERE tenant_id = ? AND id = ? AND settings_version = ?`,
			v.Number, v.TenantID, v.BindingID, v.Number-1)
		if err != nil {
			return err
		}
		if n == 0 {
			err := t.get(ctx, new(int), `SELECT settings_version FROM bindings WHERE tenant_id = ? AND id = ?`, v.TenantID, v.BindingID)
			if err != nil {
				return orNotFound(err, "binding")
			}
			return fault.New(fault.CodeConflict, "Somebody saved the settings in the meantime.")
		}
		_, err = t.exec(ctx, `INSERT INTO settings_versions (tenant_id, binding_id, number, author, settings, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
			v.TenantID, v.BindingID, v.Number, v.Author, string(text), at(v.CreatedAt))
		return err
	})
	return failed("adding settings", err)
}

// FindSettings implements [ports.Bindings].
func (s *Bindings) FindSettings(ctx context.Context, tenant access.TenantID, bindingID string, number int) (settings.Version, error) {
	var row struct {
		Author    string `db:"author"`
		Settings  string `db:"settings"`
		CreatedAt stamp  `db:"created_at"`
	}
	err := s.db.get(ctx, &row, `SELECT author, settings, created_at FROM settings_versions WHERE tenant_id = ? AND binding_id = ? AND number = ?`, tenant, bindingID, number)
	if err != nil {
		return settings.Version{}, failed("finding settings", orNotFound(err, "settings version"))
	}
	v := settings.Version{TenantID: tenant, BindingID: bindingID, Number: number, Author: row.Author, CreatedAt: row.CreatedAt.Time}
	if err := json.Unmarshal([]byte(row.Settings), &v.Settings); err != nil {
		return settings.Version{}, failed("finding settings", fmt.Errorf("reading version %d of %s: %w", number, bindingID, err))
	}
	return v, nil
}

// PutReference implements [ports.Bindings].
func (s *Bindings) PutReference(ctx context.Context, tenant access.TenantID, bindingID string, ref books.Reference) error {
	text, err := json.Marshal(ref)
	if err != nil {
		return failed("writing reference data", err)
	}
	_, err = s.db.exec(ctx, `INSERT INTO reference_data (tenant_id, binding_id, reference) VALUES (?, ?, ?)
		ON CONFLICT (tenant_id, binding_id) DO UPDATE SET reference = excluded.reference`, tenant, bindingID, string(text))
	return failed("storing reference data", err)
}

// FindReference implements [ports.Bindings].
func (s *Bindings) FindReference(ctx context.Context, tenant access.TenantID, bindingID string) (books.Reference, error) {
	var text string
	err := s.db.get(ctx, &text, `SELECT reference FROM reference_data WHERE tenant_id = ? AND binding_id = ?`, tenant, bindingID)
	if err != nil {
		return books.Reference{}, failed("finding reference data", orNotFound(err, "reference data"))
	}
	var ref books.Reference
	if err := json.Unmarshal([]byte(text), &ref); err != nil {
		return books.Reference{}, failed("finding reference data", fmt.Errorf("reading that of %s: %w", bindingID, err))
	}
	return ref, nil
}
