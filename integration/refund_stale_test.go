package integration_test

import (
	"context"
	"sync/atomic"
	"testing"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// lagging loses the answer of the first refund, and the next look at its credit
// note does not show it yet.
type lagging struct {
	ports.Provider
	refunds atomic.Int64
	amount  money.Amount
	lag     atomic.Bool
}

func (l *lagging) PutPayments(ctx context.Context, s ports.Session, writes []ports.PaymentWrite) ([]ports.PaymentOutcome, error) {
	outcomes, err := l.Provider.PutPayments(ctx, s, writes)
	if l.refunds.Add(1) > 1 || err != nil {
		return outcomes, err
	}
	l.amount = writes[0].Payment.Amount
	l.lag.Store(true)
	return nil, fault.New(fault.CodeProviderUncertain, "The answer was lost.")
}

func (l *lagging) FindCreditNotes(ctx context.Context, s ports.Session, numbers []string) (map[string]ports.FoundCreditNote, error) {
	found, err := l.Provider.FindCreditNotes(ctx, s, numbers)
	if l.lag.CompareAndSwap(true, false) {
		for number, note := range found {
			note.Refunds, note.Remaining = nil, note.Remaining.Add(l.amount)
			found[number] = note
		}
	}
	return found, err
}

func TestARefundIsLookedForTwice(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		invoice := p.paidInvoice(t)
		l := &lagging{Provider: p.provider.Provider}
		p.provider.Provider = l
		memo, id := p.refunded(t, invoice)
		p.work(t, 12)
		if run := p.run(t, id); run.Status != syncrun.StatusSucceeded {
			t.Errorf("the memo's run is %s: %s %s", run.Status, run.ErrorCode, run.Message)
		}
		if got := l.refunds.Load(); got != 1 {
			t.Errorf("the refund was sent %d times", got)
		}
		p.wantPaidAndRefunded(t, invoice, memo)
	})
}
