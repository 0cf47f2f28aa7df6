package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// Callbacks implements [ports.Callbacks].
type Callbacks struct{ db *DB }

var _ ports.Callbacks = (*Callbacks)(nil)

// NewCallbacks makes the store of callbacks.
func NewCallbacks(db *DB) *Callbacks { return &Callbacks{db} }

const callbackColumns = `id, tenant_id, store_id, provider, entity_type, magento_id, chip, provider_entity_id, provider_reference, provider_url,
	skip_reason, chip_error_code, last_sync_at, run_id, status, attempts, claims, error_code, message, next_attempt_at, created_at, delivered_at, trace_parent`

type callbackRow struct {
	ID                string                 `db:"id"`
	TenantID          access.TenantID        `db:"tenant_id"`
	StoreID           string                 `db:"store_id"`
	Provider          binding.Provider       `db:"provider"`
	EntityType        commerce.EntityType    `db:"entity_type"`
	MagentoID         int64                  `db:"magento_id"`
	Chip              syncrun.Chip           `db:"chip"`
	ProviderEntityID  string                 `db:"provider_entity_id"`
	ProviderReference string                 `db:"provider_reference"`
	ProviderURL       string                 `db:"provider_url"`
	SkipReason        syncrun.SkipReason     `db:"skip_reason"`
	ChipErrorCode     fault.Code             `db:"chip_error_code"`
	LastSyncAt        stamp                  `db:"last_sync_at"`
	RunID             string                 `db:"run_id"`
	Status            syncrun.CallbackStatus `db:"status"`
	Attempts          int                    `db:"attempts"`
	Claims            int                    `db:"claims"`
	ErrorCode         fault.Code             `db:"error_code"`
	Message           string                 `db:"message"`
	NextAttemptAt     stamp                  `db:"next_attempt_at"`
	CreatedAt         stamp                  `db:"created_at"`
	DeliveredAt       stamp                  `db:"delivered_at"`
	TraceParent       string                 `db:"trace_parent"`
}

func newCallbackRow(c syncrun.Callback) callbackRow {
	s := c.State
	return callbackRow{
		ID: c.ID, TenantID: s.TenantID, StoreID: s.StoreID, Provider: s.Provider, EntityType: s.EntityType, MagentoID: s.MagentoID,
		Chip: s.Status, ProviderEntityID: s.ProviderEntityID, ProviderReference: storable(s.ProviderReference), ProviderURL: s.ProviderURL,
		SkipReason: s.SkipReason, ChipErrorCode: s.ErrorCode, LastSyncAt: at(s.LastSyncAt), RunID: s.RunID,
		Status: c.Status, Attempts: c.Attempts, Claims: c.Claims, ErrorCode: c.ErrorCode, Message: storable(c.Message),
		NextAttemptAt: at(c.NextAttemptAt), CreatedAt: at(c.CreatedAt), DeliveredAt: atOrNever(c.DeliveredAt), TraceParent: c.TraceParent,
	}
}

func (r callbackRow) callback() syncrun.Callback {
	return syncrun.Callback{
		ID: r.ID,
		State: syncrun.SyncState{
			TenantID: r.TenantID, StoreID: r.StoreID, Provider: r.Provider, EntityType: r.EntityType, MagentoID: r.MagentoID,
			Status: r.Chip, ProviderEntityID: r.ProviderEntityID, ProviderReference: r.ProviderReference, ProviderURL: r.ProviderURL,
			SkipReason: r.SkipReason, ErrorCode: r.ChipErrorCode, LastSyncAt: r.LastSyncAt.Time, RunID: r.RunID,
		},
		Status: r.Status, Attempts: r.Attempts, Claims: r.Claims, ErrorCode: r.ErrorCode, Message: r.Message,
		NextAttemptAt: r.NextAttemptAt.Time, CreatedAt: r.CreatedAt.Time, DeliveredAt: r.DeliveredAt.orNil(), TraceParent: r.TraceParent,
	}
}

// supersede stores a callback in place of older pending ones of the same chip.
func supersede(ctx context.Context, t *tx, c syncrun.Callback) error {
	row := newCallbackRow(c)
	_, err := execNamed(ctx, t, `UPDATE callbacks SET status = 'superseded'
		WHERE tenant_id = :tenant_id AND entity_type = :entity_type AND magento_id = :magento_id AND store_id = :store_id AND provider = :provider
		AND status = 'pending'`, row)
	if err != nil {
		return err
	}
	_, err = execNamed(ctx, t, `INSERT INTO callbacks (`+callbackColumns+`)
		VALUES (:id, :tenant_id, :store_id, :provider, :entity_type, :magento_id, :chip, :provider_entity_id, :provider_reference, :provider_url,
			:skip_reason, :chip_error_code, :last_sync_at, :run_id, :status, :attempts, :claims, :error_code, :message, :next_attempt_at, :created_at, :delivered_at, :trace_parent)`, row)
	return err
}

// ClaimCallbacks implements [ports.Callbacks].
func (s *Callbacks) ClaimCallbacks(ctx context.Context, tenant access.TenantID, storeID string, limit int, now, until time.Time) ([]syncrun.Callback, error) {
	var rows []callbackRow
	err := s.db.change(ctx, &rows, `WITH due AS MATERIALIZED (
			SELECT c.id FROM callbacks c
			WHERE c.tenant_id = ? AND c.store_id = ? AND c.status = 'pending' AND c.next_attempt_at <= ?
			AND EXISTS (SELECT 1 FROM stores s WHERE s.tenant_id = ? AND s.id = ? AND s.status = 'active')
			ORDER BY c.created_at, c.id LIMIT ?`+s.db.dialect.skipLocked("c")+`)
		UPDATE callbacks SET claims = claims + 1, next_attempt_at = ? WHERE id IN (SELECT id FROM due) RETURNING `+callbackColumns,
		tenant, storeID, at(now), tenant, storeID, limit, at(until))
	if err != nil {
		return nil, failed("claiming callbacks", err)
	}
	slices.SortFunc(rows, func(a, b callbackRow) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt.Time), cmp.Compare(a.ID, b.ID))
	})
	out := make([]syncrun.Callback, len(rows))
	for i, r := range rows {
		out[i] = r.callback()
	}
	return out, nil
}

// SaveCallback implements [ports.Callbacks].
func (s *Callbacks) SaveCallback(ctx context.Context, c syncrun.Callback) error {
	n, err := execNamed(ctx, s.db, `UPDATE callbacks SET status = :status, attempts = :attempts, error_code = :error_code, message = :message,
		next_attempt_at = :next_attempt_at, delivered_at = :delivered_at
		WHERE tenant_id = :tenant_id AND id = :id AND claims = :claims AND status = 'pending'`, newCallbackRow(c))
	if err == nil && n == 0 {
		err = s.db.get(ctx, new(string), `SELECT id FROM callbacks WHERE tenant_id = ? AND id = ?`, c.State.TenantID, c.ID)
		if err = orNotFound(err, "callback"); err == nil {
			err = fault.New(fault.CodeConflict, "The callback was claimed by another worker, or a newer one took its place.")
		}
	}
	return failed("saving a callback", err)
}

// RearmCallback implements [ports.Callbacks].
func (s *Callbacks) RearmCallback(ctx context.Context, chip syncrun.SyncState, now time.Time) error {
	_, err := s.db.exec(ctx, `UPDATE callbacks SET status = 'pending', delivered_at = NULL, next_attempt_at = ?, claims = claims + 1
		WHERE status IN ('pending', 'delivered') AND id = (
			SELECT id FROM callbacks WHERE tenant_id = ? AND entity_type = ? AND magento_id = ? AND store_id = ? AND provider = ?
			ORDER BY created_at DESC, id DESC LIMIT 1)`,
		at(now), chip.TenantID, chip.EntityType, chip.MagentoID, chip.StoreID, chip.Provider)
	return failed("making a callback due again", err)
}

// ListDueCallbacks implements [ports.Callbacks]. The store that has waited
// longest comes first.
func (s *Callbacks) ListDueCallbacks(ctx context.Context, now time.Time, limit int) ([]ports.DueStore, error) {
	var rows []struct {
		TenantID access.TenantID `db:"tenant_id"`
		ID       string          `db:"id"`
	}
	err := s.db.list(ctx, &rows, `SELECT tenant_id, id FROM (
			SELECT s.tenant_id, s.id, (
				SELECT c.next_attempt_at FROM callbacks c WHERE c.store_id = s.id AND c.status = 'pending' AND c.next_attempt_at <= ?
				ORDER BY c.next_attempt_at LIMIT 1) AS due_at
			FROM stores s WHERE s.status = 'active') AS d
		WHERE due_at IS NOT NULL ORDER BY due_at, id LIMIT ?`, at(now), limit)
	if err != nil {
		return nil, failed("listing stores with due callbacks", err)
	}
	out := make([]ports.DueStore, len(rows))
	for i, r := range rows {
		out[i] = ports.DueStore{TenantID: r.TenantID, StoreID: r.ID}
	}
	return out, nil
}

// CountCallbacks implements [ports.Callbacks].
func (s *Callbacks) CountCallbacks(ctx context.Context, tenant access.TenantID) (map[syncrun.CallbackStatus]int, error) {
	var rows []struct {
		Status syncrun.CallbackStatus `db:"status"`
		Count  int                    `db:"count"`
	}
	if err := s.db.list(ctx, &rows, `SELECT status, count(*) AS count FROM callbacks WHERE tenant_id = ? GROUP BY status`, tenant); err != nil {
		return nil, failed("counting callbacks", err)
	}
	out := make(map[syncrun.CallbackStatus]int, len(rows))
	for _, r := range rows {
		out[r.Status] = r.Count
	}
	return out, nil
}
