package integration_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// scarceBudget has room for no bulk work, or for nobody, until it is told otherwise.
type scarceBudget struct {
	bulkRefused atomic.Bool
	// refused is how many calls are still refused, whoever asks.
	refused atomic.Int64
	wait    time.Duration
	taken   atomic.Int64
}

type freeCall struct{}

func (freeCall) Done(context.Context, ports.BudgetSeen) {}

func (s *scarceBudget) Take(_ context.Context, _ string, _ books.Limits, isBulk bool) (ports.BudgetCall, error) {
	if s.refused.Add(-1) >= 0 || isBulk && s.bulkRefused.Load() {
		return nil, fault.New(fault.CodeRateLimited, "The organisation's call budget is used up for now.").WithWait(s.wait)
	}
	s.taken.Add(1)
	return freeCall{}, nil
}

func (s *scarceBudget) Left(context.Context, string, books.Limits) (ports.BudgetLeft, error) {
	return ports.BudgetLeft{}, nil
}

// withBudget has the calls to the fake Xero taken out of a budget.
func (p *inProcess) withBudget(t *testing.T, wait time.Duration) *scarceBudget {
	t.Helper()
	budget := &scarceBudget{wait: wait}
	var err error
	p.provider.Provider, err = xero.New(xero.Config{
		ClientID: "sandbox-client", ClientSecret: "sandbox-secret", Budget: budget, Now: p.now,
		APIURL: p.booksURL, IdentityURL: p.booksURL, LoginURL: p.booksURL,
	})
	if err != nil {
		t.Fatal(err)
	}
	return budget
}

func TestABulkRetryIsPacedBehindLiveWork(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		held := p.held(t, 3)
		budget := p.withBudget(t, time.Minute)
		budget.bulkRefused.Store(true)
		done, err := p.app.RequeueRuns(t.Context(), p.admin, app.StuckRuns{ErrorCode: fault.CodePeriodLocked}, 100)
		if err != nil || done != (app.Requeued{Runs: 3, Calls: 4}) {
			t.Fatalf("RequeueRuns gave %+v (%v), want 3 runs and about 4 calls", done, err)
		}
		p.work(t, 2)
		for _, id := range held {
			run := p.run(t, id)
			if run.Status != syncrun.StatusWaiting || run.ErrorCode != fault.CodeRateLimited || run.Attempts != 0 {
				t.Errorf("a bulk run is %s %s after %d attempts, want it to wait uncounted", run.Status, run.ErrorCode, run.Attempts)
			}
		}
		_, live := p.raise(t, 1)
		p.work(t, 2)
		p.wantOnce(t, live[0])
		budget.bulkRefused.Store(false)
		before := budget.taken.Load()
		p.offset.Add(int64(time.Minute))
		p.work(t, 3)
		for _, id := range held {
			p.wantOnce(t, id)
		}
		if calls := int(budget.taken.Load() - before); calls > 2*done.Calls || calls < done.Calls/2 {
			t.Errorf("the documents took %d calls, estimated were %d", calls, done.Calls)
		}
	})
}

// secondTenant pairs the shop for another tenant, whose consent is still to come.
func (p *inProcess) secondTenant(t *testing.T) {
	t.Helper()
	p.admin = p.stranger(t)
	p.pairAgain(t)
	bindings, err := p.app.Bindings.ListBindings(t.Context(), p.admin.TenantID, ports.BindingFilter{}, ports.Page{First: 2})
	if err != nil || len(bindings.Rows) != 1 {
		t.Fatalf("the second tenant has %d bindings (%v), want 1", len(bindings.Rows), err)
	}
	p.binding = bindings.Rows[0]
}

func TestAConsentWaitsItsTurnInTheCallBudget(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.secondTenant(t)
		p.withBudget(t, time.Second).refused.Store(1)
		done, err := p.app.CompleteAuthorisation(t.Context(), p.consent(t, ""))
		if err != nil || done.Binding.Status != binding.StatusActive {
			t.Fatalf("the binding is %s (%v), want active after a second", done.Binding.Status, err)
		}
	})
}

func TestAConsentWithoutRoomSaysWhatToDoAndIsKept(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.secondTenant(t)
		p.withBudget(t, 42*time.Second).refused.Store(1)
		_, err := p.app.CompleteAuthorisation(t.Context(), p.consent(t, ""))
		if f := fault.Of(err); f.Code != fault.CodeCallsSpent || f.Wait != 42*time.Second || !strings.Contains(f.Message, "42s") {
			t.Fatalf("CompleteAuthorisation gave %v, want calls_spent for 42 s", err)
		}
		if b := p.stored(t); b.Status != binding.StatusPending || b.GrantID == "" {
			t.Fatalf("the binding is %s with the grant %q, want pending with one", b.Status, b.GrantID)
		}
		done, err := p.app.RefreshReferenceData(t.Context(), p.admin, p.binding.ID)
		if err != nil || done.Binding.Status != binding.StatusActive || len(done.Reference.Accounts) == 0 {
			t.Errorf("RefreshReferenceData gave %s (%v), want active", done.Binding.Status, err)
		}
	})
}

func TestAConsentRenewedWithoutRoomTakesWhatIsCached(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.books.RevokeTokens()
		p.raise(t, 1)
		p.work(t, 2)
		if got := p.stored(t).Status; got != binding.StatusUnlinked {
			t.Fatalf("the binding is %s, want unlinked", got)
		}
		p.withBudget(t, time.Hour).refused.Store(1)
		done, err := p.app.CompleteAuthorisation(t.Context(), p.consent(t, ""))
		if err != nil || done.Binding.Status != binding.StatusActive {
			t.Errorf("the binding is %s (%v), want active", done.Binding.Status, err)
		}
	})
}
