package integration_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
	shopbox "byte8.io/ledger/sandbox/magento"
)

// lossy loses the provider's answers to writes, after they took effect.
type lossy struct {
	ports.Provider
	payments, notes, allocations atomic.Int64
}

func lost(times *atomic.Int64, err error) error {
	if err == nil && times.Add(-1) >= 0 {
		return fault.New(fault.CodeProviderUncertain, "The answer was lost.")
	}
	return err
}

func (l *lossy) PutPayments(ctx context.Context, s ports.Session, writes []ports.PaymentWrite) ([]ports.PaymentOutcome, error) {
	outcomes, err := l.Provider.PutPayments(ctx, s, writes)
	return outcomes, lost(&l.payments, err)
}

func (l *lossy) PutCreditNotes(ctx context.Context, s ports.Session, writes []ports.CreditNoteWrite) ([]ports.CreditNoteOutcome, error) {
	outcomes, err := l.Provider.PutCreditNotes(ctx, s, writes)
	return outcomes, lost(&l.notes, err)
}

func (l *lossy) Allocate(ctx context.Context, s ports.Session, write ports.AllocationWrite) (ports.Evidence, error) {
	sent, err := l.Provider.Allocate(ctx, s, write)
	return sent, lost(&l.allocations, err)
}

// payInto makes payments of every method go to the sandbox's bank account.
func (p *inProcess) payInto(t *testing.T) {
	t.Helper()
	b := p.stored(t)
	ref, err := p.app.Bindings.FindReference(t.Context(), b.TenantID, b.ID)
	if err != nil {
		t.Fatal(err)
	}
	p.change(t, func(s *settings.Settings) {
		for _, account := range ref.Accounts {
			if account.IsBank && account.IsActive {
				s.Defaults.BankAccount = account.ID
			}
		}
	})
}

// announceMemo has the shop tell of a credit memo.
func (p *inProcess) announceMemo(t *testing.T, id int) string {
	t.Helper()
	ids, err := p.app.AcceptEvent(t.Context(), app.Delivery{
		TenantID: p.admin.TenantID, Bearer: p.token(t), Event: commerce.EventCreditMemoCreated,
		IdempotencyKey: fmt.Sprintf("creditmemo.created:%d", id), Body: []byte(eventBody(id)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids[0]
}

// paying has the shop raise an invoice with a total that is paid, and announces
// both of its events.
func (p *inProcess) paying(t *testing.T) (invoice shopbox.Invoice, paid string) {
	t.Helper()
	for {
		ids, _ := p.raise(t, 1)
		invoice, _ = p.shop.Invoice(ids[0])
		if invoice.GrandTotal.IsPositive() {
			break
		}
	}
	if invoice.State != shopbox.StatePaid {
		if err := p.shop.Pay(invoice.MagentoID); err != nil {
			t.Fatal(err)
		}
	}
	return invoice, p.announce(t, commerce.EventInvoicePaid, invoice.MagentoID)
}

func TestMoneyMovesOnceThoughAnswersAreLost(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*lossy){
		"nothing":           func(*lossy) {},
		"the payment's":     func(l *lossy) { l.payments.Store(1) },
		"the credit note's": func(l *lossy) { l.notes.Store(1) },
		"the refund's":      func(l *lossy) { l.payments.Store(2) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everyDialect(t, func(t *testing.T, p *inProcess) {
				l := &lossy{Provider: p.provider.Provider}
				p.provider.Provider = l
				lose(l)
				p.payInto(t)
				invoice, paid := p.paying(t)
				p.work(t, 12)
				memo, err := p.shop.Refund(invoice.MagentoID, false)
				if err != nil {
					t.Fatal(err)
				}
				refunded := p.announceMemo(t, memo.MagentoID)
				p.work(t, 12)
				p.books.ClearIdempotency()
				p.work(t, 12)
				for _, id := range []string{paid, refunded} {
					if run := p.run(t, id); run.Status != syncrun.StatusSucceeded {
						t.Errorf("run of %s is %s: %s %s\n%v", run.Event, run.Status, run.ErrorCode, run.Message, run.Trace)
					}
				}
				p.wantPaidAndRefunded(t, invoice, memo)
				if notes := p.books.CreditNotes(""); len(notes) != 1 || !notes[0].Total.Equal(memo.GrandTotal.Decimal) {
					t.Errorf("credit notes in the books: %+v, want one of %s", notes, memo.GrandTotal)
				}
			})
		})
	}
}

func TestAnAllocationWhoseAnswerIsLostIsNotRepeated(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		l := &lossy{Provider: p.provider.Provider}
		p.provider.Provider = l
		l.allocations.Store(1)
		var invoice shopbox.Invoice
		for {
			ids, _ := p.raise(t, 1)
			if invoice, _ = p.shop.Invoice(ids[0]); invoice.GrandTotal.IsPositive() {
				break
			}
		}
		p.work(t, 3)
		memo, err := p.shop.Refund(invoice.MagentoID, true)
		if err != nil {
			t.Fatal(err)
		}
		refunded := p.announceMemo(t, memo.MagentoID)
		p.work(t, 12)
		if run := p.run(t, refunded); run.Status != syncrun.StatusSucceeded {
			t.Errorf("the memo's run is %s: %s %s\n%v", run.Status, run.ErrorCode, run.Message, run.Trace)
		}
		for _, in := range p.books.Invoices("") {
			if in.Number == invoice.IncrementID && !in.AmountCredited.Equal(memo.GrandTotal.Decimal) {
				t.Errorf("%s is credited to the invoice, want %s", in.AmountCredited, memo.GrandTotal)
			}
		}
	})
}

func TestAMemoTheSettingsLeaveOutIsSkippedWithItsInvoice(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.change(t, func(s *settings.Settings) { s.SyncBehaviour.WebsiteFilter = []int64{4711} })
		invoice, _ := p.paying(t)
		memo, err := p.shop.Refund(invoice.MagentoID, false)
		if err != nil {
			t.Fatal(err)
		}
		refunded := p.announceMemo(t, memo.MagentoID)
		p.work(t, 4)
		if run := p.run(t, refunded); run.Status != syncrun.StatusSkipped || run.SkipReason != syncrun.SkipWebsiteFiltered {
			t.Errorf("the memo's run is %s %s%s, want skipped website_filtered", run.Status, run.SkipReason, run.ErrorCode)
		}
	})
}
