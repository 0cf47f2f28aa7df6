package app

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
)

// CallBudget is what is left of the provider's limits for an organisation.
type CallBudget struct {
	// MinuteLeft and DayLeft are nil where the provider has no such limit.
	MinuteLeft, DayLeft *int
	InFlight            int
	// ParkedUntil is when the provider may be called again; nil for now.
	ParkedUntil *time.Time
}

// ReadCallBudget reads what is left for the binding's organisation, or NotFound
// when the binding has none or its calls are not counted.
func (a *App) ReadCallBudget(ctx context.Context, p access.Principal, b binding.Binding) (CallBudget, error) {
	if err := mayRead(p, b); err != nil {
		return CallBudget{}, err
	}
	provider, known := a.Providers[b.Provider]
	if !known || b.Organisation.ID == "" || a.Budget == nil {
		return CallBudget{}, fault.New(fault.CodeNotFound, "This binding has no call budget.")
	}
	limits := provider.Capabilities().Limits
	left, err := a.Budget.Left(ctx, b.Organisation.ID, limits)
	if err != nil {
		return CallBudget{}, fmt.Errorf("reading the call budget: %w", err)
	}
	budget := CallBudget{InFlight: left.InFlight, ParkedUntil: left.ParkedUntil}
	if limits.PerMinute > 0 {
		budget.MinuteLeft = &left.MinuteLeft
	}
	if limits.PerDay > 0 {
		budget.DayLeft = &left.DayLeft
	}
	return budget, nil
}
