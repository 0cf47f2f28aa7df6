package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
)

// ReadReferenceData reads a binding's cached reference data, or NotFound before
// the first read from the provider.
func (a *App) ReadReferenceData(ctx context.Context, p access.Principal, b binding.Binding) (books.Reference, error) {
	if err := mayRead(p, b); err != nil {
		return books.Reference{}, err
	}
	ref, err := a.Bindings.FindReference(ctx, p.TenantID, b.ID)
	if err != nil {
		return books.Reference{}, fmt.Errorf("reading the reference data: %w", err)
	}
	return ref, nil
}
