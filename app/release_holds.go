package app

import (
	"context"
	"fmt"
	"math"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// ReleaseHolds makes every run of a binding that is held for the code due again
// with the binding's newest settings, and returns how many there were; an empty
// code means any. What holds a run may have been mended at the provider, so the
// reference data is read again first. A run that meets the same obstacle is held
// again; nothing is posted for it.
func (a *App) ReleaseHolds(ctx context.Context, p access.Principal, bindingID string, code fault.Code) (int, error) {
	if err := p.Require(access.ScopeRunsRetry); err != nil {
		return 0, err
	}
	if err := refuseUnknownCode("errorCode", code); err != nil {
		return 0, err
	}
	b, err := a.bindingOf(ctx, p, bindingID)
	if err != nil {
		return 0, err
	}
	a.renewReference(ctx, b)
	filter := ports.RunFilter{BindingID: b.ID, Statuses: []syncrun.Status{syncrun.StatusHeld}, ErrorCode: code}
	n, err := a.Runs.RequeueAll(ctx, p.TenantID, filter, math.MaxInt32, a.Now(), a.entry(p, audit.HoldsReleased, b.ID, map[string]any{"error_code": string(code)}))
	if n > 0 {
		a.publishMany(ctx, []binding.Binding{b})
	}
	if n > 0 && b.Status == binding.StatusActive {
		a.nudgeBinding(ctx, p.TenantID, b.ID)
	}
	if err != nil {
		return n, fmt.Errorf("releasing held runs: %w", err)
	}
	return n, nil
}
