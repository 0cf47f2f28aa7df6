package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// chipsOfID is more than the chips that one document can have: one a provider.
const chipsOfID = 16

// ofChip is the condition that a callback c is about the chip s.
const ofChip = `s.tenant_id = c.tenant_id AND s.entity_type = c.entity_type AND s.magento_id = c.magento_id AND s.store_id = c.store_id AND s.provider = c.provider`

// RequeueCallbacks implements [ports.Callbacks]. Only what a chip says now is
// told again: a dead callback whose chip has moved on gives way to the newer
// one. The chip's row is locked, so that an outcome stored meanwhile supersedes
// the callback instead of meeting it.
func (s *Callbacks) RequeueCallbacks(ctx context.Context, tenant access.TenantID, filter ports.CallbackFilter, limit int, now time.Time) (int, error) {
	const doing = "queueing callbacks again"
	where, err := s.dead(tenant, filter)
	if err != nil {
		return 0, failed(doing, err)
	}
	var n int64
	err = s.db.inTx(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `UPDATE callbacks SET status = 'superseded' WHERE id IN (
			SELECT c.id FROM callbacks c WHERE `+where.String()+`
			AND (EXISTS (SELECT 1 FROM sync_states s WHERE `+ofChip+` AND s.last_sync_at <> c.last_sync_at)
				OR EXISTS (SELECT 1 FROM callbacks o WHERE o.tenant_id = c.tenant_id AND o.entity_type = c.entity_type AND o.magento_id = c.magento_id
					AND o.store_id = c.store_id AND o.provider = c.provider AND o.status = 'pending')
				OR EXISTS (SELECT 1 FROM callbacks o WHERE o.tenant_id = c.tenant_id AND o.status = 'dead' AND o.run_id = c.run_id
					AND o.entity_type = c.entity_type AND o.magento_id = c.magento_id AND (o.created_at, o.id) > (c.created_at, c.id))))`,
			where.args...)
		if err != nil {
			return err
		}
		var ids []string
		err = t.list(ctx, &ids, `SELECT c.id FROM callbacks c JOIN sync_states s ON `+ofChip+` AND s.last_sync_at = c.last_sync_at
			WHERE `+where.String()+` ORDER BY c.created_at, c.id LIMIT ?`+s.db.dialect.skipLocked("c, s"), append(slices.Clone(where.args), limit)...)
		if err != nil || len(ids) == 0 {
			return err
		}
		list, err := s.db.dialect.list(ids)
		if err != nil {
			return err
		}
		n, err = t.exec(ctx, `UPDATE callbacks SET status = 'pending', attempts = 0, error_code = '', message = '', next_attempt_at = ?
			WHERE `+s.db.dialect.isOneOf("id"), at(now), list)
		return err
	})
	return int(n), failed(doing, err)
}

// BackfillCallbacks implements [ports.Callbacks]. The chips of one Magento id
// stay together, because the next call goes on after it: only when a single id
// has more chips than the limit are there more callbacks than that.
func (s *Callbacks) BackfillCallbacks(ctx context.Context, tenant access.TenantID, storeID string, after int64, limit int, newID func() string, now time.Time) (int64, int, error) {
	if limit < 1 {
		return 0, 0, failed("filling the shop's mirror", fault.New(fault.CodeInvalid, "The limit is at least 1."))
	}
	var last int64
	var made int
	err := s.db.inTx(ctx, func(t *tx) error {
		chips, err := finalChips(ctx, t, tenant, storeID, after, limit)
		if err != nil {
			return err
		}
		page, hasNext := wholeIDs(chips, limit)
		for _, chip := range page {
			err := supersede(ctx, t, syncrun.Callback{ID: newID(), State: chip, Status: syncrun.CallbackPending, NextAttemptAt: now, CreatedAt: now})
			if err != nil {
				return err
			}
		}
		made = len(page)
		if hasNext {
			last = page[len(page)-1].MagentoID
		}
		return nil
	})
	if err != nil {
		return 0, 0, failed("filling the shop's mirror", err)
	}
	return last, made, nil
}

// finalChips are a store's first final chips after a Magento id, in the order
// of the ids: of each entity type the limit, and as many more as complete an id.
// Each type's own order is that of an index. The rows are locked; those that somebody writes now are
// told by that writer.
func finalChips(ctx context.Context, t *tx, tenant access.TenantID, storeID string, after int64, limit int) ([]syncrun.SyncState, error) {
	var chips []syncrun.SyncState
	for _, entity := range commerce.EntityTypes() {
		var rows []chipRow
		err := t.list(ctx, &rows, `SELECT `+syncStateColumns+` FROM sync_states c
			WHERE tenant_id = ? AND entity_type = ? AND magento_id > ? AND store_id = ? AND status <> 'pending'
			ORDER BY magento_id, provider LIMIT ?`+t.db.dialect.skipLocked("c"), tenant, entity, after, storeID, limit+chipsOfID)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			chips = append(chips, r.chip())
		}
	}
	slices.SortStableFunc(chips, func(a, b syncrun.SyncState) int { return cmp.Compare(a.MagentoID, b.MagentoID) })
	return chips, nil
}

// wholeIDs cuts chips in the order of their ids down to a limit, between two ids
// where it can, and reports whether more follow.
func wholeIDs(chips []syncrun.SyncState, limit int) (page []syncrun.SyncState, hasNext bool) {
	if len(chips) <= limit {
		return chips, false
	}
	cut := limit
	for cut > 0 && chips[cut-1].MagentoID == chips[limit].MagentoID {
		cut--
	}
	if cut == 0 {
		for cut = limit; cut < len(chips) && chips[cut].MagentoID == chips[0].MagentoID; {
			cut++
		}
	}
	return chips[:cut], cut < len(chips)
}

// CountFinalChips implements [ports.Callbacks].
func (s *Callbacks) CountFinalChips(ctx context.Context, tenant access.TenantID, storeID string) (int, error) {
	var n int
	err := s.db.get(ctx, &n, `SELECT COUNT(*) FROM sync_states WHERE tenant_id = ? AND store_id = ? AND status <> 'pending'`, tenant, storeID)
	return n, failed("counting chips", err)
}

// CountPendingCallbacks implements [ports.Callbacks].
func (s *Callbacks) CountPendingCallbacks(ctx context.Context, tenant access.TenantID, storeID string, limit int) (int, error) {
	var n int
	err := s.db.get(ctx, &n, `SELECT COUNT(*) FROM (SELECT 1 FROM callbacks WHERE store_id = ? AND status = 'pending' AND tenant_id = ? LIMIT ?) AS pending`,
		storeID, tenant, limit)
	return n, failed("counting pending callbacks", err)
}
