package xero_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// ledgerOfCalls is a budget that keeps what it was told.
type ledgerOfCalls struct {
	mu     sync.Mutex
	refuse error
	taken  []string
	bulk   []bool
	limits books.Limits
	seen   []ports.BudgetSeen
	open   int
}

func (l *ledgerOfCalls) Take(_ context.Context, organisation string, limits books.Limits, isBulk bool) (ports.BudgetCall, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refuse != nil {
		return nil, l.refuse
	}
	l.taken, l.limits, l.bulk = append(l.taken, organisation), limits, append(l.bulk, isBulk)
	l.open++
	return l, nil
}

func (l *ledgerOfCalls) Left(context.Context, string, books.Limits) (ports.BudgetLeft, error) {
	return ports.BudgetLeft{}, nil
}

func (l *ledgerOfCalls) Done(ctx context.Context, seen ports.BudgetSeen) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ctx.Err() == nil {
		l.open--
	}
	l.seen = append(l.seen, seen)
}

func TestBudgetLearnsFromAnswers(t *testing.T) {
	t.Parallel()
	minute, day := 41, 4711
	tests := map[string]struct {
		status int
		header http.Header
		want   ports.BudgetSeen
	}{
		"an answer that counts":   {200, http.Header{"X-Minlimit-Remaining": {"41"}, "X-Daylimit-Remaining": {"4711"}}, ports.BudgetSeen{MinuteLeft: &minute, DayLeft: &day}},
		"an answer that does not": {500, http.Header{"X-Minlimit-Remaining": {"many"}}, ports.BudgetSeen{}},
		"a limit":                 {429, http.Header{"X-Rate-Limit-Problem": {"day"}, "Retry-After": {"120"}}, ports.BudgetSeen{ParkFor: 2 * time.Minute}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			budget := &ledgerOfCalls{}
			p, _ := stub(t, answer(tt.status, tt.header, `{"Invoices":[]}`), func(c *xero.Config) { c.Budget, c.DayLimit = budget, 1000 })
			_, _ = p.FindInvoices(t.Context(), stubSession, []string{"M-1"})
			require.Equal(t, []string{stubSession.OrganisationID}, budget.taken)
			require.Equal(t, books.Limits{Concurrent: 5, PerMinute: 60, PerDay: 1000}, budget.limits)
			require.Equal(t, p.Capabilities().Limits, budget.limits)
			if diff := cmp.Diff([]ports.BudgetSeen{tt.want}, budget.seen); diff != "" {
				t.Errorf("what the budget was told (-want +got):\n%s", diff)
			}
			require.Zero(t, budget.open)
		})
	}
}

func TestBudgetIsToldOfBulk(t *testing.T) {
	t.Parallel()
	budget := &ledgerOfCalls{}
	p, _ := stub(t, answer(200, nil, `{"Invoices":[]}`), func(c *xero.Config) { c.Budget = budget })
	bulk := stubSession
	bulk.IsBulk = true
	for _, session := range []ports.Session{stubSession, bulk, stubSession} {
		_, err := p.FindInvoices(t.Context(), session, []string{"M-1"})
		require.NoError(t, err)
	}
	require.Equal(t, []bool{false, true, false}, budget.bulk)
}

func TestBudgetRefuses(t *testing.T) {
	t.Parallel()
	budget := &ledgerOfCalls{refuse: fault.New(fault.CodeRateLimited, "Parked.").WithWait(time.Hour)}
	p, r := stub(t, answer(200, nil, `{}`), func(c *xero.Config) { c.Budget = budget })
	_, err := p.PutInvoices(t.Context(), stubSession, invoices("c-1", "M-1"))
	require.Equal(t, fault.CodeRateLimited, fault.CodeOf(err))
	require.Equal(t, time.Hour, fault.Of(err).Wait)
	budget.refuse = context.DeadlineExceeded
	_, err = p.PutInvoices(t.Context(), stubSession, invoices("c-1", "M-1"))
	require.Equal(t, fault.CodeProviderUnavailable, fault.CodeOf(err), "nothing was sent")
	require.Empty(t, r.calls())
}

func TestBudgetIsGivenBackWhenTheCallerLeaves(t *testing.T) {
	t.Parallel()
	budget := &ledgerOfCalls{}
	ctx, cancel := context.WithCancel(t.Context())
	p, _ := stub(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}, func(c *xero.Config) { c.Budget = budget })
	_, err := p.FindInvoices(ctx, stubSession, []string{"M-1"})
	require.Equal(t, fault.CodeProviderUnavailable, fault.CodeOf(err))
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, budget.open)
	require.Len(t, budget.seen, 1)
}
