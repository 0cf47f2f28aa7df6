package app

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/live"
	"byte8.io/ledger/ports"
)

// watchReadTime bounds reading what changed.
const watchReadTime = 10 * time.Second

// Watch is a stream of things as they are after each change.
type Watch[T any] struct {
	stream ports.ChangeStream
	// read reads what the changes are about, in their order.
	read func(ctx context.Context, changes []live.Change) ([]T, error)
}

// Next waits for changes and reads at once what they are about, once a thing
// however often it changed meanwhile. It fails with [live.ErrGap] when changes
// may have been missed, and with the context's error.
func (w *Watch[T]) Next(ctx context.Context) ([]T, error) {
	for {
		changes, err := w.stream.Next(ctx)
		if err != nil {
			return nil, fmt.Errorf("waiting for changes: %w", err)
		}
		for _, c := range changes {
			if c.Kind == live.KindMany {
				return nil, fmt.Errorf("many things changed at once: %w", live.ErrGap)
			}
		}
		things, err := w.readNow(ctx, changes)
		if err != nil || len(things) > 0 {
			return things, err
		}
	}
}

// Close ends the watching. It may be called more than once.
func (w *Watch[T]) Close() { w.stream.Close() }

func (w *Watch[T]) readNow(ctx context.Context, changes []live.Change) ([]T, error) {
	ctx, cancel := context.WithTimeout(ctx, watchReadTime)
	defer cancel()
	return w.read(ctx, changes)
}

// subscribe watches the tenant's changes that wants reports true for.
func (a *App) subscribe(ctx context.Context, tenant access.TenantID, wants func(live.Change) bool) (ports.ChangeStream, error) {
	if a.Changes == nil {
		return nil, fault.New(fault.CodeOverloaded, "Changes are not told by this process.")
	}
	stream, err := a.Changes.Subscribe(ctx, tenant, wants)
	if err != nil {
		return nil, fmt.Errorf("subscribing to changes: %w", err)
	}
	return stream, nil
}
