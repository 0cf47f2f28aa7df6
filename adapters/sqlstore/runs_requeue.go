package sqlstore

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
)

// Requeue implements [ports.Runs]. While the binding is not active the run
// waits. One run that a person asks for is live work, whatever it was before.
func (s *Runs) Requeue(ctx context.Context, tenant access.TenantID, id string, settingsVersion int, now time.Time, entries ...audit.Entry) (syncrun.Run, error) {
	var run syncrun.Run
	err := s.db.inTx(ctx, func(t *tx) error {
		var err error
		if run, err = findRun(ctx, t, tenant, id, s.db.dialect.lock); err != nil {
			return err
		}
		if !run.Status.MayBecome(syncrun.StatusQueued) {
			return fault.New(fault.CodeConflict, "The run is under way already.")
		}
		var of binding.Status
		if err := t.get(ctx, &of, `SELECT status FROM bindings WHERE tenant_id = ? AND id = ?`, tenant, run.BindingID); err != nil {
			return orNotFound(err, "binding")
		}
		run.Status = syncrun.StatusQueued
		if of != binding.StatusActive {
			run.Status = syncrun.StatusWaiting
		}
		run.SkipReason, run.ErrorCode, run.Message = "", "", ""
		run.Urgency, run.SettingsVersion, run.Attempts = syncrun.Live, settingsVersion, 0
		run.NextAttemptAt, run.FinishedAt = at(now).Time, nil
		_, err = t.exec(ctx, `UPDATE sync_runs SET status = ?, skip_reason = '', error_code = '', message = '', urgency = ?, settings_version = ?,
			attempts = 0, next_attempt_at = ?, finished_at = NULL WHERE tenant_id = ? AND id = ?`,
			run.Status, run.Urgency, run.SettingsVersion, at(now), tenant, id)
		if err != nil {
			return err
		}
		if err := putSyncState(ctx, t, syncrun.StateOf(run, now)); err != nil {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	if err != nil {
		return syncrun.Run{}, failed("queueing a run again", err)
	}
	return run, nil
}
