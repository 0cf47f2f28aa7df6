package app_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/live"
	"byte8.io/ledger/domain/syncrun"
)

// A binding may have been paused since intake read it: whether its run waits is
// read by who watches.
func TestARunIsToldAsItWasStored(t *testing.T) {
	t.Parallel()
	w := newShopWorld()
	mustSend(t, w.app(), "key_1")
	kinds := map[live.Kind]int{}
	for _, c := range w.told {
		kinds[c.Kind]++
		if c.Kind == live.KindRun && (!c.Became(string(syncrun.StatusQueued)) || !c.Became(string(syncrun.StatusWaiting))) {
			t.Errorf("told %+v, which holds the run to a status", c)
		}
	}
	if kinds[live.KindRun] != 1 || kinds[live.KindState] != 1 {
		t.Errorf("told %v, want a run and a chip", kinds)
	}
}

func TestPartsOfARetryAreTold(t *testing.T) {
	t.Parallel()
	for status, want := range map[binding.Status]int{
		binding.StatusActive: 1, // workers tell of the further parts
		binding.StatusPaused: 3,
	} {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			w := jobsWorld()
			w.Runs, w.Bindings[0].Status = nil, status
			for i := range 250 {
				w.Runs = append(w.Runs, syncrun.Run{
					ID: fmt.Sprintf("run_%d", i), TenantID: "tenant-a", BindingID: "bnd_1", StoreID: "sto_1", Provider: binding.Xero,
					Status: syncrun.StatusFailed, CreatedAt: w.Now.Add(-time.Hour),
				})
			}
			a := w.App()
			_, made, err := a.RetrySyncRuns(t.Context(), jobsOwner, app.RetrySyncRuns{Which: app.ListSyncRuns{BindingID: "bnd_1"}, Settings: app.SettingsCurrent})
			if err != nil {
				t.Fatal(err)
			}
			watcher := w.Hub().Watch("tenant-a", func(c live.Change) bool { return c.Kind == live.KindMany })
			defer watcher.Close()
			told := 0
			for again := true; again; {
				if again, err = a.WorkJob(t.Context(), "tenant-a", made.ID); err != nil {
					t.Fatalf("WorkJob: %v", err)
				}
				told += len(waiting(t, watcher))
			}
			if len(due(w)) != 250 || told != want {
				t.Errorf("%d runs are due and watchers were told %d times, want 250 and %d", len(due(w)), told, want)
			}
		})
	}
}

// waiting is what a watcher has not looked at.
func waiting(t *testing.T, w *live.Watcher) []live.Change {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	changes, _ := w.Next(ctx)
	return changes
}
