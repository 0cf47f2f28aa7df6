package app

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/ports"
)

// claimedJobs answers claims when told to, and notes them.
type claimedJobs struct {
	ports.Jobs
	mu      sync.Mutex
	claims  []string
	release chan struct{}
}

func (s *claimedJobs) ClaimJob(_ context.Context, _ access.TenantID, id string, _, _ time.Time) (job.Job, bool, error) {
	s.mu.Lock()
	s.claims = append(s.claims, id)
	s.mu.Unlock()
	<-s.release
	return job.Job{}, false, nil
}

// A worker with one slot has a line under way and others waiting for the slot
// when it is told to stop.
func TestAWorkerThatStopsClaimsNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		jobs := &claimedJobs{release: make(chan struct{})}
		a := New(Deps{Jobs: jobs, Now: time.Now, NewID: func(prefix string) string { return prefix + "_1" }, Log: slog.New(slog.DiscardHandler)})
		w := a.NewWorker(1)
		ctx, stop := context.WithCancel(t.Context())
		for _, id := range []string{"job_1", "job_2", "job_3"} {
			go w.work(ctx, t.Context(), line{tenant: "tenant-a", kind: jobSteps, id: id})
			synctest.Wait()
		}
		stop()
		close(jobs.release)
		w.drain(3, time.Minute, func() { t.Error("the grace period ended") })
		const late = 20 // each finds the slot free, and that the worker stops
		for range late {
			go w.work(ctx, t.Context(), line{tenant: "tenant-a", kind: jobSteps, id: "job_late"})
		}
		w.drain(late, time.Minute, func() { t.Error("the grace period ended") })
		if !slices.Equal(jobs.claims, []string{"job_1"}) {
			t.Errorf("claimed %v, want the line under way alone", jobs.claims)
		}
	})
}
