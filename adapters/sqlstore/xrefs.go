package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

const xrefColumns = `tenant_id, store_id, provider, organisation_id, kind, key, entity_id, reference, url, created_at`

type xrefRow struct {
	TenantID       access.TenantID  `db:"tenant_id"`
	StoreID        string           `db:"store_id"`
	Provider       binding.Provider `db:"provider"`
	OrganisationID string           `db:"organisation_id"`
	Kind           syncrun.XrefKind `db:"kind"`
	Key            string           `db:"key"`
	EntityID       string           `db:"entity_id"`
	Reference      string           `db:"reference"`
	URL            string           `db:"url"`
	CreatedAt      stamp            `db:"created_at"`
}

func (r xrefRow) xref() syncrun.Xref {
	return syncrun.Xref{
		TenantID: r.TenantID, StoreID: r.StoreID, Provider: r.Provider, OrganisationID: r.OrganisationID, Kind: r.Kind, Key: r.Key,
		EntityID: r.EntityID, Reference: r.Reference, URL: r.URL, CreatedAt: r.CreatedAt.Time,
	}
}

// FindXrefs implements [ports.Runs].
func (s *Runs) FindXrefs(ctx context.Context, scope ports.XrefScope, kind syncrun.XrefKind, keys []string) (map[string]syncrun.Xref, error) {
	list, err := s.db.dialect.list(keys)
	if err != nil {
		return nil, failed("finding xrefs", err)
	}
	var rows []xrefRow
	err = s.db.list(ctx, &rows, `SELECT `+xrefColumns+` FROM xrefs
		WHERE tenant_id = ? AND provider = ? AND organisation_id = ? AND kind = ? AND store_id = ? AND `+s.db.dialect.isOneOf("key"),
		scope.TenantID, scope.Provider, scope.OrganisationID, kind, scope.StoreID, list)
	if err != nil {
		return nil, failed("finding xrefs", err)
	}
	out := make(map[string]syncrun.Xref, len(rows))
	for _, r := range rows {
		out[r.Key] = r.xref()
	}
	return out, nil
}

// FindContactNames implements [ports.Runs]. Where the database folds ASCII only,
// a name with other capital letters is not found.
func (s *Runs) FindContactNames(ctx context.Context, scope ports.XrefScope, names []string) (map[string]bool, error) {
	wanted := make([]string, len(names))
	for i, name := range names {
		wanted[i] = strings.ToLower(storable(name))
	}
	list, err := s.db.dialect.list(wanted)
	if err != nil {
		return nil, failed("finding contact names", err)
	}
	var borne []string
	err = s.db.list(ctx, &borne, `SELECT DISTINCT reference FROM xrefs
		WHERE tenant_id = ? AND provider = ? AND organisation_id = ? AND kind = 'contact' AND `+s.db.dialect.isOneOf("lower(reference)"),
		scope.TenantID, scope.Provider, scope.OrganisationID, list)
	if err != nil {
		return nil, failed("finding contact names", err)
	}
	out := make(map[string]bool, len(borne))
	for _, name := range borne {
		out[strings.ToLower(name)] = true
	}
	return out, nil
}

// PutXref implements [ports.Runs].
func (s *Runs) PutXref(ctx context.Context, x syncrun.Xref) error {
	err := s.db.inTx(ctx, func(t *tx) error { return putXref(ctx, t, x) })
	return failed("storing an xref", err)
}

func putXref(ctx context.Context, t *tx, x syncrun.Xref) error {
	n, err := t.exec(ctx, `INSERT INTO xrefs (`+xrefColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		x.TenantID, x.StoreID, x.Provider, x.OrganisationID, x.Kind, x.Key, x.EntityID, storable(x.Reference), x.URL, at(x.CreatedAt))
	if err != nil || n == 1 {
		return err
	}
	var linked string
	err = t.get(ctx, &linked, `SELECT entity_id FROM xrefs
		WHERE tenant_id = ? AND provider = ? AND organisation_id = ? AND kind = ? AND store_id = ? AND key = ?`,
		x.TenantID, x.Provider, x.OrganisationID, x.Kind, x.StoreID, x.Key)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fault.New(fault.CodeXrefCollision, "The entity in the books is linked to another document.")
	case err != nil:
		return err
	case linked != x.EntityID:
		return fault.New(fault.CodeXrefCollision, "The document is linked to another entity in the books.")
	}
	return nil
}

// ReplaceXref implements [ports.Runs].
func (s *Runs) ReplaceXref(ctx context.Context, x syncrun.Xref) error {
	n, err := s.db.exec(ctx, `UPDATE xrefs SET entity_id = ?, reference = ?, url = ?, is_merged = TRUE
		WHERE tenant_id = ? AND provider = ? AND organisation_id = ? AND kind = ? AND store_id = ? AND key = ?`,
		x.EntityID, storable(x.Reference), x.URL, x.TenantID, x.Provider, x.OrganisationID, x.Kind, x.StoreID, x.Key)
	if err == nil && n == 0 {
		err = fault.New(fault.CodeNotFound, "There is no such xref.")
	}
	return failed("replacing an xref", err)
}
