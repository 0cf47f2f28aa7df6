package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
)

// CheckSettings is what is wrong with a binding's newest settings today, such
// as an account archived since they were saved; empty when nothing is, and
// while the binding has no settings.
func (a *App) CheckSettings(ctx context.Context, p access.Principal, b binding.Binding) ([]fault.Field, error) {
	version, err := a.ReadSettings(ctx, p, b)
	if fault.IsKind(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	ref, err := a.ReadReferenceData(ctx, p, b)
	if fault.IsKind(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("finding the reference data: %w", err)
	}
	provider, err := a.provider(b)
	if err != nil {
		return nil, err
	}
	return settings.Validate(version.Settings, ref, a.methodsOf(ctx, b), provider.Capabilities()), nil
}
