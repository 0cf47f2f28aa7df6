package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/settings"
)

// ReadSettings reads the newest version of a binding's settings. A binding that
// never had consent has none: NotFound.
func (a *App) ReadSettings(ctx context.Context, p access.Principal, b binding.Binding) (settings.Version, error) {
	if err := mayRead(p, b); err != nil {
		return settings.Version{}, err
	}
	version, err := a.Bindings.FindSettings(ctx, p.TenantID, b.ID, b.SettingsVersion)
	if err != nil {
		return settings.Version{}, fmt.Errorf("reading the settings: %w", err)
	}
	return version, nil
}
