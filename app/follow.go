package app

import (
	"context"

	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/domain/trail"
)

// follow begins a span; see [ports.Traces].
func (a *App) follow(ctx context.Context, name string, parents ...string) (context.Context, func(error)) {
	if a.Traces == nil {
		return ctx, func(error) {}
	}
	return a.Traces.Begin(ctx, name, parents...)
}

// followRuns begins the span of a batch, and has log lines name its runs.
func (a *App) followRuns(ctx context.Context, runs []syncrun.Run) (context.Context, func(error)) {
	ids, parents := make([]string, len(runs)), make([]string, len(runs))
	for i, r := range runs {
		ids[i], parents[i] = r.ID, r.TraceParent
	}
	ctx = trail.WithRuns(trail.WithTenant(ctx, runs[0].TenantID), ids)
	return a.follow(ctx, "deliver", parents...)
}

// followCallback is [App.followRuns] for a callback.
func (a *App) followCallback(ctx context.Context, c syncrun.Callback) (context.Context, func(error)) {
	ctx = trail.WithRuns(trail.WithTenant(ctx, c.State.TenantID), []string{c.State.RunID})
	return a.follow(ctx, "tell the shop", c.TraceParent)
}
