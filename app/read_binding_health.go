package app

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
)

// BindingHealth is how a binding's runs do.
type BindingHealth struct {
	// Pending are runs that have not ended and are not held.
	Pending int
	// Held are runs that wait for a person.
	Held int
	// Failed24h are failures of the last 24 hours.
	Failed24h int
	// LastRunAt is when a run last ended; nil when none has.
	LastRunAt *time.Time
	// OldestPending is the age of the oldest pending run; nil when there is none.
	OldestPending *time.Duration
}

// ReadBindingHealth counts the runs of a binding.
func (a *App) ReadBindingHealth(ctx context.Context, p access.Principal, b binding.Binding) (BindingHealth, error) {
	if err := mayRead(p, b); err != nil {
		return BindingHealth{}, err
	}
	now := a.Now()
	counted, err := a.Bindings.BindingHealth(ctx, p.TenantID, b.ID, now.Add(-24*time.Hour))
	if err != nil {
		return BindingHealth{}, fmt.Errorf("counting the binding's runs: %w", err)
	}
	health := BindingHealth{Pending: counted.Pending, Held: counted.Held, Failed24h: counted.Failed, LastRunAt: counted.LastRunAt}
	if counted.OldestPendingAt != nil {
		age := max(0, now.Sub(*counted.OldestPendingAt))
		health.OldestPending = &age
	}
	return health, nil
}

// mayRead is nil when the principal may read the configuration of the binding.
func mayRead(p access.Principal, b binding.Binding) error {
	if err := p.Require(access.ScopeSettingsRead); err != nil {
		return err
	}
	return p.MayUseBinding(b.ID, b.StoreID)
}
