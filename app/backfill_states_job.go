package app

import (
	"context"
	"encoding/json"
	"fmt"

	"byte8.io/ledger/domain/job"
)

// statesChunk is how many callbacks one step of a job makes.
const statesChunk = 250

// statesInput is the input of a job that tells chips, statesCursor how far it is.
type (
	statesInput struct {
		StoreID string `json:"store_id"`
	}
	statesCursor struct {
		// After is the Magento id that the next chips follow.
		After int64 `json:"after"`
	}
)

// backfillStatesStep makes the next callbacks, unless the shop still has many to
// take. Telling a chip twice is harmless: the shop's row is replaced.
func (a *App) backfillStatesStep(ctx context.Context, j job.Job) (job.Job, error) {
	var in statesInput
	var cursor statesCursor
	if err := readJob(j, &in, &cursor); err != nil {
		return job.Job{}, err
	}
	pending, err := a.Callbacks.CountPendingCallbacks(ctx, j.TenantID, in.StoreID, openWindow)
	if err != nil {
		return job.Job{}, fmt.Errorf("counting pending callbacks: %w", err)
	}
	if openWindow-pending < statesChunk {
		return a.saveJob(ctx, j.Advance(0, 0, j.Cursor, a.Now().Add(windowPause)))
	}
	now := a.Now()
	newID := func() string { return a.NewID("cbk") }
	last, n, err := a.Callbacks.BackfillCallbacks(ctx, j.TenantID, in.StoreID, cursor.After, statesChunk, newID, now)
	if err != nil {
		return job.Job{}, fmt.Errorf("making callbacks: %w", err)
	}
	a.nudgeStore(ctx, j.TenantID, in.StoreID)
	text, err := json.Marshal(statesCursor{After: last})
	if err != nil {
		return job.Job{}, fmt.Errorf("writing the job's cursor: %w", err)
	}
	next := j.Advance(n, 0, text, now)
	if last == 0 {
		next = next.Finish(now)
	}
	return a.saveJob(ctx, next)
}
