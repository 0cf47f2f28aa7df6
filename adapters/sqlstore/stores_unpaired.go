package sqlstore

import (
	"context"
	"time"
)

// PurgeUnpaired implements [ports.Stores]. A store that was paired once is told
// by its bindings: they were linked, or revoked, or had runs.
func (s *Stores) PurgeUnpaired(ctx context.Context, triedBefore time.Time, limit int) (int, error) {
	var stores []string
	err := s.db.inTx(ctx, func(t *tx) error {
		err := t.list(ctx, &stores, `SELECT s.id FROM stores s WHERE s.status = 'pending' AND s.created_at < ?
			AND NOT EXISTS (SELECT 1 FROM store_keys k WHERE k.tenant_id = s.tenant_id AND k.store_id = s.id AND (k.status = 'active' OR k.created_at >= ?))
			AND NOT EXISTS (SELECT 1 FROM bindings b WHERE b.store_id = s.id
				AND (b.status <> 'pending' OR b.grant_id <> '' OR b.organisation_id <> '' OR b.revoked_at IS NOT NULL
					OR EXISTS (SELECT 1 FROM sync_runs r WHERE r.binding_id = b.id)))
			ORDER BY s.id LIMIT ?`+s.db.dialect.skipLocked("s"), at(triedBefore), at(triedBefore), limit)
		if err != nil || len(stores) == 0 {
			return err
		}
		list, err := s.db.dialect.list(stores)
		if err != nil {
			return err
		}
		of := s.db.dialect.isOneOf("store_id")
		for _, statement := range []string{
			`DELETE FROM authorisations WHERE binding_id IN (SELECT id FROM bindings WHERE ` + of + `)`,
			`DELETE FROM settings_versions WHERE binding_id IN (SELECT id FROM bindings WHERE ` + of + `)`,
			`DELETE FROM reference_data WHERE binding_id IN (SELECT id FROM bindings WHERE ` + of + `)`,
			`DELETE FROM bindings WHERE ` + of,
			`DELETE FROM store_keys WHERE ` + of,
			`DELETE FROM stores WHERE ` + s.db.dialect.isOneOf("id"),
		} {
			if _, err := t.exec(ctx, statement, list); err != nil {
				return err
			}
		}
		return nil
	})
	return len(stores), failed("removing stores that were never paired", err)
}
