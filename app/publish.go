package app

import (
	"context"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/live"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// Publishing comes after the change is stored. It takes no time and fails
// nothing: who misses a change is told that there is a gap.

// publish tells those who watch; without anybody to tell it does nothing.
func (a *App) publish(ctx context.Context, changes ...live.Change) {
	if a.Changes != nil && len(changes) > 0 {
		a.Changes.Publish(ctx, changes...)
	}
}

// publishAccepted tells of the runs an event added, and of their chips. Whether a
// run waits or is queued was settled when it was stored, so who watches reads it.
func (a *App) publishAccepted(ctx context.Context, runs []syncrun.Run, accepted []ports.Accepted) {
	var changes []live.Change
	for _, run := range runs {
		for _, r := range accepted {
			if r.IsNew && r.RunID == run.ID {
				added := live.OfRun(run)
				added.Status = ""
				changes = append(changes, added, beganState(run))
			}
		}
	}
	a.publish(ctx, changes...)
}

// publishRequeued tells of a run that is due again, and of its chip.
func (a *App) publishRequeued(ctx context.Context, run syncrun.Run) {
	a.publish(ctx, live.OfRun(run), beganState(run))
}

// beganState is the change of the chip of a run that begins.
func beganState(run syncrun.Run) live.Change {
	return live.OfState(run.BindingID, syncrun.StateOf(run, run.CreatedAt))
}

// publishClaimed tells of runs that a worker took.
func (a *App) publishClaimed(ctx context.Context, runs []syncrun.Run) {
	changes := make([]live.Change, len(runs))
	for i, run := range runs {
		changes[i] = live.OfRun(run)
	}
	a.publish(ctx, changes...)
}

// publishOutcomes tells of the outcomes that were stored: those without an error.
func (a *App) publishOutcomes(ctx context.Context, outcomes []ports.Outcome, errs []error) {
	var changes []live.Change
	for i, o := range outcomes {
		if errs[i] != nil {
			continue
		}
		changes = append(changes, live.OfRun(o.Run))
		if o.State != nil {
			changes = append(changes, live.OfState(o.Run.BindingID, *o.State))
		}
	}
	a.publish(ctx, changes...)
}

// publishMany tells, once for each binding, that runs of it and their chips
// changed all at once.
func (a *App) publishMany(ctx context.Context, bindings []binding.Binding) {
	changes := make([]live.Change, len(bindings))
	for i, b := range bindings {
		changes[i] = live.Change{TenantID: b.TenantID, Kind: live.KindMany, StoreID: b.StoreID, BindingID: b.ID}
	}
	a.publish(ctx, changes...)
}

// publishJob tells that a job moved on or ended.
func (a *App) publishJob(ctx context.Context, j job.Job) {
	a.publish(ctx, live.OfJob(j))
}
