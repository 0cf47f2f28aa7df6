package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
)

// PauseBinding keeps an active binding's runs back. Its events are still
// accepted and nothing is lost. Pausing a paused binding changes nothing; a
// binding in any other state is a Conflict.
func (a *App) PauseBinding(ctx context.Context, p access.Principal, bindingID string) (binding.Binding, error) {
	return a.switchBinding(ctx, p, bindingID, binding.StatusActive, binding.StatusPaused, audit.BindingPaused)
}

// ResumeBinding lets a paused binding's runs continue. Resuming an active
// binding changes nothing; a binding in any other state is a Conflict.
func (a *App) ResumeBinding(ctx context.Context, p access.Principal, bindingID string) (binding.Binding, error) {
	b, err := a.switchBinding(ctx, p, bindingID, binding.StatusPaused, binding.StatusActive, audit.BindingResumed)
	if err != nil {
		return b, err
	}
	a.nudgeBinding(ctx, b.TenantID, b.ID)
	return b, nil
}

func (a *App) switchBinding(ctx context.Context, p access.Principal, id string, from, to binding.Status, action audit.Action) (binding.Binding, error) {
	if err := p.Require(access.ScopeBindingsWrite); err != nil {
		return binding.Binding{}, err
	}
	b, err := a.bindingOf(ctx, p, id)
	if err != nil {
		return binding.Binding{}, err
	}
	switch b.Status {
	case to:
		return b, nil
	case from:
	default:
		return binding.Binding{}, fault.Newf(fault.CodeConflict, "This binding is %s; only one that is %s can become %s.", b.Status, from, to)
	}
	b.Status = to
	if b, err = a.Bindings.SaveBinding(ctx, b, a.Now(), a.entry(p, action, b.ID, nil)); err != nil {
		return binding.Binding{}, fmt.Errorf("storing the binding: %w", err)
	}
	a.publishMany(ctx, []binding.Binding{b})
	return b, nil
}
