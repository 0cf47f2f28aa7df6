package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"byte8.io/ledger/app/failpoint"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/job"
)

// createJob stores a new job of the principal's; a worker's sweep finds it.
func (a *App) createJob(ctx context.Context, p access.Principal, j job.Job) (job.Job, error) {
	j.ID, j.TenantID, j.Status, j.CreatedBy = a.NewID("job"), p.TenantID, job.StatusQueued, p.Name
	j.Cursor, j.NextAttemptAt = []byte("null"), j.CreatedAt
	if err := a.Jobs.CreateJob(ctx, j, a.entry(p, audit.JobStarted, j.ID, map[string]any{"kind": string(j.Kind), "binding": j.BindingID, "total": j.Total})); err != nil {
		return job.Job{}, fmt.Errorf("storing the job: %w", err)
	}
	a.publishJob(ctx, j)
	return j, nil
}

// errJobLost ends a step whose job was cancelled, or claimed by somebody else.
var errJobLost = errors.New("the job has ended, or another worker does it")

// WorkJob does the next step of a job, if it is due, and reports whether another
// one is due at once. It may be called at any time by any number of workers: what
// a step did is stored with the job's progress, or recognised when the step is
// done again.
func (a *App) WorkJob(ctx context.Context, tenant access.TenantID, id string) (bool, error) {
	now := a.Now()
	j, taken, err := a.Jobs.ClaimJob(ctx, tenant, id, now, now.Add(leaseLife))
	if err != nil {
		return false, fmt.Errorf("claiming the job: %w", err)
	}
	if !taken {
		return false, nil
	}
	failpoint.Hit("job.claimed")
	ctx = followJob(ctx, j)
	held, release := a.keepJob(ctx, j)
	var next job.Job
	err = guarded(func() error {
		next, err = a.jobStep(held, j)
		return err
	})
	lost := errors.Is(context.Cause(held), errJobLost)
	release()
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case lost:
		return false, nil
	default:
		a.Log.WarnContext(ctx, "a step of a job failed", "kind", j.Kind, "error", err)
		next, err = a.saveJob(ctx, j.Stumble(fault.Of(err), a.Now()))
		if fault.IsKind(err, fault.Conflict) {
			return false, nil // somebody cancelled it, or does it now
		}
		if err != nil {
			return false, err
		}
	}
	if next.Status != job.StatusRunning || next.Done > j.Done || next.ErrorCode != j.ErrorCode || j.Claims == 1 {
		a.publishJob(ctx, j)
	}
	failpoint.Hit("job.stepped")
	return next.Status.IsOpen() && !next.NextAttemptAt.After(a.Now()), nil
}

func (a *App) jobStep(ctx context.Context, j job.Job) (job.Job, error) {
	switch j.Kind {
	case job.Retry:
		return a.retryStep(ctx, j)
	case job.BackfillSyncStates:
		return a.backfillStatesStep(ctx, j)
	case job.BackfillDocuments:
		return a.backfillDocumentsStep(ctx, j)
	}
	return job.Job{}, fault.Newf(fault.CodeNotSupported, "This server does no jobs of the kind %s.", j.Kind)
}

// saveJob stores a claimed job and returns it.
func (a *App) saveJob(ctx context.Context, j job.Job) (job.Job, error) {
	if err := a.Jobs.SaveJob(ctx, j); err != nil {
		return job.Job{}, fmt.Errorf("storing the job's progress: %w", err)
	}
	return j, nil
}

// keepJob prolongs a job's lease until the returned function is called. The
// returned context ends when the job was cancelled or claimed by somebody else.
func (a *App) keepJob(ctx context.Context, j job.Job) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		beat := time.NewTicker(heartbeat)
		defer beat.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
				err := a.Jobs.ExtendJob(ctx, j, a.Now().Add(leaseLife))
				if fault.IsKind(err, fault.Conflict) {
					cancel(errJobLost)
				} else if err != nil && ctx.Err() == nil {
					a.Log.WarnContext(ctx, "prolonging a job's lease failed", "error", err)
				}
			}
		}
	})
	return ctx, func() {
		cancel(nil)
		done.Wait()
	}
}

// readJob reads a job's input and cursor.
func readJob(j job.Job, input, cursor any) error {
	if err := json.Unmarshal(j.Input, input); err != nil {
		return fmt.Errorf("reading the job's input: %w", err)
	}
	if err := json.Unmarshal(j.Cursor, cursor); err != nil {
		return fmt.Errorf("reading the job's cursor: %w", err)
	}
	return nil
}
