package sqlstore

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// Tenants implements [ports.Tenants].
type Tenants struct{ db *DB }

var _ ports.Tenants = (*Tenants)(nil)

// NewTenants makes the store of tenants.
func NewTenants(db *DB) *Tenants { return &Tenants{db} }

type tenantRow struct {
	ID        access.TenantID `db:"id"`
	Name      string          `db:"name"`
	CreatedAt stamp           `db:"created_at"`
}

func (r tenantRow) tenant() access.Tenant {
	return access.Tenant{ID: r.ID, Name: r.Name, CreatedAt: r.CreatedAt.Time}
}

// CreateTenant implements [ports.Tenants].
func (s *Tenants) CreateTenant(ctx context.Context, tenant access.Tenant, owner access.Member, first *access.APIKey, entries ...audit.Entry) error {
	if owner.TenantID != tenant.ID || first != nil && first.TenantID != tenant.ID {
		return failed("creating a tenant", fault.New(fault.CodeInvalid, "The member and the key must belong to the tenant."))
	}
	err := s.db.inTx(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `INSERT INTO tenants (id, name, created_at) VALUES (?, ?, ?)`, tenant.ID, tenant.Name, at(tenant.CreatedAt))
		if err != nil {
			return err
		}
		if err := insertMember(ctx, t, owner); err != nil {
			return err
		}
		if first != nil {
			if err := insertAPIKey(ctx, t, *first); err != nil {
				return err
			}
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("creating a tenant", err)
}

// FindTenant implements [ports.Tenants].
func (s *Tenants) FindTenant(ctx context.Context, id access.TenantID) (access.Tenant, error) {
	var row tenantRow
	err := s.db.get(ctx, &row, `SELECT id, name, created_at FROM tenants WHERE id = ?`, id)
	return row.tenant(), failed("finding a tenant", orNotFound(err, "tenant"))
}

// ListTenants implements [ports.Tenants].
func (s *Tenants) ListTenants(ctx context.Context) ([]access.Tenant, error) {
	var rows []tenantRow
	if err := s.db.list(ctx, &rows, `SELECT id, name, created_at FROM tenants ORDER BY created_at, id`); err != nil {
		return nil, failed("listing tenants", err)
	}
	out := make([]access.Tenant, len(rows))
	for i, r := range rows {
		out[i] = r.tenant()
	}
	return out, nil
}
