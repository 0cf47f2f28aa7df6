package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
)

// RollBackSettings is the input of putting earlier settings back.
type RollBackSettings struct {
	BindingID string
	// ExpectedVersion is the version the change was made from.
	ExpectedVersion int
	// ToVersion is the version whose settings are saved again.
	ToVersion int
}

// RollBackSettings saves the settings of an earlier version again, as a new
// one, with the checks of [App.UpdateSettings]: what vanished from the
// organisation since cannot be put back.
func (a *App) RollBackSettings(ctx context.Context, p access.Principal, in RollBackSettings) (settings.Version, error) {
	if err := p.Require(access.ScopeSettingsWrite); err != nil {
		return settings.Version{}, err
	}
	b, err := a.bindingOf(ctx, p, in.BindingID)
	if err != nil {
		return settings.Version{}, err
	}
	if in.ToVersion < 1 || in.ToVersion >= b.SettingsVersion {
		const message = "toVersion is an earlier version than the newest."
		return settings.Version{}, fault.New(fault.CodeInvalid, message).
			WithFields(fault.Field{Path: "toVersion", Code: "out_of_range", Message: message})
	}
	earlier, err := a.Bindings.FindSettings(ctx, p.TenantID, b.ID, in.ToVersion)
	if err != nil {
		return settings.Version{}, fmt.Errorf("finding the earlier settings: %w", err)
	}
	return a.saveSettings(ctx, p, b, UpdateSettings{BindingID: b.ID, ExpectedVersion: in.ExpectedVersion, Settings: earlier.Settings},
		audit.SettingsRolledBack, map[string]any{"to_version": in.ToVersion})
}
