package sqlstore

import (
	"context"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// RecordIntents implements [ports.Runs].
func (s *Runs) RecordIntents(ctx context.Context, intents []ports.RunIntent) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		for _, in := range intents {
			row := runRow{ID: in.Lease.RunID, TenantID: in.Lease.TenantID, Claims: in.Lease.Claims}
			row.setIntent(&in.Intent)
			n, err := execNamed(ctx, t, `UPDATE sync_runs SET intent_operation = :intent_operation, intent_document = :intent_document,
				intent_digest = :intent_digest, intent_provider_key = :intent_provider_key, intent_epoch = :intent_epoch,
				intent_recorded_at = :intent_recorded_at, intent_settled_at = :intent_settled_at, lookups = 0
				WHERE tenant_id = :tenant_id AND id = :id AND claims = :claims AND status = 'running'`, row)
			if err != nil {
				return err
			}
			if n == 0 {
				return claimedByAnother(in.Lease)
			}
		}
		return nil
	})
	return failed("recording intents", err)
}

// RecordOutcomes implements [ports.Runs].
func (s *Runs) RecordOutcomes(ctx context.Context, outcomes []ports.Outcome) []error {
	errs := make([]error, len(outcomes))
	for i, o := range outcomes {
		err := s.db.inTx(ctx, func(t *tx) error { return recordOutcome(ctx, t, o) })
		errs[i] = failed("recording the outcome of "+o.Lease.RunID, err)
	}
	return errs
}

func recordOutcome(ctx context.Context, t *tx, o ports.Outcome) error {
	if err := updateRun(ctx, t, o.Lease, o.Run); err != nil {
		return err
	}
	if o.Attempt != nil {
		if err := insertAttempt(ctx, t, *o.Attempt); err != nil {
			return err
		}
	}
	for _, x := range o.Xrefs {
		if err := putXref(ctx, t, x); err != nil {
			return err
		}
	}
	if o.State != nil {
		if err := putSyncState(ctx, t, *o.State); err != nil {
			return err
		}
	}
	if o.Callback != nil {
		if err := supersede(ctx, t, *o.Callback); err != nil {
			return err
		}
	}
	if o.Message != nil {
		return putMessage(ctx, t, o.Lease.TenantID, *o.Message)
	}
	return nil
}

// updateRun stores what may change in a run's life. What a run is about, when it
// was made and how often it was claimed are not among it.
func updateRun(ctx context.Context, t *tx, lease ports.Lease, run syncrun.Run) error {
	if !syncrun.StatusRunning.MayBecome(run.Status) {
		return fault.Newf(fault.CodeInternal, "A run under way cannot become %q.", run.Status)
	}
	row, err := newRunRow(run)
	if err != nil {
		return err
	}
	row.ID, row.TenantID, row.Claims = lease.RunID, lease.TenantID, lease.Claims
	n, err := execNamed(ctx, t, `UPDATE sync_runs SET increment_id = :increment_id, parent_id = :parent_id, status = :status, skip_reason = :skip_reason,
		error_code = :error_code, message = :message, settings_version = :settings_version, attempts = :attempts, lookups = :lookups,
		worker = '', intent_operation = :intent_operation, intent_document = :intent_document, intent_digest = :intent_digest,
		intent_provider_key = :intent_provider_key, intent_epoch = :intent_epoch, intent_recorded_at = :intent_recorded_at, intent_settled_at = :intent_settled_at, trace = :trace,
		provider_entity_id = :provider_entity_id, provider_reference = :provider_reference, provider_url = :provider_url,
		magento_totals = :magento_totals, provider_totals = :provider_totals, currency = :currency,
		next_attempt_at = :next_attempt_at, started_at = :started_at, finished_at = :finished_at
		WHERE tenant_id = :tenant_id AND id = :id AND claims = :claims AND status = 'running'`, row)
	if err != nil {
		return err
	}
	if n == 0 {
		return claimedByAnother(lease)
	}
	return nil
}

func claimedByAnother(lease ports.Lease) error {
	return fault.Newf(fault.CodeConflict, "The run %s was claimed by another worker.", lease.RunID)
}
