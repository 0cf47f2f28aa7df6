package sqlstore

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/ports"
)

// Bindings implements [ports.Bindings].
type Bindings struct{ db *DB }

var _ ports.Bindings = (*Bindings)(nil)

// NewBindings makes the store of bindings, their settings and reference data.
func NewBindings(db *DB) *Bindings { return &Bindings{db} }

const bindingColumns = `id, tenant_id, store_id, provider, status, grant_id, organisation_id, organisation_link_id, organisation_name,
	organisation_country, organisation_currency, organisation_short_code, settings_version, version, revoked_at, created_at`

type bindingRow struct {
	ID                    string           `db:"id"`
	TenantID              access.TenantID  `db:"tenant_id"`
	StoreID               string           `db:"store_id"`
	Provider              binding.Provider `db:"provider"`
	Status                binding.Status   `db:"status"`
	GrantID               string           `db:"grant_id"`
	OrganisationID        string           `db:"organisation_id"`
	OrganisationLinkID    string           `db:"organisation_link_id"`
	OrganisationName      string           `db:"organisation_name"`
	OrganisationCountry   string           `db:"organisation_country"`
	OrganisationCurrency  string           `db:"organisation_currency"`
	OrganisationShortCode string           `db:"organisation_short_code"`
	SettingsVersion       int              `db:"settings_version"`
	Version               int64            `db:"version"`
	RevokedAt             stamp            `db:"revoked_at"`
	CreatedAt             stamp            `db:"created_at"`
}

func newBindingRow(b binding.Binding) bindingRow {
	o := b.Organisation
	return bindingRow{
		ID: b.ID, TenantID: b.TenantID, StoreID: b.StoreID, Provider: b.Provider, Status: b.Status, GrantID: b.GrantID,
		OrganisationID: o.ID, OrganisationLinkID: o.LinkID, OrganisationName: o.Name, OrganisationCountry: o.CountryCode,
		OrganisationCurrency: o.BaseCurrency, OrganisationShortCode: o.ShortCode,
		SettingsVersion: b.SettingsVersion, Version: b.Version, RevokedAt: atOrNever(b.RevokedAt), CreatedAt: at(b.CreatedAt),
	}
}

func (r bindingRow) binding() binding.Binding {
	return binding.Binding{
		ID: r.ID, TenantID: r.TenantID, StoreID: r.StoreID, Provider: r.Provider, Status: r.Status, GrantID: r.GrantID,
		Organisation: binding.Organisation{
			ID: r.OrganisationID, LinkID: r.OrganisationLinkID, Name: r.OrganisationName, CountryCode: r.OrganisationCountry,
			BaseCurrency: r.OrganisationCurrency, ShortCode: r.OrganisationShortCode,
		},
		SettingsVersion: r.SettingsVersion, Version: r.Version, RevokedAt: r.RevokedAt.orNil(), CreatedAt: r.CreatedAt.Time,
	}
}

// PutBinding implements [ports.Bindings].
func (s *Bindings) PutBinding(ctx context.Context, b binding.Binding) (binding.Binding, error) {
	_, err := execNamed(ctx, s.db, `INSERT INTO bindings (`+bindingColumns+`)
		VALUES (:id, :tenant_id, :store_id, :provider, :status, :grant_id, :organisation_id, :organisation_link_id, :organisation_name,
			:organisation_country, :organisation_currency, :organisation_short_code, :settings_version, :version, :revoked_at, :created_at)
		ON CONFLICT (store_id, provider) DO NOTHING`, newBindingRow(b))
	if err != nil {
		return binding.Binding{}, failed("storing a binding", err)
	}
	var row bindingRow
	err = s.db.get(ctx, &row, `SELECT `+bindingColumns+` FROM bindings WHERE tenant_id = ? AND store_id = ? AND provider = ?`, b.TenantID, b.StoreID, b.Provider)
	return row.binding(), failed("reading the stored binding", orNotFound(err, "store"))
}

// SaveBinding implements [ports.Bindings].
func (s *Bindings) SaveBinding(ctx context.Context, b binding.Binding, now time.Time, entries ...audit.Entry) (binding.Binding, error) {
	err := s.db.inTx(ctx, func(t *tx) error {
		var stored struct {
			Status  binding.Status `db:"status"`
			Version int64          `db:"version"`
		}
		err := t.get(ctx, &stored, `SELECT status, version FROM bindings WHERE tenant_id = ? AND id = ?`+s.db.dialect.lock, b.TenantID, b.ID)
		if err != nil {
			return orNotFound(err, "binding")
		}
		if stored.Version != b.Version {
			return fault.New(fault.CodeConflict, "The binding changed in the meantime.")
		}
		b.Version++
		_, err = execNamed(ctx, t, `UPDATE bindings SET status = :status, grant_id = :grant_id, organisation_id = :organisation_id,
			organisation_link_id = :organisation_link_id, organisation_name = :organisation_name, organisation_country = :organisation_country,
			organisation_currency = :organisation_currency, organisation_short_code = :organisation_short_code, version = :version, revoked_at = :revoked_at
			WHERE tenant_id = :tenant_id AND id = :id`, newBindingRow(b))
		if err != nil {
			return err
		}
		switch was, is := stored.Status == binding.StatusActive, b.Status == binding.StatusActive; {
		case is && !was:
			_, err = t.exec(ctx, `UPDATE sync_runs SET status = 'queued', next_attempt_at = ?
				WHERE tenant_id = ? AND binding_id = ? AND status = 'waiting' AND status IN `+openStatuses, at(now), b.TenantID, b.ID)
		case was && !is:
			_, err = t.exec(ctx, `UPDATE sync_runs SET status = 'waiting'
				WHERE tenant_id = ? AND binding_id = ? AND status = 'queued' AND status IN `+openStatuses, b.TenantID, b.ID)
		}
		if err != nil {
			return err
		}
		if b.Status == binding.StatusUnlinked && stored.Status != b.Status {
			if err := putMessage(ctx, t, b.TenantID, webhook.OfUnlinked(b, now)); err != nil {
				return err
			}
		}
		return appendAudit(ctx, t, entries)
	})
	return b, failed("saving a binding", err)
}

// FindBinding implements [ports.Bindings].
func (s *Bindings) FindBinding(ctx context.Context, tenant access.TenantID, id string) (binding.Binding, error) {
	var row bindingRow
	err := s.db.get(ctx, &row, `SELECT `+bindingColumns+` FROM bindings WHERE tenant_id = ? AND id = ?`, tenant, id)
	return row.binding(), failed("finding a binding", orNotFound(err, "binding"))
}

// ListBindings implements [ports.Bindings].
func (s *Bindings) ListBindings(ctx context.Context, tenant access.TenantID, filter ports.BindingFilter, page ports.Page) (ports.Paged[binding.Binding], error) {
	query := `SELECT ` + bindingColumns + ` FROM bindings WHERE tenant_id = ?`
	args := []any{tenant}
	if filter.StoreID != "" {
		query, args = query+` AND store_id = ?`, append(args, filter.StoreID)
	}
	if filter.Provider != "" {
		query, args = query+` AND provider = ?`, append(args, filter.Provider)
	}
	if filter.ID != "" {
		query, args = query+` AND id = ?`, append(args, filter.ID)
	}
	var rows []bindingRow
	err := s.db.list(ctx, &rows, query+` AND id > ? ORDER BY id LIMIT ?`, append(args, page.After, limit(page))...)
	if err != nil {
		return ports.Paged[binding.Binding]{}, failed("listing bindings", err)
	}
	found := make([]binding.Binding, len(rows))
	for i, r := range rows {
		found[i] = r.binding()
	}
	return paged(found, page, func(b binding.Binding) string { return b.ID }), nil
}
