package integration_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	shopbox "byte8.io/ledger/sandbox/magento"
)

// lockPeriod closes the books up to tomorrow, or opens them again.
func (p *inProcess) lockPeriod(t *testing.T, isLocked bool) {
	t.Helper()
	var until time.Time
	if isLocked {
		until = p.now().AddDate(0, 0, 1)
	}
	if err := p.books.SetLockDates("", until, time.Time{}); err != nil {
		t.Fatal(err)
	}
}

// held raises invoices into a closed period and opens it again.
func (p *inProcess) held(t *testing.T, n int) []string {
	t.Helper()
	p.lockPeriod(t, true)
	if _, err := p.app.RefreshReferenceData(t.Context(), p.admin, p.binding.ID); err != nil {
		t.Fatal(err)
	}
	_, runs := p.raise(t, n)
	p.work(t, 2)
	for _, run := range runs {
		if got := p.run(t, run); got.Status != syncrun.StatusHeld || got.ErrorCode != fault.CodePeriodLocked {
			t.Fatalf("run is %s %s, want held period_locked", got.Status, got.ErrorCode)
		}
	}
	p.lockPeriod(t, false)
	return runs
}

func TestHoldsOfOneCauseAreReleasedTogether(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		runs := p.held(t, 3)
		for code, want := range map[fault.Code]int{fault.CodeTaxRateNotMapped: 0, fault.CodePeriodLocked: 3} {
			n, err := p.app.ReleaseHolds(t.Context(), p.admin, p.binding.ID, code)
			if err != nil || n != want {
				t.Fatalf("ReleaseHolds of %s gave %d (%v), want %d", code, n, err, want)
			}
		}
		p.work(t, 3)
		for _, run := range runs {
			p.wantOnce(t, run)
		}
		_, err := p.app.ReleaseHolds(t.Context(), p.stranger(t), p.binding.ID, "")
		if !fault.IsKind(err, fault.NotFound) {
			t.Errorf("ReleaseHolds by a stranger: %v, want NotFound", err)
		}
	})
}

// stranger is another tenant of the same server.
func (p *inProcess) stranger(t *testing.T) access.Principal {
	t.Helper()
	made, err := p.app.CreateTenant(t.Context(), "Stranger", "stranger@example.test")
	if err != nil {
		t.Fatal(err)
	}
	return access.System(made.Tenant.ID)
}

func TestTheOutboxIsInspectedAndRequeued(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		runs := p.held(t, 3)
		got, err := p.app.InspectOutbox(t.Context(), p.admin, app.StuckRuns{}, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Causes) != 1 || len(got.Runs) != 2 || got.Runs[0].ID != runs[2] {
			t.Fatalf("InspectOutbox gave %+v", got)
		}
		cause, oldest := got.Causes[0], p.run(t, runs[0]).CreatedAt
		if cause.Count != 3 || cause.Status != syncrun.StatusHeld || cause.Code != fault.CodePeriodLocked || !cause.OldestAt.Equal(oldest) {
			t.Errorf("the cause is %+v, want 3 held since %s", cause, oldest)
		}
		if cause.Title == "" || cause.Advice != fault.CodePeriodLocked.Advice() {
			t.Errorf("the cause is shown as %q with the advice %q", cause.Title, cause.Advice)
		}
		stranger := p.stranger(t)
		if seen, err := p.app.InspectOutbox(t.Context(), stranger, app.StuckRuns{}, 10); err != nil || len(seen.Causes)+len(seen.Runs) > 0 {
			t.Errorf("a stranger sees %+v (%v)", seen, err)
		}
		if done, err := p.app.RequeueRuns(t.Context(), stranger, app.StuckRuns{}, 10); err != nil || done != (app.Requeued{}) {
			t.Errorf("a stranger requeued %+v (%v)", done, err)
		}
		for _, step := range []struct {
			which app.StuckRuns
			limit int
			want  int
		}{
			{app.StuckRuns{Statuses: []syncrun.Status{syncrun.StatusFailed}}, 10, 0},
			{app.StuckRuns{ErrorCode: fault.CodeTaxRateNotMapped}, 10, 0},
			{app.StuckRuns{ErrorCode: fault.CodePeriodLocked, BindingID: p.binding.ID}, 2, 2},
			{app.StuckRuns{}, 10, 1},
		} {
			if done, err := p.app.RequeueRuns(t.Context(), p.admin, step.which, step.limit); err != nil || done.Runs != step.want {
				t.Errorf("RequeueRuns of %+v gave %+v (%v), want %d", step.which, done, err, step.want)
			}
		}
		if got := p.run(t, runs[0]).Urgency; got != syncrun.Bulk {
			t.Errorf("a requeued run has the urgency %d, want bulk", got)
		}
		p.work(t, 3)
		for _, run := range runs {
			p.wantOnce(t, run)
		}
	})
}

func TestTriageKeepsToScopesAndBindings(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.held(t, 1)
		reader := access.Principal{Kind: access.KindAPIKey, TenantID: p.admin.TenantID, ID: "key", Scopes: access.Scopes{access.ScopeRunsRead}}
		bound := reader
		bound.BindingID, bound.Scopes = "bnd_other", access.Scopes{access.ScopeAdmin}
		calls := map[string]func(access.Principal) error{
			"RequeueRuns": func(c access.Principal) error {
				_, err := p.app.RequeueRuns(t.Context(), c, app.StuckRuns{}, 1)
				return err
			},
			"RequeueCallbacks": func(c access.Principal) error {
				_, err := p.app.RequeueCallbacks(t.Context(), c, app.DeadCallbacks{}, 1)
				return err
			},
			"ReleaseHolds": func(c access.Principal) error {
				_, err := p.app.ReleaseHolds(t.Context(), c, p.binding.ID, "")
				return err
			},
			"BackfillSyncStates": func(c access.Principal) error {
				_, err := p.app.BackfillSyncStates(t.Context(), c, app.BackfillSyncStates{StoreID: p.store.ID})
				return err
			},
			"ReadOAuthStatus": func(c access.Principal) error { _, err := p.app.ReadOAuthStatus(t.Context(), c); return err },
		}
		for name, call := range calls {
			if err := call(reader); !fault.Is(err, fault.CodeDenied) {
				t.Errorf("%s with runs:read alone: %v, want denied", name, err)
			}
		}
		for _, name := range []string{"RequeueCallbacks", "BackfillSyncStates", "ReleaseHolds"} {
			if err := calls[name](bound); !fault.IsKind(err, fault.Denied, fault.NotFound) {
				t.Errorf("%s by a key of another binding: %v, want a refusal", name, err)
			}
		}
		if done, err := p.app.RequeueRuns(t.Context(), bound, app.StuckRuns{}, 10); err != nil || done.Runs != 0 {
			t.Errorf("a key of another binding requeued %+v (%v)", done, err)
		}
		if seen, err := p.app.InspectOutbox(t.Context(), bound, app.StuckRuns{}, 10); err != nil || len(seen.Runs) > 0 {
			t.Errorf("a key of another binding sees %+v (%v)", seen, err)
		}
		if seen, err := p.app.ReadOAuthStatus(t.Context(), bound); err != nil || len(seen) > 0 {
			t.Errorf("a key of another binding sees %+v (%v)", seen, err)
		}
	})
}

func TestDeadCallbacksAreRequeued(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		if err := p.shop.InjectFault(shopbox.Fault{Kind: shopbox.Fault500, Count: syncrun.MaxAttempts, Path: "sync-state"}); err != nil {
			t.Fatal(err)
		}
		ids, _ := p.raise(t, 1)
		p.work(t, 1)
		for range syncrun.MaxAttempts {
			p.offset.Add(int64(time.Hour))
			if _, err := p.app.SendCallbacks(t.Context(), p.admin.TenantID, p.store.ID); err != nil {
				t.Fatal(err)
			}
		}
		dead := p.wantDead(t, ids[0])
		if row := p.mirror(ids[0]); row != nil && row.SyncStatus == "synced" {
			t.Fatalf("the shop knows the chip already: %+v", row)
		}
		if n, err := p.app.RequeueCallbacks(t.Context(), p.admin, app.DeadCallbacks{IDs: []string{dead.ID}}, 10); err != nil || n != 1 {
			t.Fatalf("RequeueCallbacks gave %d (%v), want 1", n, err)
		}
		if _, err := p.app.SendCallbacks(t.Context(), p.admin.TenantID, p.store.ID); err != nil {
			t.Fatal(err)
		}
		if row := p.mirror(ids[0]); row == nil || row.SyncStatus != "synced" {
			t.Errorf("the shop's chip is %+v, want synced", row)
		}
	})
}

// wantDead is the only dead callback, which is about the document.
func (p *inProcess) wantDead(t *testing.T, magentoID int) syncrun.Callback {
	t.Helper()
	got, err := p.app.InspectCallbacks(t.Context(), p.admin, app.DeadCallbacks{BindingID: p.binding.ID, ErrorCode: fault.CodeMagentoRefused}, 5)
	if err != nil || got.Count() != 1 || len(got.Callbacks) != 1 {
		t.Fatalf("InspectCallbacks gave %+v (%v), want one", got, err)
	}
	if cause := got.Causes[0]; cause.Code != fault.CodeMagentoRefused || cause.Title == "" || cause.Advice == "" {
		t.Errorf("the cause is %+v", cause)
	}
	if c := got.Callbacks[0]; c.State.MagentoID != int64(magentoID) || c.State.StoreID != p.store.ID || c.Message == "" {
		t.Errorf("the callback is %+v", c)
	}
	for _, other := range []app.DeadCallbacks{{ErrorCode: fault.CodeDatabase}, {BindingID: "bnd_other"}} {
		if got, err := p.app.InspectCallbacks(t.Context(), p.admin, other, 5); err != nil || got.Count() != 0 {
			t.Errorf("InspectCallbacks of %+v gave %+v (%v)", other, got, err)
		}
	}
	if seen, err := p.app.InspectCallbacks(t.Context(), p.stranger(t), app.DeadCallbacks{}, 5); err != nil || seen.Count() != 0 {
		t.Errorf("a stranger sees %+v (%v)", seen, err)
	}
	return got.Callbacks[0]
}

func TestABackfillTellsEveryChipAgain(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.raise(t, 5)
		p.work(t, 2)
		if told := p.shop.Stats().Callbacks["synced"]; told != 5 {
			t.Fatalf("the shop was told %d times, want 5", told)
		}
		done, err := p.app.BackfillSyncStates(t.Context(), p.admin, app.BackfillSyncStates{StoreID: p.store.ID, Limit: 2})
		if err != nil || done.Callbacks != 2 || done.Last == 0 {
			t.Fatalf("a backfill of 2 gave %+v (%v)", done, err)
		}
		done, err = p.app.BackfillSyncStates(t.Context(), p.admin, app.BackfillSyncStates{StoreID: p.store.ID, After: done.Last})
		if err != nil || done.Callbacks != 3 || done.Last != 0 {
			t.Fatalf("a backfill of the rest gave %+v (%v)", done, err)
		}
		p.work(t, 1)
		if told := p.shop.Stats().Callbacks["synced"]; told != 10 {
			t.Errorf("the shop was told %d times, want 10", told)
		}
		_, err = p.app.BackfillSyncStates(t.Context(), p.stranger(t), app.BackfillSyncStates{StoreID: p.store.ID})
		if !fault.IsKind(err, fault.NotFound) {
			t.Errorf("a stranger's backfill: %v, want NotFound", err)
		}
	})
}

func TestOAuthStatusTellsTheConsentAndNoToken(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		want := func(status app.ConsentStatus) {
			t.Helper()
			got, err := p.app.ReadOAuthStatus(t.Context(), p.admin)
			if err != nil || len(got) != 1 || got[0].Status != status || got[0].Binding.ID != p.binding.ID {
				t.Fatalf("ReadOAuthStatus gave %+v (%v), want %s", got, err, status)
			}
			grant, err := p.app.Grants.FindGrant(t.Context(), p.admin.TenantID, p.binding.GrantID)
			if err != nil {
				t.Fatal(err)
			}
			if !got[0].AccessExpiresAt.Equal(grant.AccessExpiresAt) || !got[0].RefreshedAt.Equal(grant.RefreshedAt) {
				t.Errorf("the consent is shown until %s and renewed %s", got[0].AccessExpiresAt, got[0].RefreshedAt)
			}
			shown := fmt.Sprintf("%+v", got)
			for _, token := range []string{grant.AccessToken, grant.RefreshToken} {
				if token == "" || strings.Contains(shown, token) {
					t.Error("a token is missing in the store, or shown")
				}
			}
		}
		want(app.ConsentValid)
		p.offset.Add(int64(time.Hour))
		want(app.ConsentRenewable)
		p.books.RevokeTokens()
		p.raise(t, 1)
		p.work(t, 2)
		want(app.ConsentLapsed)
		if err := p.app.Grants.RevokeGrant(t.Context(), p.admin.TenantID, p.binding.GrantID, p.now()); err != nil {
			t.Fatal(err)
		}
		got, err := p.app.ReadOAuthStatus(t.Context(), p.admin)
		if err != nil || got[0].Status != app.ConsentRevoked {
			t.Errorf("ReadOAuthStatus gave %+v (%v), want revoked", got, err)
		}
	})
}

const historyLife = 400 * 24 * time.Hour

func TestOldHistoryGoesAndTheBooksStayKnown(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		ids, runs := p.raise(t, 3)
		p.work(t, 2)
		held := p.held(t, 1)
		p.offset.Add(int64(historyLife) - int64(time.Hour))
		if n, err := p.app.PurgeHistory(t.Context(), historyLife, 0); err != nil || n != 0 {
			t.Fatalf("PurgeHistory before the time removed %d (%v)", n, err)
		}
		p.offset.Add(int64(2 * time.Hour))
		if n, err := p.app.CountHistory(t.Context(), p.admin, app.OldHistory{Life: historyLife}); err != nil || n != 3 {
			t.Fatalf("CountHistory gave %d (%v), want 3", n, err)
		}
		if n, err := p.app.PurgeHistory(t.Context(), historyLife, 1); err != nil || n != 1 {
			t.Fatalf("PurgeHistory of 1 removed %d (%v)", n, err)
		}
		p.runWorker(t, func(w *app.Worker) { w.KeepHistory(historyLife) }, "the history is removed", func() bool {
			n, err := p.app.CountHistory(t.Context(), p.admin, app.OldHistory{Life: historyLife})
			return err == nil && n == 0
		})
		for _, run := range runs {
			if _, err := p.app.Runs.FindRun(t.Context(), p.admin.TenantID, run); !fault.IsKind(err, fault.NotFound) {
				t.Errorf("a run of old is found: %v", err)
			}
		}
		if got := p.run(t, held[0]).Status; got != syncrun.StatusHeld {
			t.Errorf("the held run is %s", got)
		}
		before := len(p.books.Invoices(""))
		p.announceAgain(t, commerce.EventInvoiceCreated, ids[0])
		p.work(t, 2)
		if got := len(p.books.Invoices("")); got != before {
			t.Errorf("%d invoices in the books after a repeat, %d before", got, before)
		}
	})
}

// announceAgain tells of a document that is in the books and whose run is gone.
func (p *inProcess) announceAgain(t *testing.T, event commerce.EventName, id int) {
	t.Helper()
	res, err := http.Post(p.store.BaseURL+"/_sandbox/token", "application/json", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var minted struct{ Token string }
	if err := json.NewDecoder(res.Body).Decode(&minted); err != nil {
		t.Fatal(err)
	}
	runs, err := p.app.AcceptEvent(t.Context(), app.Delivery{
		TenantID: p.admin.TenantID, Bearer: minted.Token, Event: event,
		IdempotencyKey: fmt.Sprintf("%s:%d", event, id), Body: []byte(eventBody(id)),
	})
	if err != nil || len(runs) > 0 {
		t.Errorf("the repeat named the runs %v (%v), want none", runs, err)
	}
}

// runWorker runs a worker until a condition holds.
func (p *inProcess) runWorker(t *testing.T, prepare func(*app.Worker), what string, isTrue func() bool) {
	t.Helper()
	worker := p.app.NewWorker(2)
	prepare(worker)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		worker.Run(ctx, time.Second)
	}()
	eventually(t, 10*time.Second, what, isTrue)
	stop()
	<-ended
}
