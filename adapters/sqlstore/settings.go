package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/ports"
)

// AddSettings implements [ports.Bindings].
func (s *Bindings) AddSettings(ctx context.Context, v settings.Version, entries ...audit.Entry) error {
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
		if err != nil {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("adding settings", err)
}

type settingsRow struct {
	Number    int    `db:"number"`
	Author    string `db:"author"`
	Settings  string `db:"settings"`
	CreatedAt stamp  `db:"created_at"`
}

func (r settingsRow) version(tenant access.TenantID, bindingID string) (settings.Version, error) {
	v := settings.Version{TenantID: tenant, BindingID: bindingID, Number: r.Number, Author: r.Author, CreatedAt: r.CreatedAt.Time}
	if err := json.Unmarshal([]byte(r.Settings), &v.Settings); err != nil {
		return settings.Version{}, fmt.Errorf("reading version %d of %s: %w", r.Number, bindingID, err)
	}
	return v, nil
}

// FindSettings implements [ports.Bindings].
func (s *Bindings) FindSettings(ctx context.Context, tenant access.TenantID, bindingID string, number int) (settings.Version, error) {
	const doing = "finding settings"
	var row settingsRow
	err := s.db.get(ctx, &row, `SELECT number, author, settings, created_at FROM settings_versions
		WHERE tenant_id = ? AND binding_id = ? AND number = ?`, tenant, bindingID, number)
	if err != nil {
		return settings.Version{}, failed(doing, orNotFound(err, "settings version"))
	}
	version, err := row.version(tenant, bindingID)
	return version, failed(doing, err)
}

// ListSettings implements [ports.Bindings]. The cursor is the version's number.
func (s *Bindings) ListSettings(ctx context.Context, tenant access.TenantID, bindingID string, page ports.Page) (ports.Paged[settings.Version], error) {
	const doing = "listing settings"
	before := math.MaxInt32
	if page.After != "" {
		var err error
		if before, err = strconv.Atoi(page.After); err != nil || before < 1 || before > math.MaxInt32 {
			return ports.Paged[settings.Version]{}, failed(doing, notACursor())
		}
	}
	var rows []settingsRow
	err := s.db.list(ctx, &rows, `SELECT number, author, settings, created_at FROM settings_versions
		WHERE tenant_id = ? AND binding_id = ? AND number < ? ORDER BY number DESC LIMIT ?`, tenant, bindingID, before, limit(page))
	if err != nil {
		return ports.Paged[settings.Version]{}, failed(doing, err)
	}
	versions := make([]settings.Version, len(rows))
	for i, row := range rows {
		if versions[i], err = row.version(tenant, bindingID); err != nil {
			return ports.Paged[settings.Version]{}, failed(doing, err)
		}
	}
	return paged(versions, page, func(v settings.Version) string { return strconv.Itoa(v.Number) }), nil
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
