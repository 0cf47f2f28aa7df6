package integration_test

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	xeroadapter "byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
	shopbox "byte8.io/ledger/sandbox/magento"
)

// refusing refuses payments and credit notes for good, as often as it is told.
type refusing struct {
	ports.Provider
	times, notes int64
}

var errRefused = fault.New(fault.CodeProviderRejected, "The organisation is in no mood.")

func (r *refusing) PutPayments(ctx context.Context, s ports.Session, writes []ports.PaymentWrite) ([]ports.PaymentOutcome, error) {
	if atomic.AddInt64(&r.times, -1) >= 0 {
		return slices.Repeat([]ports.PaymentOutcome{{Request: []byte(`{"Amount":1}`), Err: errRefused}}, len(writes)), nil
	}
	return r.Provider.PutPayments(ctx, s, writes)
}

func (r *refusing) PutCreditNotes(ctx context.Context, s ports.Session, writes []ports.CreditNoteWrite) ([]ports.CreditNoteOutcome, error) {
	if atomic.AddInt64(&r.notes, -1) >= 0 {
		return slices.Repeat([]ports.CreditNoteOutcome{{Err: errRefused}}, len(writes)), nil
	}
	return r.Provider.PutCreditNotes(ctx, s, writes)
}

// paidInvoice is an invoice of the shop that is in the books and paid.
func (p *inProcess) paidInvoice(t *testing.T) shopbox.Invoice {
	t.Helper()
	p.payInto(t)
	invoice, paid := p.paying(t)
	p.work(t, 4)
	if run := p.run(t, paid); run.Status != syncrun.StatusSucceeded {
		t.Fatalf("the payment is %s %s: %s", run.Status, run.ErrorCode, run.Message)
	}
	return invoice
}

// TestASettlementThatFailedIsTakenUp shows that a credit note whose refund was
// refused is paid back by a retry, and when the shop tells of the memo again.
func TestASettlementThatFailedIsTakenUp(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]func(t *testing.T, p *inProcess, memo shopbox.CreditMemo, failed string) string{
		"retried": func(t *testing.T, p *inProcess, _ shopbox.CreditMemo, failed string) string {
			t.Helper()
			if _, err := p.app.RetrySyncRun(t.Context(), p.admin, failed, app.SettingsCurrent); err != nil {
				t.Fatal(err)
			}
			return failed
		},
		"told again": func(t *testing.T, p *inProcess, memo shopbox.CreditMemo, failed string) string {
			t.Helper()
			run := p.announceMemo(t, memo.MagentoID)
			if run == failed {
				t.Fatal("the event is answered with the run that failed")
			}
			return run
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everyDialect(t, func(t *testing.T, p *inProcess) {
				invoice := p.paidInvoice(t)
				p.provider.Provider = &refusing{Provider: p.provider.Provider, times: 1}
				memo, failed := p.refunded(t, invoice)
				p.work(t, 3)
				if run := p.run(t, failed); run.Status != syncrun.StatusFailed || run.ProviderEntityID == "" {
					t.Fatalf("the memo's run is %s %s in the books as %q", run.Status, run.ErrorCode, run.ProviderEntityID)
				}
				run := again(t, p, memo, failed)
				p.work(t, 3)
				if got := p.run(t, run); got.Status != syncrun.StatusSucceeded {
					t.Errorf("the memo's run is %s: %s %s\n%v", got.Status, got.ErrorCode, got.Message, got.Trace)
				}
				p.wantPaidAndRefunded(t, invoice, memo)
				if told := p.announceMemo(t, memo.MagentoID); told != run {
					t.Errorf("a settled memo is answered with run %s, want %s", told, run)
				}
				p.work(t, 3)
				p.wantPaidAndRefunded(t, invoice, memo)
			})
		})
	}
}

// watching reads the runs' intents while the provider is being called.
type watching struct {
	ports.Provider
	note func(operation syncrun.Operation)
}

func (w *watching) PutPayments(ctx context.Context, s ports.Session, writes []ports.PaymentWrite) ([]ports.PaymentOutcome, error) {
	w.note(syncrun.OperationRefund)
	return w.Provider.PutPayments(ctx, s, writes)
}

func (w *watching) Allocate(ctx context.Context, s ports.Session, write ports.AllocationWrite) (ports.Evidence, error) {
	w.note(syncrun.OperationAllocation)
	return w.Provider.Allocate(ctx, s, write)
}

func TestSettlementIsIntendedAndLeavesEvidence(t *testing.T) {
	t.Parallel()
	for operation, bring := range map[syncrun.Operation]func(t *testing.T, p *inProcess) shopbox.Invoice{
		syncrun.OperationRefund: func(t *testing.T, p *inProcess) shopbox.Invoice { t.Helper(); return p.paidInvoice(t) },
		syncrun.OperationAllocation: func(t *testing.T, p *inProcess) shopbox.Invoice {
			t.Helper()
			invoice := p.raiseCharged(t)
			p.announce(t, commerce.EventInvoiceCreated, invoice.MagentoID)
			p.work(t, 2)
			return invoice
		},
	} {
		t.Run(string(operation), func(t *testing.T) {
			t.Parallel()
			everyDialect(t, func(t *testing.T, p *inProcess) {
				invoice := bring(t, p)
				_, id := p.refunded(t, invoice)
				p.provider.Provider = &watching{p.provider.Provider, func(doing syncrun.Operation) {
					if i := p.run(t, id).Intent; !i.IsOpen() || i.Operation != doing || doing != operation || i.Epoch != 2 {
						t.Errorf("while %s is under way the intent is %+v", doing, i)
					}
				}}
				p.work(t, 3)
				if i := p.run(t, id).Intent; i.IsOpen() || i.Operation != operation {
					t.Errorf("afterwards the intent is %+v", i)
				}
				attempts, err := p.app.Runs.ListAttempts(t.Context(), p.admin.TenantID, id)
				if err != nil || len(attempts) != 1 {
					t.Fatalf("%d attempts: %v", len(attempts), err)
				}
				for what, document := range map[string][]byte{"sent": attempts[0].Request, "answered": attempts[0].Response} {
					var by map[syncrun.Operation]map[string]any
					if err := json.Unmarshal(document, &by); err != nil {
						t.Fatalf("%s %s: %v", what, document, err)
					}
					want := []syncrun.Operation{operation, syncrun.OperationCreditNote}
					slices.Sort(want)
					if got := slices.Sorted(maps.Keys(by)); !slices.Equal(got, want) {
						t.Errorf("%s: %s, want %v", what, document, want)
					}
				}
			})
		})
	}
}

// TestNoAccountIsGuessed has the shop not know how an invoice was paid: the money
// goes back when it does.
func TestNoAccountIsGuessed(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		invoice := p.paidInvoice(t)
		memo, id := p.refunded(t, invoice)
		if err := p.shop.InjectFault(shopbox.Fault{Kind: shopbox.Fault404, Count: 3, Path: "byte8/payment/"}); err != nil {
			t.Fatal(err)
		}
		p.work(t, 1)
		run := p.run(t, id)
		if _, out := p.moved(); run.Status != syncrun.StatusWaiting || run.ErrorCode != fault.CodeMagentoNotFound || !out.IsZero() {
			t.Errorf("the memo's run is %s %s, and %s went out", run.Status, run.ErrorCode, out)
		}
		p.work(t, 30)
		if run := p.run(t, id); run.Status != syncrun.StatusSucceeded {
			t.Errorf("the memo's run is %s: %s %s", run.Status, run.ErrorCode, run.Message)
		}
		p.wantPaidAndRefunded(t, invoice, memo)
	})
}

// byHand sets credit of the merchant's own against an invoice, as a Xero user
// would.
func (p *inProcess) byHand(t *testing.T, invoiceID, contactID, amount string) {
	t.Helper()
	provider, ok := p.provider.Provider.(*xeroadapter.Provider)
	if !ok {
		t.Fatal("something stands between the test and the provider")
	}
	session := sandboxSession(t, provider)
	session.OrganisationID = p.stored(t).Organisation.ID
	today := books.DateOf(p.now(), time.UTC)
	made, err := provider.PutCreditNotes(t.Context(), session, []ports.CreditNoteWrite{{Key: "by hand", CreditNote: books.CreditNote{
		Number: "BY-HAND", Reference: "Goodwill", ContactID: contactID, Date: today, Currency: "GBP", Status: books.StatusAuthorised,
		Lines: []books.Line{{Description: "Goodwill", Quantity: money.Int(1), UnitAmount: money.Of(amount), AccountCode: "200", TaxType: "ZERORATEDOUTPUT"}},
	}}})
	if err != nil || made[0].Err != nil {
		t.Fatal(err, made)
	}
	_, err = provider.Allocate(t.Context(), session, ports.AllocationWrite{Key: "by hand", Allocation: books.Allocation{
		CreditNoteID: made[0].Entity.ID, InvoiceID: invoiceID, Amount: money.Of(amount), Date: today,
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// partlyCredited is an invoice of which 1.00 was settled by the merchant's credit
// and the rest was paid.
func (p *inProcess) partlyCredited(t *testing.T) shopbox.Invoice {
	t.Helper()
	p.payInto(t)
	var invoice shopbox.Invoice
	for invoice.Currency != "GBP" || invoice.State == shopbox.StatePaid || len(invoice.Lines) < 2 || invoice.GrandTotal.LessThan(decimal.NewFromInt(5)) {
		invoice = p.raiseCharged(t)
	}
	p.announce(t, commerce.EventInvoiceCreated, invoice.MagentoID)
	p.work(t, 2)
	for _, in := range p.books.Invoices("") {
		p.byHand(t, in.ID, in.ContactID, "1.00")
	}
	if err := p.shop.Pay(invoice.MagentoID); err != nil {
		t.Fatal(err)
	}
	p.announce(t, commerce.EventInvoicePaid, invoice.MagentoID)
	p.work(t, 4)
	return invoice
}

func TestNoMoreGoesBackThanCameIn(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		invoice := p.partlyCredited(t)
		_, id := p.refunded(t, invoice)
		p.work(t, 4)
		run := p.run(t, id)
		if run.Status != syncrun.StatusSucceeded || run.Message == "" {
			t.Errorf("the memo's run is %s %s with the message %q", run.Status, run.ErrorCode, run.Message)
		}
		if !slices.ContainsFunc(run.Trace, func(s syncrun.Step) bool { return s.Rule == "settlement" && s.Result == "left open" }) {
			t.Errorf("the trace does not say what stays open: %v", run.Trace)
		}
		in, out := p.moved()
		if want := invoice.GrandTotal.Sub(decimal.NewFromInt(1)); !in.Equal(want) || !out.Equal(want) {
			t.Errorf("%s came in and %s went out, want %s of both", in, out, want)
		}
	})
}

// TestTwoWorkersPayBackNoMoreThanCameIn has two memos of an invoice, which was
// settled by credit in part, paid back at once.
func TestTwoWorkersPayBackNoMoreThanCameIn(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		invoice := p.partlyCredited(t)
		p.change(t, func(s *settings.Settings) { s.Commercial.CreditNoteSettlement = settings.SettleLeaveOpen })
		memos, err := p.shop.RefundInParts(invoice.MagentoID, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(memos) != 2 {
			t.Fatalf("the invoice comes back in %d parts, want 2", len(memos))
		}
		runs := []string{p.announceMemo(t, memos[0].MagentoID), p.announceMemo(t, memos[1].MagentoID)}
		p.work(t, 3)
		p.change(t, func(s *settings.Settings) { s.Commercial.CreditNoteSettlement = settings.SettleAuto })
		for _, run := range runs {
			if _, err := p.app.RetrySyncRun(t.Context(), p.admin, run, app.SettingsCurrent); err != nil {
				t.Fatal(err)
			}
		}
		p.provider.Provider = &abreast{Provider: p.provider.Provider, release: make(chan struct{})}
		var group sync.WaitGroup
		for _, worker := range []string{"a", "b"} {
			group.Go(func() {
				if _, err := p.app.DeliverRuns(t.Context(), p.admin.TenantID, p.binding.ID, worker); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		p.work(t, 12)
		for _, id := range runs {
			if run := p.run(t, id); run.Status != syncrun.StatusSucceeded {
				t.Errorf("a memo's run is %s: %s %s", run.Status, run.ErrorCode, run.Message)
			}
		}
		in, out := p.moved()
		if want := invoice.GrandTotal.Sub(decimal.NewFromInt(1)); !in.Equal(want) || !out.Equal(want) {
			t.Errorf("%s came in and %s went out, want %s of both", in, out, want)
		}
	})
}
