package app

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// Spent is what a caller has left after an operation.
type Spent struct {
	// IsCounted is false where nobody counts.
	IsCounted bool
	// Available is how many points are left, Rate how many a second come back.
	Available, Rate int
}

// SpendPoints takes the cost of an operation from the caller's bucket and from
// its tenant's. Too few points in either are a Throttled fault that carries the
// wait; nothing is taken then.
func (a *App) SpendPoints(ctx context.Context, p access.Principal, cost int) (Spent, error) {
	if a.Points == nil || p.IsZero() || cost <= 0 {
		return Spent{}, nil
	}
	taken := a.Points.Take(ctx, ports.PointsKey{TenantID: p.TenantID, Caller: string(p.Kind) + ":" + p.ID}, cost)
	spent := Spent{IsCounted: true, Available: taken.Available, Rate: a.Points.Rate()}
	switch {
	case taken.Wait > 0 && taken.IsShared:
		return spent, fault.Newf(fault.CodeThrottled, "The operation costs %d and %d are left for all callers of this account together.", cost, taken.Available).WithWait(taken.Wait)
	case taken.Wait > 0:
		return spent, fault.Newf(fault.CodeThrottled, "The operation costs %d and %d are left of %d; %d come back a second.", cost, taken.Available, a.Points.Burst(), spent.Rate).WithWait(taken.Wait)
	}
	return spent, nil
}
