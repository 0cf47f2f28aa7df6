package app

import (
	"context"

	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/domain/trail"
	"byte8.io/ledger/domain/webhook"
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

// followMapping runs the decisions about works of one kind in a span; without
// works there is none.
func (a *App) followMapping(ctx context.Context, kind string, works []*work, decide func(context.Context)) {
	if len(works) == 0 {
		return
	}
	ctx, end := a.follow(ctx, "map "+kind)
	defer end(nil)
	decide(ctx)
}

// followJob has log lines name the job.
func followJob(ctx context.Context, j job.Job) context.Context {
	return trail.WithJob(trail.WithTenant(ctx, j.TenantID), j.ID)
}

// followDelivery has log lines name the webhook delivery.
func followDelivery(ctx context.Context, d webhook.Delivery) context.Context {
	return trail.WithDelivery(trail.WithTenant(ctx, d.TenantID), d.ID)
}

// followCallback is [App.followRuns] for a callback.
func (a *App) followCallback(ctx context.Context, c syncrun.Callback) (context.Context, func(error)) {
	ctx = trail.WithRuns(trail.WithTenant(ctx, c.State.TenantID), []string{c.State.RunID})
	return a.follow(ctx, "tell the shop", c.TraceParent)
}
