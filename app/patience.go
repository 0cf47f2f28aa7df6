package app

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
)

// patience is how long a person who waits for an answer is kept waiting for room
// in the call budget.
const patience = 10 * time.Second

// readReferenceForPerson reads reference data while a person waits. When the
// call budget has no room it waits its turn, as long as that is within patience;
// what takes longer is said with the time and with what to do.
func (a *App) readReferenceForPerson(ctx context.Context, b binding.Binding) (books.Reference, error) {
	began := a.Now()
	var waited time.Duration
	for {
		ref, err := a.readReference(ctx, b)
		if !fault.Is(err, fault.CodeRateLimited) {
			return ref, err
		}
		wait := max(fault.Of(err).Wait, time.Second)
		if max(waited, a.Now().Sub(began))+wait > patience {
			message := fmt.Sprintf("No calls are left for this organisation now. Try again in %s.", wait.Round(time.Second))
			return ref, fault.Wrap(fault.CodeCallsSpent, message, err).WithWait(wait)
		}
		if paused := pauseFor(ctx, wait); paused != nil {
			return ref, fault.Wrap(fault.CodeProviderUnavailable, "Waiting for room in the call budget took too long.", paused)
		}
		waited += wait
	}
}

// referenceToLink is the reference data that a binding is linked with. A binding
// that comes back to its organisation takes what is cached of it when the call
// budget has no room, so that documents do not wait for a read.
func (a *App) referenceToLink(ctx context.Context, b binding.Binding, comesBack bool) (books.Reference, error) {
	ref, err := a.readReferenceForPerson(ctx, b)
	if !fault.Is(err, fault.CodeCallsSpent) || !comesBack {
		return ref, err
	}
	cached, missing := a.Bindings.FindReference(ctx, b.TenantID, b.ID)
	if missing != nil {
		return ref, err
	}
	return cached, nil
}
