package graph

import (
	"context"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/graph/exec"
	"byte8.io/ledger/graph/model"
)

type subscription struct{ app *app.App }

// Subscription implements [exec.ResolverRoot].
func (r resolver) Subscription() exec.SubscriptionResolver { return subscription(r) }

// SyncStateChanged streams chips that change.
func (s subscription) SyncStateChanged(ctx context.Context, storeID *string, entityType *commerce.EntityType, magentoIDs []int64) (<-chan *model.SyncState, error) {
	in := app.WatchSyncStates{
		StoreID: orZero(storeID), EntityType: orZero(entityType), MagentoIDs: magentoIDs,
	}
	watch, err := s.app.WatchSyncStates(ctx, principalOf(ctx), in)
	if err != nil {
		return nil, err
	}
	return pump(ctx, watch, shapeState), nil
}

// SyncRunUpdated streams runs that change their status.
func (s subscription) SyncRunUpdated(ctx context.Context, bindingID, runID *string) (<-chan *model.SyncRun, error) {
	watch, err := s.app.WatchSyncRuns(ctx, principalOf(ctx), app.WatchSyncRuns{BindingID: orZero(bindingID), RunID: orZero(runID)})
	if err != nil {
		return nil, err
	}
	return pump(ctx, watch, shapeRun), nil
}

// JobProgressed streams jobs that move on.
func (s subscription) JobProgressed(ctx context.Context, jobID, bindingID *string) (<-chan *model.Job, error) {
	watch, err := s.app.WatchJobs(ctx, principalOf(ctx), app.WatchJobs{JobID: orZero(jobID), BindingID: orZero(bindingID)})
	if err != nil {
		return nil, err
	}
	return pump(ctx, watch, shapeJob), nil
}

// orZero is an optional argument's value, zero when it is absent or null.
func orZero[T any](argument *T) T {
	var zero T
	if argument != nil {
		return *argument
	}
	return zero
}

// pump sends what a watch sees until it fails, which ends the subscription with
// that error, or the subscription ends.
func pump[T, M any](ctx context.Context, watch *app.Watch[T], shape func(T) M) <-chan *M {
	out := make(chan *M)
	go func() {
		defer close(out)
		defer watch.Close()
		err := pumpInto(ctx, out, watch, shape)
		if end, ok := ctx.Value(endKey{}).(context.CancelCauseFunc); ok {
			end(err)
		}
	}()
	return out
}

func pumpInto[T, M any](ctx context.Context, out chan<- *M, watch *app.Watch[T], shape func(T) M) error {
	for {
		things, err := watch.Next(ctx)
		if err != nil {
			return err
		}
		for _, thing := range things {
			shown := shape(thing)
			select {
			case out <- &shown:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
}
