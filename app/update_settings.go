package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
)

// UpdateSettings is the input of saving a binding's settings.
type UpdateSettings struct {
	BindingID string
	// ExpectedVersion is the version the change was made from.
	ExpectedVersion int
	Settings        settings.Settings
}

// UpdateSettings saves a new version of a binding's settings, checked against
// the organisation's reference data and, where the shop answers, its payment
// methods. It applies to events from now on; runs under way keep theirs. A
// version that moved on is a Conflict; a value at fault is named by its path.
func (a *App) UpdateSettings(ctx context.Context, p access.Principal, in UpdateSettings) (settings.Version, error) {
	if err := p.Require(access.ScopeSettingsWrite); err != nil {
		return settings.Version{}, err
	}
	b, err := a.bindingOf(ctx, p, in.BindingID)
	if err != nil {
		return settings.Version{}, err
	}
	return a.saveSettings(ctx, p, b, in, audit.SettingsUpdated, map[string]any{})
}

// saveSettings checks and saves a version, and says in the audit log what it
// changes.
func (a *App) saveSettings(ctx context.Context, p access.Principal, b binding.Binding, in UpdateSettings, action audit.Action, detail map[string]any) (settings.Version, error) {
	if b.SettingsVersion != in.ExpectedVersion || b.SettingsVersion == 0 {
		return settings.Version{}, fault.Newf(fault.CodeConflict, "The settings are at version %d, not %d; load them again.", b.SettingsVersion, in.ExpectedVersion)
	}
	ref, err := a.Bindings.FindReference(ctx, b.TenantID, b.ID)
	if err != nil {
		return settings.Version{}, fmt.Errorf("finding the reference data: %w", err)
	}
	provider, err := a.provider(b)
	if err != nil {
		return settings.Version{}, err
	}
	if fields := settings.Validate(in.Settings, ref, a.methodsOf(ctx, b), provider.Capabilities()); len(fields) > 0 {
		return settings.Version{}, fault.New(fault.CodeInvalid, fields[0].Message).WithFields(fields...)
	}
	version := settings.Version{
		TenantID: b.TenantID, BindingID: b.ID, Number: b.SettingsVersion + 1, Author: p.Name,
		Settings: in.Settings, CreatedAt: a.Now(),
	}
	if version.Author == "" || version.Author == settings.SystemAuthor {
		version.Author = string(p.Kind)
	}
	before, err := a.Bindings.FindSettings(ctx, b.TenantID, b.ID, b.SettingsVersion)
	if err != nil {
		return settings.Version{}, fmt.Errorf("finding the settings before: %w", err)
	}
	detail["version"], detail["changes"] = version.Number, changeTexts(settings.Diff(before.Settings, in.Settings))
	if err := a.Bindings.AddSettings(ctx, version, a.entry(p, action, b.ID, detail)); err != nil {
		return settings.Version{}, fmt.Errorf("storing the settings: %w", err)
	}
	return version, nil
}

// changeTexts is each change with its path and the values before and after.
func changeTexts(changes []settings.Change) []map[string]any {
	out := make([]map[string]any, len(changes))
	for i, c := range changes {
		out[i] = map[string]any{"path": c.Path, "before": c.Before, "after": c.After}
	}
	return out
}

// methodsOf is the shop's payment methods, or nil when it does not answer: then
// any method code is taken.
func (a *App) methodsOf(ctx context.Context, b binding.Binding) []commerce.PaymentMethod {
	shop, err := a.shopAccess(ctx, b.TenantID, b.StoreID)
	if err != nil {
		return nil
	}
	methods, err := a.Shop.PaymentMethods(ctx, shop)
	if err != nil {
		a.Log.WarnContext(ctx, "the shop's payment methods are not known; codes are not checked", "binding_id", b.ID, "error", err)
		return nil
	}
	return methods
}
