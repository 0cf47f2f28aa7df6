package app

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
)

// freshenTime is how long a reader waits for stale reference data to be read
// again before it gets what is cached.
const freshenTime = 5 * time.Second

// ReadReferenceData reads a binding's cached reference data, or NotFound before
// the first read from the provider. Data older than a day is read again first,
// once for all who ask at the same time; when that fails or takes longer than
// five seconds the old data is returned.
func (a *App) ReadReferenceData(ctx context.Context, p access.Principal, b binding.Binding) (books.Reference, error) {
	if err := mayRead(p, b); err != nil {
		return books.Reference{}, err
	}
	ref, err := a.Bindings.FindReference(ctx, p.TenantID, b.ID)
	if err != nil {
		return books.Reference{}, fmt.Errorf("reading the reference data: %w", err)
	}
	if b.Status != binding.StatusActive || !ref.IsStale(a.Now()) {
		return ref, nil
	}
	fresh, err, _ := a.freshening.Do(b.ID, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), freshenTime)
		defer cancel()
		return a.readReference(ctx, b)
	})
	if err != nil {
		a.Log.WarnContext(ctx, "stale reference data could not be read again", "binding_id", b.ID, "error", err)
		return ref, nil
	}
	if read, ok := fresh.(books.Reference); ok {
		ref = read
	}
	return ref, nil
}
