package integration_test

import (
	"context"
	"maps"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
	shopbox "byte8.io/ledger/sandbox/magento"
)

// callsOf counts the calls of Xero's Accounting API that something makes, by
// method and collection.
func (p *inProcess) callsOf(do func()) map[string]int {
	before := maps.Clone(p.books.Stats().Calls)
	do()
	out := map[string]int{}
	for route, n := range p.books.Stats().Calls {
		method, path, _ := strings.Cut(route, " ")
		if collection, ok := strings.CutPrefix(path, "/api.xro/2.0/"); ok && n > before[route] {
			out[method+" "+collection] = n - before[route]
		}
	}
	return out
}

func wantCalls(t *testing.T, what string, got, want map[string]int) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("%s took the calls %v, want %v", what, got, want)
	}
}

// raiseOrdinary has the shop raise invoices that cost something, and announces
// their creation.
func (p *inProcess) raiseOrdinary(t *testing.T, n int) []shopbox.Invoice {
	t.Helper()
	var out []shopbox.Invoice
	for len(out) < n {
		raised, err := p.shop.Raise(1)
		if err != nil {
			t.Fatal(err)
		}
		invoice, _ := p.shop.Invoice(raised.IDs[0])
		if !invoice.GrandTotal.IsPositive() {
			continue
		}
		p.announce(t, commerce.EventInvoiceCreated, invoice.MagentoID)
		out = append(out, invoice)
	}
	return out
}

// announcePayments announces that invoices were paid and returns the runs.
func (p *inProcess) announcePayments(t *testing.T, invoices []shopbox.Invoice) []string {
	t.Helper()
	var runs []string
	for _, invoice := range invoices {
		if invoice.State != shopbox.StatePaid {
			if err := p.shop.Pay(invoice.MagentoID); err != nil {
				t.Fatal(err)
			}
		}
		runs = append(runs, p.announce(t, commerce.EventInvoicePaid, invoice.MagentoID))
	}
	return runs
}

func TestABatchOfAKindTakesOneCallToWriteIt(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.payInto(t)
		invoices := p.raiseOrdinary(t, 100)
		paid := p.announcePayments(t, invoices)
		wantCalls(t, "100 invoices of new customers", p.callsOf(func() { p.work(t, 2) }), map[string]int{"PUT Contacts": 2, "PUT Invoices": 2})
		wantCalls(t, "their payments", p.callsOf(func() { p.work(t, 2) }), map[string]int{"PUT Payments": 2})
		for _, id := range paid {
			if run := p.run(t, id); run.Status != syncrun.StatusSucceeded {
				t.Errorf("run is %s: %s %s", run.Status, run.ErrorCode, run.Message)
			}
		}
		if n := len(p.books.Payments("")); n != len(paid) {
			t.Errorf("%d payments in the books, want %d", n, len(paid))
		}
	})
}

// forgetful books payments and says that nothing was sent, as often as it is
// told to.
type forgetful struct {
	ports.Provider
	times atomic.Int64
}

func (f *forgetful) PutPayments(ctx context.Context, s ports.Session, writes []ports.PaymentWrite) ([]ports.PaymentOutcome, error) {
	outcomes, err := f.Provider.PutPayments(ctx, s, writes)
	if err == nil && f.times.Add(-1) >= 0 {
		return nil, fault.New(fault.CodeProviderUnavailable, "Nothing was sent.")
	}
	return outcomes, err
}

func TestAPaymentInFullIsNotBookedTwiceThoughNobodyRemembersIt(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		f := &forgetful{Provider: p.provider.Provider}
		p.provider.Provider = f
		f.times.Store(1)
		p.payInto(t)
		invoices := p.raiseOrdinary(t, 3)
		p.work(t, 1)
		paid := p.announcePayments(t, invoices)
		p.work(t, 1)
		p.books.ClearIdempotency()
		calls := p.callsOf(func() { p.work(t, 40) })
		wantCalls(t, "payments that stand already", calls, map[string]int{"PUT Payments": 1, "GET Invoices": 1})
		for _, id := range paid {
			if run := p.run(t, id); run.Status != syncrun.StatusSucceeded {
				t.Errorf("run is %s: %s %s\n%v", run.Status, run.ErrorCode, run.Message, run.Trace)
			}
		}
		if n := len(p.books.Payments("")); n != len(paid) {
			t.Errorf("%d payments in the books, want %d", n, len(paid))
		}
	})
}

func TestAPaymentOfAVoidedInvoiceIsExplained(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.payInto(t)
		invoices := p.raiseOrdinary(t, 2)
		p.work(t, 1)
		for _, in := range p.books.Invoices("") {
			if in.Number == invoices[0].IncrementID {
				if err := p.books.VoidInvoice(in.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		paid := p.announcePayments(t, invoices)
		p.work(t, 1)
		if run := p.run(t, paid[0]); run.ErrorCode != fault.CodeRemovedInProvider {
			t.Errorf("the voided invoice's run is %s %s, want %s", run.Status, run.ErrorCode, fault.CodeRemovedInProvider)
		}
		if run := p.run(t, paid[1]); run.Status != syncrun.StatusSucceeded {
			t.Errorf("its neighbour's run is %s: %s %s", run.Status, run.ErrorCode, run.Message)
		}
	})
}

func TestAPaymentOfPartIsTriedAfterALook(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.payInto(t)
		invoices := p.raiseOrdinary(t, 1)
		p.work(t, 1)
		paid := p.announcePayments(t, invoices)
		part := []byte(`{"invoice_id":` + strconv.Itoa(invoices[0].MagentoID) + `,"invoice_increment_id":"` + invoices[0].IncrementID +
			`","method":"stripe_payments","currency":"` + invoices[0].Currency + `","amount":0.01,"captured_at":"` + invoices[0].CreatedAt + `"}`)
		if err := p.shop.PutDocument(shopbox.KindPayment, invoices[0].MagentoID, part); err != nil {
			t.Fatal(err)
		}
		calls := p.callsOf(func() { p.work(t, 1) })
		wantCalls(t, "a payment of part", calls, map[string]int{"GET Invoices": 1, "PUT Payments": 1})
		if run := p.run(t, paid[0]); run.Status != syncrun.StatusSucceeded {
			t.Errorf("run is %s: %s %s", run.Status, run.ErrorCode, run.Message)
		}
	})
}
