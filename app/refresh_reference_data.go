package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
)

// RefreshReferenceData reads the organisation's accounts, tax rates and
// currencies again. A binding whose first read failed becomes active by it.
func (a *App) RefreshReferenceData(ctx context.Context, p access.Principal, bindingID string) (books.Reference, error) {
	if err := p.Require(access.ScopeBindingsWrite); err != nil {
		return books.Reference{}, err
	}
	b, err := a.bindingOf(ctx, p, bindingID)
	if err != nil {
		return books.Reference{}, err
	}
	if b.GrantID == "" || b.Organisation.ID == "" {
		return books.Reference{}, fault.New(fault.CodeConflict, "Connect an organisation first.")
	}
	if b.Status == binding.StatusPending {
		if _, err := a.link(ctx, b, b.Organisation); err != nil {
			return books.Reference{}, err
		}
		ref, err := a.Bindings.FindReference(ctx, b.TenantID, b.ID)
		if err != nil {
			return books.Reference{}, fmt.Errorf("reading the reference data back: %w", err)
		}
		return ref, nil
	}
	return a.readReference(ctx, b)
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
