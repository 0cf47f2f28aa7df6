package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// acceptInSteps stores an event statement by statement. It relies on being the
// only writer while its transaction runs.
func (s *Intake) acceptInSteps(ctx context.Context, token ports.TokenUse, event syncrun.Event, runs []syncrun.Run) ([]ports.Accepted, error) {
	accepted := make([]ports.Accepted, len(runs))
	err := s.db.inTx(ctx, func(t *tx) error {
		if err := burnToken(ctx, t, token); err != nil {
			return err
		}
		isLone := true
		for i, run := range runs {
			var err error
			if accepted[i], err = acceptRun(ctx, t, run); err != nil {
				return err
			}
			isLone = isLone && !accepted[i].IsNew
		}
		_, err := t.exec(ctx, `INSERT INTO events (id, tenant_id, store_id, name, idempotency_key, body, ignored, is_lone, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			event.ID, event.TenantID, event.StoreID, event.Name, storable(event.IdempotencyKey), event.Body, event.Ignored, isLone, at(event.ReceivedAt))
		return err
	})
	if err != nil {
		return nil, err
	}
	return accepted, nil
}

func acceptRun(ctx context.Context, t *tx, run syncrun.Run) (ports.Accepted, error) {
	var of struct {
		Status          binding.Status `db:"status"`
		OrganisationID  string         `db:"organisation_id"`
		SettingsVersion int            `db:"settings_version"`
	}
	err := t.get(ctx, &of, `SELECT status, organisation_id, settings_version FROM bindings WHERE tenant_id = ? AND id = ?`, run.TenantID, run.BindingID)
	if err != nil {
		return ports.Accepted{}, orNotFound(err, "binding")
	}
	there, found, err := standingRun(ctx, t, run, of.OrganisationID)
	if err != nil || found {
		return ports.Accepted{RunID: there, BindingID: run.BindingID}, err
	}
	run.Status, run.SettingsVersion = syncrun.StatusQueued, of.SettingsVersion
	if of.Status != binding.StatusActive {
		run.Status = syncrun.StatusWaiting
	}
	row, err := newRunRow(run)
	if err != nil {
		return ports.Accepted{}, err
	}
	row.EventKey = storable(row.EventKey)
	_, err = execNamed(ctx, t, `INSERT INTO sync_runs (id, tenant_id, binding_id, store_id, provider, event_id, event_key, event, entity_type, magento_id,
			increment_id, parent_id, urgency, status, settings_version, next_attempt_at, created_at, trace_parent)
		VALUES (:id, :tenant_id, :binding_id, :store_id, :provider, :event_id, :event_key, :event, :entity_type, :magento_id,
			:increment_id, :parent_id, :urgency, :status, :settings_version, :next_attempt_at, :created_at, :trace_parent)`, row)
	if err != nil {
		return ports.Accepted{}, err
	}
	chip := syncrun.StateOf(run, run.CreatedAt)
	_, err = t.exec(ctx, `INSERT INTO sync_states (tenant_id, entity_type, magento_id, store_id, provider, status, last_sync_at, run_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		chip.TenantID, chip.EntityType, chip.MagentoID, chip.StoreID, chip.Provider, chip.Status, at(chip.LastSyncAt), chip.RunID)
	return ports.Accepted{RunID: run.ID, IsNew: true, BindingID: run.BindingID}, err
}

// standingRun finds the run that stands for a repeated event.
func standingRun(ctx context.Context, t *tx, run syncrun.Run, organisationID string) (string, bool, error) {
	var id string
	err := t.get(ctx, &id, `SELECT id FROM sync_runs WHERE binding_id = ? AND event_key = ? AND status IN `+pendingStatuses, run.BindingID, storable(run.EventKey))
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return id, err == nil, err
	}
	kind, key := creates(run)
	if kind == "" || organisationID == "" {
		return "", false, nil
	}
	err = t.get(ctx, new(int), `SELECT 1 FROM xrefs
		WHERE tenant_id = ? AND provider = ? AND organisation_id = ? AND kind = ? AND store_id = ? AND key = ?`,
		run.TenantID, run.Provider, organisationID, kind, run.StoreID, key)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	err = t.get(ctx, &id, lastRunOfDocument, run.TenantID, run.EntityType, run.MagentoID, run.BindingID, run.Event)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", false, err
	}
	return id, true, nil
}

// lastRunOfDocument finds the run of a document and event that finished last,
// else the newest one.
const lastRunOfDocument = `SELECT id FROM sync_runs WHERE tenant_id = ? AND entity_type = ? AND magento_id = ? AND binding_id = ? AND event = ?
	ORDER BY finished_at DESC NULLS LAST, created_at DESC, id DESC LIMIT 1`
