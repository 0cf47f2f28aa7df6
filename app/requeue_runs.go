package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// StuckRuns narrows the runs that wait for a person; zero fields do not.
type StuckRuns struct {
	Provider  binding.Provider
	BindingID string
	// Statuses are held, failed, or both.
	Statuses   []syncrun.Status
	ErrorCode  fault.Code
	EntityType commerce.EntityType
	// CreatedFrom is inclusive, CreatedTo exclusive.
	CreatedFrom *time.Time
	CreatedTo   *time.Time
}

// filter is the filter within what the principal may see; it reports false when
// that is nothing.
func (s StuckRuns) filter(p access.Principal) (ports.RunFilter, bool, error) {
	f := ports.RunFilter{
		Provider: s.Provider, BindingID: s.BindingID, Statuses: s.Statuses, ErrorCode: s.ErrorCode, EntityType: s.EntityType,
		CreatedFrom: s.CreatedFrom, CreatedTo: s.CreatedTo,
	}
	if err := refuseUnknownCode("errorCode", s.ErrorCode); err != nil {
		return f, false, err
	}
	for _, status := range s.Statuses {
		if status != syncrun.StatusHeld && status != syncrun.StatusFailed {
			return f, false, invalidField("statuses", "Only runs that are held or failed wait for a person.")
		}
	}
	if len(f.Statuses) == 0 {
		f.Statuses = []syncrun.Status{syncrun.StatusHeld, syncrun.StatusFailed}
	}
	if p.BindingID != "" {
		if f.BindingID != "" && f.BindingID != p.BindingID {
			return f, false, nil
		}
		f.BindingID = p.BindingID
	}
	return f, true, nil
}

// RequeueRuns makes held and failed runs due again, oldest first, up to the
// limit, with the newest settings of their bindings, and says how many there
// were. The reference data is read again for held ones, because what held them
// may have been mended at the provider. They are bulk work: live documents go
// first, and the last of the call budget stays theirs.
func (a *App) RequeueRuns(ctx context.Context, p access.Principal, which StuckRuns, limit int) (Requeued, error) {
	if err := p.Require(access.ScopeRunsRetry); err != nil {
		return Requeued{}, err
	}
	if limit < 1 {
		return Requeued{}, invalidField("limit", "The limit is at least 1.")
	}
	filter, some, err := which.filter(p)
	if err != nil || !some {
		return Requeued{}, err
	}
	bindings, err := a.bindingsOf(ctx, p.TenantID, ports.BindingFilter{Provider: filter.Provider, ID: filter.BindingID})
	if err != nil {
		return Requeued{}, err
	}
	if slices.Contains(filter.Statuses, syncrun.StatusHeld) {
		if err := a.renewReferences(ctx, bindings); err != nil {
			return Requeued{}, err
		}
	}
	cost, err := a.costOf(ctx, p.TenantID, filter, bindings)
	if err != nil {
		return Requeued{}, err
	}
	n, err := a.Runs.RequeueAll(ctx, p.TenantID, filter, limit, a.Now(), a.entry(p, audit.RunsRetried, filter.BindingID, map[string]any{"error_code": string(filter.ErrorCode), "limit": limit}))
	if n > 0 {
		a.publishMany(ctx, bindings)
	}
	for _, b := range bindings {
		if n > 0 && b.Status == binding.StatusActive {
			a.nudgeBinding(ctx, p.TenantID, b.ID)
		}
	}
	done := Requeued{Runs: n, Calls: cost.of(n)}
	if err != nil {
		return done, fmt.Errorf("queueing runs again: %w", err)
	}
	return done, nil
}

// renewReferences reads the reference data of bindings with held runs again.
func (a *App) renewReferences(ctx context.Context, bindings []binding.Binding) error {
	for _, b := range bindings {
		health, err := a.Bindings.BindingHealth(ctx, b.TenantID, b.ID, a.Now())
		if err != nil {
			return fmt.Errorf("counting held runs: %w", err)
		}
		if health.Held > 0 {
			a.renewReference(ctx, b)
		}
	}
	return nil
}

// bindingsOf lists all bindings of a tenant that fit the filter.
func (a *App) bindingsOf(ctx context.Context, tenant access.TenantID, filter ports.BindingFilter) ([]binding.Binding, error) {
	var all []binding.Binding
	page := ports.Page{First: MaxPage}
	for {
		found, err := a.Bindings.ListBindings(ctx, tenant, filter, page)
		if err != nil {
			return nil, fmt.Errorf("listing the bindings: %w", err)
		}
		all = append(all, found.Rows...)
		if !found.HasNext {
			return all, nil
		}
		page.After = found.Cursors[len(found.Cursors)-1]
	}
}
