package graph

import (
	"context"
	"time"

	"github.com/graph-gophers/dataloader/v7"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
)

// gather is how long a loader waits for more keys of the same answer.
const gather = time.Millisecond

// loaders read each thing once for one operation, however many fields ask for it.
type loaders struct {
	app *app.App
	// runs has nil for a run that is not there.
	runs     *dataloader.Loader[string, *syncrun.Run]
	stores   *dataloader.Loader[string, binding.Store]
	bindings *dataloader.Loader[string, binding.Binding]
	// settings are keyed by the binding as it was read.
	settings *dataloader.Loader[binding.Binding, settings.Version]
}

type loadersKey struct{}

func withLoaders(ctx context.Context, a *app.App) context.Context {
	p := principalOf(ctx)
	return context.WithValue(ctx, loadersKey{}, &loaders{
		app: a,
		runs: newLoader(func(ctx context.Context, ids []string) []*dataloader.Result[*syncrun.Run] {
			return loadRuns(ctx, a, ids)
		}),
		stores: newLoader(each(func(ctx context.Context, id string) (binding.Store, error) {
			return a.FindStore(ctx, p, id)
		})),
		bindings: newLoader(each(func(ctx context.Context, id string) (binding.Binding, error) {
			return a.FindBinding(ctx, p, id)
		})),
		settings: newLoader(each(func(ctx context.Context, b binding.Binding) (settings.Version, error) {
			return a.ReadSettings(ctx, p, b)
		})),
	})
}

func loadersOf(ctx context.Context) *loaders {
	l, _ := ctx.Value(loadersKey{}).(*loaders)
	return l
}

// primeRuns reads the runs at once, for fields that are about to ask for each.
// What cannot be read is left to them, to fail with its reason.
func (l *loaders) primeRuns(ctx context.Context, ids []string) {
	found, err := l.app.FindSyncRuns(ctx, principalOf(ctx), ids)
	if err != nil {
		return
	}
	for _, id := range ids {
		l.runs.Prime(ctx, id, runOrNil(found, id))
	}
}

func loadRuns(ctx context.Context, a *app.App, ids []string) []*dataloader.Result[*syncrun.Run] {
	found, err := a.FindSyncRuns(ctx, principalOf(ctx), ids)
	results := make([]*dataloader.Result[*syncrun.Run], len(ids))
	for i, id := range ids {
		results[i] = &dataloader.Result[*syncrun.Run]{Data: runOrNil(found, id), Error: err}
	}
	return results
}

func runOrNil(found map[string]syncrun.Run, id string) *syncrun.Run {
	if run, ok := found[id]; ok {
		return &run
	}
	return nil
}

func newLoader[K comparable, V any](load dataloader.BatchFunc[K, V]) *dataloader.Loader[K, V] {
	return dataloader.NewBatchedLoader(load, dataloader.WithWait[K, V](gather))
}

// each loads keys one by one, for things of which an answer names few.
func each[K comparable, V any](find func(context.Context, K) (V, error)) dataloader.BatchFunc[K, V] {
	return func(ctx context.Context, keys []K) []*dataloader.Result[V] {
		results := make([]*dataloader.Result[V], len(keys))
		for i, key := range keys {
			value, err := find(ctx, key)
			results[i] = &dataloader.Result[V]{Data: value, Error: err}
		}
		return results
	}
}
