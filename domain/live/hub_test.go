package live_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/live"
)

func all(live.Change) bool { return true }

func run(id, status string) live.Change {
	return live.Change{TenantID: "tenant-a", Kind: live.KindRun, ID: id, Status: status}
}

func TestChangesOfOneThingBecomeOne(t *testing.T) {
	t.Parallel()
	hub := live.NewHub()
	w := hub.Watch("tenant-a", all)
	defer w.Close()
	hub.Deliver([]live.Change{run("run_1", "queued"), run("run_2", "queued"), run("run_1", "running"), run("run_2", "queued")})
	got, err := w.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]live.Change{run("run_1", ""), run("run_2", "queued")}, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	hub.Deliver([]live.Change{run("run_1", "succeeded")})
	got, err = w.Next(t.Context())
	if diff := cmp.Diff([]live.Change{run("run_1", "succeeded")}, got); diff != "" || err != nil {
		t.Errorf("after looking, error %v, changes (-want +got):\n%s", err, diff)
	}
}

func TestAWatcherSeesItsTenantAndWhatItWants(t *testing.T) {
	t.Parallel()
	hub := live.NewHub()
	w := hub.Watch("tenant-a", func(c live.Change) bool { return c.ID == "run_2" })
	defer w.Close()
	stranger := run("run_2", "queued")
	stranger.TenantID = "tenant-b"
	hub.Deliver([]live.Change{stranger, run("run_1", "queued"), run("run_2", "failed")})
	got, err := w.Next(t.Context())
	if diff := cmp.Diff([]live.Change{run("run_2", "failed")}, got); diff != "" || err != nil {
		t.Errorf("error %v, changes (-want +got):\n%s", err, diff)
	}
}

func TestAWatcherThatLagsIsDroppedAndOthersGoOn(t *testing.T) {
	t.Parallel()
	hub := live.NewHub()
	slow, quick := hub.Watch("tenant-a", all), hub.Watch("tenant-a", all)
	defer slow.Close()
	defer quick.Close()
	seen := 0
	for i := range 3 * live.MaxWaiting {
		hub.Deliver([]live.Change{run(fmt.Sprintf("run_%d", i), "queued")})
		if i%live.MaxWaiting != 0 {
			continue
		}
		changes, err := quick.Next(t.Context())
		if err != nil {
			t.Fatalf("the watcher that keeps up: %v", err)
		}
		seen += len(changes)
	}
	rest, err := quick.Next(t.Context())
	if seen += len(rest); err != nil || seen != 3*live.MaxWaiting {
		t.Errorf("the watcher that keeps up saw %d, error %v", seen, err)
	}
	if changes, err := slow.Next(t.Context()); !errors.Is(err, live.ErrGap) {
		t.Errorf("the watcher that lags: %d changes, error %v, want a gap", len(changes), err)
	}
}

func TestBreak(t *testing.T) {
	t.Parallel()
	hub := live.NewHub()
	before := hub.Watch("tenant-a", all)
	defer before.Close()
	hub.Deliver([]live.Change{run("run_1", "queued")})
	hub.Break()
	after := hub.Watch("tenant-a", all)
	defer after.Close()
	hub.Deliver([]live.Change{run("run_2", "queued")})
	if _, err := before.Next(t.Context()); !errors.Is(err, live.ErrGap) {
		t.Errorf("a watcher from before: %v, want a gap", err)
	}
	if got, err := after.Next(t.Context()); err != nil || len(got) != 1 {
		t.Errorf("a watcher from after: %v, %v", got, err)
	}
}

func TestNextEndsWithItsContext(t *testing.T) {
	t.Parallel()
	hub := live.NewHub()
	w := hub.Watch("tenant-a", all)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := w.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	w.Close()
	w.Close()
	if n := hub.Watchers(); n != 0 {
		t.Errorf("%d watchers are left", n)
	}
}

func TestBecame(t *testing.T) {
	t.Parallel()
	if !run("run_1", "failed").Became("failed") || !run("run_1", "").Became("failed") || run("run_1", "queued").Became("failed") {
		t.Error("a change tells its own status, or any when it stands for several")
	}
}
