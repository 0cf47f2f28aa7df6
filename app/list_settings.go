package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/ports"
)

// SettingsStep is a version of a binding's settings with what it changed.
type SettingsStep struct {
	settings.Version
	// Changes are since the version before; none for the first.
	Changes []settings.Change
}

// ListSettings pages through the versions of a binding's settings, newest first.
func (a *App) ListSettings(ctx context.Context, p access.Principal, b binding.Binding, paging Paging) (ports.Paged[SettingsStep], error) {
	if err := mayRead(p, b); err != nil {
		return ports.Paged[SettingsStep]{}, err
	}
	page, err := paging.page()
	if err != nil {
		return ports.Paged[SettingsStep]{}, err
	}
	found, err := a.Bindings.ListSettings(ctx, p.TenantID, b.ID, page)
	if err != nil {
		return ports.Paged[SettingsStep]{}, fmt.Errorf("listing the settings: %w", err)
	}
	steps := make([]SettingsStep, len(found.Rows))
	for i, version := range found.Rows {
		if i+1 < len(found.Rows) {
			steps[i] = SettingsStep{Version: version, Changes: settings.Diff(found.Rows[i+1].Settings, version.Settings)}
			continue
		}
		if steps[i], err = a.settingsStep(ctx, version); err != nil {
			return ports.Paged[SettingsStep]{}, err
		}
	}
	return ports.Paged[SettingsStep]{Rows: steps, Cursors: found.Cursors, HasNext: found.HasNext}, nil
}

// FindSettings finds one version of a binding's settings, or NotFound.
func (a *App) FindSettings(ctx context.Context, p access.Principal, bindingID string, number int) (SettingsStep, error) {
	b, err := a.FindBinding(ctx, p, bindingID)
	if err != nil {
		return SettingsStep{}, err
	}
	version, err := a.Bindings.FindSettings(ctx, p.TenantID, b.ID, number)
	if err != nil {
		return SettingsStep{}, fmt.Errorf("finding the settings: %w", err)
	}
	return a.settingsStep(ctx, version)
}

func (a *App) settingsStep(ctx context.Context, version settings.Version) (SettingsStep, error) {
	step := SettingsStep{Version: version}
	if version.Number <= 1 {
		return step, nil
	}
	before, err := a.Bindings.FindSettings(ctx, version.TenantID, version.BindingID, version.Number-1)
	if err != nil {
		return SettingsStep{}, fmt.Errorf("finding the settings before: %w", err)
	}
	step.Changes = settings.Diff(before.Settings, version.Settings)
	return step, nil
}
