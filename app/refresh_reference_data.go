package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
)

// Refreshed is a binding with its reference data as read now.
type Refreshed struct {
	Binding   binding.Binding
	Reference books.Reference
}

// RefreshReferenceData reads the organisation's accounts, tax rates and
// currencies again. A binding whose first read failed becomes active by it. When
// the call budget has no room it waits up to 10 seconds, and says how long it
// takes otherwise.
func (a *App) RefreshReferenceData(ctx context.Context, p access.Principal, bindingID string) (Refreshed, error) {
	if err := p.Require(access.ScopeBindingsWrite); err != nil {
		return Refreshed{}, err
	}
	b, err := a.bindingOf(ctx, p, bindingID)
	if err != nil {
		return Refreshed{}, err
	}
	if b.GrantID == "" || b.Organisation.ID == "" {
		return Refreshed{}, fault.New(fault.CodeConflict, "Connect an organisation first.")
	}
	if b.Status == binding.StatusPending {
		if b, err = a.link(ctx, p, b, b.Organisation); err != nil {
			return Refreshed{}, err
		}
		ref, err := a.Bindings.FindReference(ctx, b.TenantID, b.ID)
		if err != nil {
			return Refreshed{}, fmt.Errorf("reading the reference data back: %w", err)
		}
		return Refreshed{b, ref}, nil
	}
	ref, err := a.readReferenceForPerson(ctx, b)
	return Refreshed{b, ref}, err
}

// readReference reads reference data from the provider and caches it.
func (a *App) readReference(ctx context.Context, b binding.Binding) (books.Reference, error) {
	provider, err := a.provider(b)
	if err != nil {
		return books.Reference{}, err
	}
	var ref books.Reference
	err = a.withSession(ctx, b, func(s session) error {
		var err error
		ref, err = provider.Reference(ctx, s)
		return err
	})
	if err != nil {
		return books.Reference{}, fmt.Errorf("reading reference data: %w", err)
	}
	ref.FetchedAt = a.Now()
	if err := a.Bindings.PutReference(ctx, b.TenantID, b.ID, ref); err != nil {
		return books.Reference{}, fmt.Errorf("caching reference data: %w", err)
	}
	return ref, nil
}
