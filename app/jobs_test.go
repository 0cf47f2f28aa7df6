package app_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/app"
	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/syncrun"
)

var jobsOwner = access.Principal{Kind: access.KindMember, TenantID: "tenant-a", ID: "mem_1", Name: "owner@shop.example", Scopes: access.Scopes{access.ScopeAdmin}}

// jobsWorld has two active bindings, each with a failed and a held run, and a
// disconnected one with a failed run.
func jobsWorld() *apptest.World {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	w := &apptest.World{
		Now:       now,
		Stores:    []binding.Store{{ID: "sto_1", TenantID: "tenant-a", BaseURL: "https://shop.example", Status: binding.StoreActive}},
		StoreKeys: []binding.StoreKey{{ID: "skey_1", TenantID: "tenant-a", StoreID: "sto_1", Secret: "secret"}},
		Invoices: map[int64]commerce.Invoice{
			11: {MagentoID: 11, IncrementID: "000000011", State: commerce.InvoiceOpen},
			12: {MagentoID: 12, IncrementID: "000000012", State: commerce.InvoicePaid},
		},
	}
	for i, status := range []binding.Status{binding.StatusActive, binding.StatusActive, binding.StatusRevoked} {
		id := "bnd_" + string(rune('1'+i))
		w.Bindings = append(w.Bindings, binding.Binding{ID: id, TenantID: "tenant-a", StoreID: "sto_1", Provider: binding.Xero, Status: status, SettingsVersion: 2})
		for _, run := range []syncrun.Status{syncrun.StatusFailed, syncrun.StatusHeld} {
			if status == binding.StatusRevoked && run == syncrun.StatusHeld {
				continue
			}
			w.Runs = append(w.Runs, syncrun.Run{
				ID: "run_" + id + "_" + string(run), TenantID: "tenant-a", BindingID: id, StoreID: "sto_1", Provider: binding.Xero,
				Status: run, ErrorCode: fault.CodeNumberTaken, SettingsVersion: 1, CreatedAt: now.Add(-time.Hour),
			})
		}
	}
	return w
}

// finish does the steps of a job until none is due.
func finish(t *testing.T, w *apptest.World, id string) job.Job {
	t.Helper()
	a := w.App()
	for range 20 {
		again, err := a.WorkJob(t.Context(), "tenant-a", id)
		if err != nil {
			t.Fatalf("WorkJob: %v", err)
		}
		if !again {
			break
		}
	}
	j, err := a.FindJob(t.Context(), jobsOwner, id)
	if err != nil {
		t.Fatalf("FindJob: %v", err)
	}
	return j
}

func due(w *apptest.World) []string {
	var ids []string
	for _, r := range w.Runs {
		if r.Status == syncrun.StatusQueued {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func TestARetryIsCountedFirst(t *testing.T) {
	t.Parallel()
	w := jobsWorld()
	preview, j, err := w.App().RetrySyncRuns(t.Context(), jobsOwner, app.RetrySyncRuns{Settings: app.SettingsCurrent, DryRun: true})
	if err != nil || j != nil || len(w.Jobs) > 0 || len(due(w)) > 0 {
		t.Fatalf("a dry run made %v, %d jobs and %v due (%v)", j, len(w.Jobs), due(w), err)
	}
	if preview.Runs != 4 || preview.Calls < 4 || preview.Takes <= 0 {
		t.Errorf("the preview is %+v, want 4 runs with their calls and time", preview)
	}
}

func TestARetryJobTakesWhatWasThere(t *testing.T) {
	t.Parallel()
	for choice, version := range map[app.RetrySettings]int{app.SettingsOriginal: 1, app.SettingsCurrent: 2} {
		t.Run(string(choice), func(t *testing.T) {
			t.Parallel()
			w := jobsWorld()
			_, made, err := w.App().RetrySyncRuns(t.Context(), jobsOwner, app.RetrySyncRuns{Settings: choice})
			if err != nil || made == nil {
				t.Fatalf("RetrySyncRuns: %v, %v", made, err)
			}
			if made.Total != 4 || made.BindingID != "" || made.CreatedBy != "owner@shop.example" || made.Status != job.StatusQueued {
				t.Errorf("the job is %+v", made)
			}
			w.Runs = append(w.Runs, syncrun.Run{
				ID: "run_later", TenantID: "tenant-a", BindingID: "bnd_1", Provider: binding.Xero, Status: syncrun.StatusFailed, CreatedAt: w.Now,
			})
			got := finish(t, w, made.ID)
			if got.Status != job.StatusSucceeded || got.Done != 4 || got.Total != 4 {
				t.Errorf("the job ended as %+v", got)
			}
			want := []string{"run_bnd_1_failed", "run_bnd_1_held", "run_bnd_2_failed", "run_bnd_2_held"}
			if diff := cmp.Diff(want, due(w)); diff != "" {
				t.Errorf("due (-want +got):\n%s", diff)
			}
			for _, r := range w.Runs {
				if r.Status == syncrun.StatusQueued && r.SettingsVersion != version {
					t.Errorf("%s has settings version %d, want %d", r.ID, r.SettingsVersion, version)
				}
			}
		})
	}
}

func TestARetryWaitsWhileManyRunsAreOpen(t *testing.T) {
	t.Parallel()
	w := jobsWorld()
	for range 401 {
		w.Runs = append(w.Runs, syncrun.Run{TenantID: "tenant-a", BindingID: "bnd_1", Urgency: syncrun.Bulk, Status: syncrun.StatusWaiting, CreatedAt: w.Now})
	}
	_, made, err := w.App().RetrySyncRuns(t.Context(), jobsOwner, app.RetrySyncRuns{Settings: app.SettingsCurrent})
	if err != nil {
		t.Fatal(err)
	}
	got := finish(t, w, made.ID)
	if got.Status != job.StatusRunning || got.Done != 2 || !got.NextAttemptAt.After(w.Now) {
		t.Errorf("the job is %+v, want the other binding done and a pause", got)
	}
	if diff := cmp.Diff([]string{"run_bnd_2_failed", "run_bnd_2_held"}, due(w)); diff != "" {
		t.Errorf("due (-want +got):\n%s", diff)
	}
	if _, err := w.App().CancelJob(t.Context(), jobsOwner, made.ID); err != nil {
		t.Fatalf("CancelJob: %v", err)
	}
	w.Runs, w.Now = w.Runs[:5], w.Now.Add(time.Hour)
	if got := finish(t, w, made.ID); got.Status != job.StatusCancelled || len(due(w)) != 2 {
		t.Errorf("the cancelled job went on: %+v with %v due", got, due(w))
	}
	if _, err := w.App().CancelJob(t.Context(), jobsOwner, made.ID); err != nil {
		t.Errorf("CancelJob again: %v", err)
	}
}

func TestDocumentsAreBackfilledOnce(t *testing.T) {
	t.Parallel()
	w := jobsWorld()
	w.Runs = nil
	made, err := w.App().StartBackfill(t.Context(), jobsOwner, app.StartBackfill{
		BindingID: "bnd_1", Kind: job.BackfillDocuments, EntityType: commerce.EntityInvoice, MagentoIDs: []int64{12, 11, 12, 99},
	})
	if err != nil || made.Total != 3 {
		t.Fatalf("StartBackfill: %+v, %v", made, err)
	}
	got := finish(t, w, made.ID)
	if got.Status != job.StatusSucceeded || got.Done != 3 || got.Missed != 1 {
		t.Errorf("the job ended as %+v, want 3 done and 1 missed", got)
	}
	var events []string
	for _, r := range w.Runs {
		events = append(events, string(r.Event)+" "+r.IncrementID)
		if r.Urgency != syncrun.Bulk || r.BindingID != "bnd_1" || !strings.HasPrefix(r.EventKey, made.ID+":") || r.SettingsVersion != 2 {
			t.Errorf("run %+v, want bulk work of the binding with the newest settings", r)
		}
	}
	slices.Sort(events)
	want := []string{"invoice.created 000000011", "invoice.created 000000012", "invoice.paid 000000012"}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	// The worker died before it stored the step: it is done again.
	w.Jobs[0].Status, w.Jobs[0].Cursor, w.Jobs[0].Done, w.Jobs[0].NextAttemptAt = job.StatusRunning, []byte("null"), 0, w.Now
	if got := finish(t, w, made.ID); got.Done != 3 || len(w.Runs) != 3 {
		t.Errorf("the repeated step leaves %d runs and counts %d, want 3 and 3", len(w.Runs), got.Done)
	}
}

func TestAStepThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := jobsWorld()
	made, err := w.App().StartBackfill(t.Context(), jobsOwner, app.StartBackfill{
		BindingID: "bnd_1", Kind: job.BackfillDocuments, EntityType: commerce.EntityInvoice, FromID: 11, ToID: 13,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.ShopErr = fault.New(fault.CodeMagentoUnreachable, "away")
	got := finish(t, w, made.ID)
	if got.Status != job.StatusRunning || got.Attempts != 1 || got.ErrorCode != fault.CodeMagentoUnreachable || !got.NextAttemptAt.After(w.Now) {
		t.Errorf("the job is %+v, want another try later", got)
	}
	w.ShopErr, w.Now = nil, w.Now.Add(time.Minute)
	if got := finish(t, w, made.ID); got.Status != job.StatusSucceeded || got.Missed != 1 || got.ErrorCode != "" {
		t.Errorf("the job ended as %+v", got)
	}
}

func TestBackfillsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	const invoice = commerce.EntityInvoice
	for name, tt := range map[string]struct {
		in    app.StartBackfill
		field string
	}{
		"no kind":          {app.StartBackfill{}, "kind"},
		"a retry":          {app.StartBackfill{Kind: job.Retry}, "kind"},
		"chips by id":      {app.StartBackfill{Kind: job.BackfillSyncStates, MagentoIDs: []int64{1}}, "kind"},
		"no entity":        {app.StartBackfill{Kind: job.BackfillDocuments, MagentoIDs: []int64{1}}, "entityType"},
		"nothing":          {app.StartBackfill{Kind: job.BackfillDocuments, EntityType: invoice}, "fromMagentoId"},
		"ids and a range":  {app.StartBackfill{Kind: job.BackfillDocuments, EntityType: invoice, MagentoIDs: []int64{1}, FromID: 1, ToID: 2}, "magentoIds"},
		"an id of 0":       {app.StartBackfill{Kind: job.BackfillDocuments, EntityType: invoice, MagentoIDs: []int64{0}}, "magentoIds"},
		"too many ids":     {app.StartBackfill{Kind: job.BackfillDocuments, EntityType: invoice, MagentoIDs: make([]int64, app.MaxBackfillIDs+1)}, "magentoIds"},
		"a range backward": {app.StartBackfill{Kind: job.BackfillDocuments, EntityType: invoice, FromID: 5, ToID: 4}, "toMagentoId"},
		"too wide a range": {app.StartBackfill{Kind: job.BackfillDocuments, EntityType: invoice, FromID: 1, ToID: app.MaxBackfillRange + 1}, "toMagentoId"},
		"the widest there is": {app.StartBackfill{
			Kind: job.BackfillDocuments, EntityType: invoice, FromID: 1, ToID: 1<<63 - 1,
		}, "toMagentoId"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := jobsWorld()
			tt.in.BindingID = "bnd_1"
			_, err := w.App().StartBackfill(t.Context(), jobsOwner, tt.in)
			if !fault.Is(err, fault.CodeInvalid) || fault.Of(err).Fields[0].Path != tt.field || len(w.Jobs) > 0 {
				t.Errorf("StartBackfill: %v, want a fault of %s", err, tt.field)
			}
		})
	}
}

func TestJobsKeepToTheirTenantAndBinding(t *testing.T) {
	t.Parallel()
	w := jobsWorld()
	a := w.App()
	_, made, err := a.RetrySyncRuns(t.Context(), jobsOwner, app.RetrySyncRuns{Which: app.ListSyncRuns{BindingID: "bnd_1"}, Settings: app.SettingsCurrent})
	if err != nil || made.BindingID != "bnd_1" {
		t.Fatalf("RetrySyncRuns: %+v, %v", made, err)
	}
	stranger, elsewhere, reader := jobsOwner, jobsOwner, jobsOwner
	stranger.TenantID, elsewhere.BindingID, reader.Scopes = "tenant-b", "bnd_2", access.Scopes{access.ScopeRunsRead}
	for name, p := range map[string]access.Principal{"a stranger": stranger, "a key of another binding": elsewhere} {
		if _, err := a.FindJob(t.Context(), p, made.ID); !fault.IsKind(err, fault.NotFound) {
			t.Errorf("FindJob by %s: %v", name, err)
		}
		if _, err := a.CancelJob(t.Context(), p, made.ID); !fault.IsKind(err, fault.NotFound) {
			t.Errorf("CancelJob by %s: %v", name, err)
		}
		if page, err := a.ListJobs(t.Context(), p, app.ListJobs{BindingID: "bnd_1"}); err != nil || len(page.Rows) > 0 {
			t.Errorf("ListJobs by %s gave %d (%v)", name, len(page.Rows), err)
		}
		if _, err := a.StartBackfill(t.Context(), p, app.StartBackfill{BindingID: "bnd_1", Kind: job.BackfillSyncStates}); !fault.IsKind(err, fault.NotFound) {
			t.Errorf("StartBackfill by %s: %v", name, err)
		}
		preview, j, err := a.RetrySyncRuns(t.Context(), p, app.RetrySyncRuns{Which: app.ListSyncRuns{BindingID: "bnd_1"}, Settings: app.SettingsCurrent})
		if err != nil || j != nil || preview.Runs != 0 {
			t.Errorf("RetrySyncRuns by %s: %+v, %v, %v", name, preview, j, err)
		}
	}
	if _, err := a.CancelJob(t.Context(), reader, made.ID); !fault.Is(err, fault.CodeDenied) {
		t.Errorf("CancelJob by a reader: %v", err)
	}
	bound := jobsOwner
	bound.BindingID = "bnd_1"
	if _, err := a.StartBackfill(t.Context(), bound, app.StartBackfill{BindingID: "bnd_1", Kind: job.BackfillSyncStates}); !fault.Is(err, fault.CodeDenied) {
		t.Errorf("a key of one binding refreshes the whole store: %v", err)
	}
	if _, err := a.FindJob(t.Context(), bound, made.ID); err != nil {
		t.Errorf("FindJob by the binding's key: %v", err)
	}
}
