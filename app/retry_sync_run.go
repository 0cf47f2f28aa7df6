package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
)

// RetrySettings says with which settings a run is retried.
type RetrySettings string

// The settings to retry with.
const (
	// SettingsOriginal keeps the version captured when the run was enqueued.
	SettingsOriginal RetrySettings = "ORIGINAL"
	// SettingsCurrent takes the binding's newest version.
	SettingsCurrent RetrySettings = "CURRENT"
)

// RetrySyncRun makes an ended or held run due again. A document that stands in
// the books already is found and not made again; its chip is told to the shop
// once more. A run still under way is a Conflict.
func (a *App) RetrySyncRun(ctx context.Context, p access.Principal, runID string, choice RetrySettings) (syncrun.Run, error) {
	if err := p.Require(access.ScopeRunsRetry); err != nil {
		return syncrun.Run{}, err
	}
	run, err := a.Runs.FindRun(ctx, p.TenantID, runID)
	if err != nil {
		return syncrun.Run{}, fmt.Errorf("finding the run: %w", err)
	}
	if err := p.MayUseBinding(run.BindingID, run.StoreID); err != nil {
		return syncrun.Run{}, fault.New(fault.CodeNotFound, "There is no such run.")
	}
	b, err := a.Bindings.FindBinding(ctx, p.TenantID, run.BindingID)
	if err != nil {
		return syncrun.Run{}, fmt.Errorf("finding the run's binding: %w", err)
	}
	version := run.SettingsVersion
	switch choice {
	case SettingsOriginal:
	case SettingsCurrent:
		version = b.SettingsVersion
	default:
		return syncrun.Run{}, invalidField("settings", "settings is ORIGINAL or CURRENT.")
	}
	if run.Status == syncrun.StatusHeld {
		a.renewReference(ctx, b)
	}
	run, err = a.Runs.Requeue(ctx, p.TenantID, runID, version, a.Now(), a.entry(p, audit.RunRetried, runID, map[string]any{"settings_version": version}))
	if err != nil {
		return syncrun.Run{}, fmt.Errorf("queueing the run again: %w", err)
	}
	a.publishRequeued(ctx, run)
	a.nudgeBinding(ctx, p.TenantID, run.BindingID)
	return run, nil
}

// renewReference reads the reference data again before a held run is released:
// what held it, such as a lock date, may have been mended there. When it cannot
// be read the cached data stands.
func (a *App) renewReference(ctx context.Context, b binding.Binding) {
	if b.GrantID == "" || b.Organisation.ID == "" {
		return
	}
	if _, err := a.readReference(ctx, b); err != nil {
		a.Log.WarnContext(ctx, "reading reference data before a retry failed", "binding_id", b.ID, "error", err)
	}
}
