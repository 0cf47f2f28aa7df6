package integration_test

import (
	"testing"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/syncrun"
)

// step does the steps of a job that are due, as a worker does, and returns it.
func (p *inProcess) step(t *testing.T, id string) job.Job {
	t.Helper()
	for range 50 {
		again, err := p.app.WorkJob(t.Context(), p.admin.TenantID, id)
		if err != nil {
			t.Fatal(err)
		}
		if !again {
			break
		}
	}
	j, err := p.app.FindJob(t.Context(), p.admin, id)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestARetryJobSendsWhatWasHeldOnce(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		runs := p.held(t, 4)
		in := app.RetrySyncRuns{Which: app.ListSyncRuns{BindingID: p.binding.ID, ErrorCode: fault.CodePeriodLocked}, Settings: app.SettingsCurrent}
		if preview, j, err := p.app.RetrySyncRuns(t.Context(), p.stranger(t), in); err != nil || j != nil || preview.Runs != 0 {
			t.Fatalf("a stranger's retry: %+v, %v, %v", preview, j, err)
		}
		preview, made, err := p.app.RetrySyncRuns(t.Context(), p.admin, in)
		if err != nil || made == nil || preview.Runs != 4 || made.Total != 4 {
			t.Fatalf("RetrySyncRuns: %+v, %+v, %v", preview, made, err)
		}
		if got := p.step(t, made.ID); got.Status != job.StatusSucceeded || got.Done != 4 || got.Missed != 0 {
			t.Errorf("the job ended as %+v", got)
		}
		for _, run := range runs {
			if got := p.run(t, run); got.Urgency != syncrun.Bulk {
				t.Errorf("a retried run has the urgency %d, want bulk", got.Urgency)
			}
		}
		p.work(t, 4)
		for _, run := range runs {
			p.wantOnce(t, run)
		}
	})
}

// TestARetryJobTakesEachRunOnce has every run fail again: a job that looked at a
// run twice would make it due twice.
func TestARetryJobTakesEachRunOnce(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		runs := p.held(t, 3)
		p.lockPeriod(t, true)
		_, made, err := p.app.RetrySyncRuns(t.Context(), p.admin, app.RetrySyncRuns{Settings: app.SettingsOriginal})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := p.app.WorkJob(t.Context(), p.admin.TenantID, made.ID); err != nil {
				t.Fatal(err)
			}
			p.work(t, 2)
			p.offset.Add(int64(2 * time.Second))
		}
		if got := p.step(t, made.ID); got.Status != job.StatusSucceeded || got.Done != 3 {
			t.Errorf("the job ended as %+v", got)
		}
		for _, run := range runs {
			attempts, err := p.app.ListAttempts(t.Context(), p.admin, p.run(t, run))
			if err != nil || len(attempts) != 2 {
				t.Errorf("run %s was tried %d times (%v), want twice", run, len(attempts), err)
			}
		}
	})
}

func TestDocumentsTheShopNeverToldOfAreBackfilled(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		known, runs := p.raise(t, 1)
		p.work(t, 3)
		p.wantOnce(t, runs[0])
		raised, err := p.shop.Raise(3)
		if err != nil {
			t.Fatal(err)
		}
		in := app.StartBackfill{
			BindingID: p.binding.ID, Kind: job.BackfillDocuments, EntityType: commerce.EntityInvoice,
			FromID: int64(known[0]), ToID: int64(raised.IDs[2]) + 5,
		}
		if _, err := p.app.StartBackfill(t.Context(), p.stranger(t), in); !fault.IsKind(err, fault.NotFound) {
			t.Errorf("a stranger's backfill: %v, want NotFound", err)
		}
		made, err := p.app.StartBackfill(t.Context(), p.admin, in)
		if err != nil {
			t.Fatal(err)
		}
		got := p.step(t, made.ID)
		if got.Status != job.StatusSucceeded || got.Done != got.Total || got.Missed < 5 {
			t.Fatalf("the job ended as %+v", got)
		}
		page, err := p.app.ListSyncRuns(t.Context(), p.admin, app.ListSyncRuns{Event: commerce.EventInvoiceCreated})
		if err != nil || len(page.Rows) != 4 {
			t.Fatalf("there are %d runs (%v), want one for each invoice", len(page.Rows), err)
		}
		p.work(t, 6)
		for _, run := range page.Rows {
			p.wantOnce(t, run.ID)
		}
		// The same documents again are in the books already.
		if made, err = p.app.StartBackfill(t.Context(), p.admin, in); err != nil {
			t.Fatal(err)
		}
		p.step(t, made.ID)
		again, err := p.app.ListSyncRuns(t.Context(), p.admin, app.ListSyncRuns{Event: commerce.EventInvoiceCreated})
		if err != nil || len(again.Rows) != 4 {
			t.Errorf("a second backfill leaves %d runs (%v), want 4", len(again.Rows), err)
		}
	})
}

func TestChipsAreBackfilled(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.raise(t, 3)
		p.work(t, 4)
		told := p.shop.Stats().Callbacks["synced"]
		made, err := p.app.StartBackfill(t.Context(), p.admin, app.StartBackfill{BindingID: p.binding.ID, Kind: job.BackfillSyncStates})
		if err != nil || made.Total < 3 {
			t.Fatalf("StartBackfill: %+v, %v", made, err)
		}
		if got := p.step(t, made.ID); got.Status != job.StatusSucceeded || got.Done != made.Total {
			t.Errorf("the job ended as %+v", got)
		}
		p.work(t, 2)
		if got := p.shop.Stats().Callbacks["synced"]; got < told+3 {
			t.Errorf("the shop was told of %d chips, want %d", got, told+3)
		}
	})
}

func TestACancelledJobStops(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.held(t, 2)
		_, made, err := p.app.RetrySyncRuns(t.Context(), p.admin, app.RetrySyncRuns{Settings: app.SettingsCurrent})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.app.CancelJob(t.Context(), p.stranger(t), made.ID); !fault.IsKind(err, fault.NotFound) {
			t.Errorf("a stranger's cancel: %v, want NotFound", err)
		}
		if _, err := p.app.CancelJob(t.Context(), p.admin, made.ID); err != nil {
			t.Fatal(err)
		}
		if got := p.step(t, made.ID); got.Status != job.StatusCancelled || got.Done != 0 {
			t.Errorf("the cancelled job: %+v", got)
		}
		reader := access.Principal{Kind: access.KindAPIKey, TenantID: p.admin.TenantID, ID: "key", Scopes: access.Scopes{access.ScopeRunsRead}}
		if n, err := p.app.CountSyncRuns(t.Context(), reader, app.ListSyncRuns{Statuses: []syncrun.Status{syncrun.StatusHeld}}); err != nil || n != 2 {
			t.Errorf("%d runs are held (%v), want both", n, err)
		}
	})
}
