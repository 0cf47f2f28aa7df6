package integration_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// abreast has workers that look invoices up wait for each other, so that they
// decide on the same state, and gives each one document at a time.
type abreast struct {
	ports.Provider
	mu      sync.Mutex
	waiting int
	release chan struct{}
}

func (a *abreast) Capabilities() books.Capabilities {
	can := a.Provider.Capabilities()
	can.BatchSize = 1
	return can
}

func (a *abreast) FindInvoices(ctx context.Context, s ports.Session, numbers []string) (map[string]ports.FoundInvoice, error) {
	found, err := a.Provider.FindInvoices(ctx, s, numbers)
	a.mu.Lock()
	if a.waiting++; a.waiting == 2 {
		close(a.release)
	}
	a.mu.Unlock()
	select {
	case <-a.release:
	case <-time.After(5 * time.Second):
	}
	return found, err
}

// credited is what the books' credit notes come to.
func (p *inProcess) credited() (sum decimal.Decimal) {
	for _, note := range p.books.CreditNotes("") {
		sum = sum.Add(note.Total)
	}
	return sum
}

// moved is what payments brought in and refunds paid back.
func (p *inProcess) moved() (in, out decimal.Decimal) {
	for _, payment := range p.books.Payments("") {
		if payment.CreditNoteID != "" {
			out = out.Add(payment.Amount)
		} else {
			in = in.Add(payment.Amount)
		}
	}
	return in, out
}

// wantOneNote fails unless one of two memos of a whole invoice is in the books
// and the other is held.
func (p *inProcess) wantOneNote(t *testing.T, runs []string, total decimal.Decimal) {
	t.Helper()
	statuses := map[syncrun.Status]int{}
	for _, id := range runs {
		run := p.run(t, id)
		statuses[run.Status]++
		if run.Status == syncrun.StatusHeld && run.ErrorCode != fault.CodeCreditExceedsInvoice {
			t.Errorf("held for %s: %s", run.ErrorCode, run.Message)
		}
	}
	if statuses[syncrun.StatusSucceeded] != 1 || statuses[syncrun.StatusHeld] != 1 {
		t.Errorf("the runs are %v, want one succeeded and one held", statuses)
	}
	if got := p.credited(); !got.Equal(total) {
		t.Errorf("%s is credited of %s", got, total)
	}
}

func TestTwoWorkersNeverCreditMoreThanTheInvoice(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		invoice := p.raiseCharged(t)
		p.announce(t, commerce.EventInvoiceCreated, invoice.MagentoID)
		p.work(t, 2)
		_, first := p.refunded(t, invoice)
		_, second := p.refunded(t, invoice)
		p.provider.Provider = &abreast{Provider: p.provider.Provider, release: make(chan struct{})}
		var group sync.WaitGroup
		for worker := range 2 {
			group.Go(func() {
				if n, err := p.app.DeliverRuns(t.Context(), p.admin.TenantID, p.binding.ID, fmt.Sprint("worker ", worker)); err != nil || n.Runs != 1 {
					t.Errorf("worker %d took %d runs: %v", worker, n.Runs, err)
				}
			})
		}
		group.Wait()
		p.work(t, 12)
		p.wantOneNote(t, []string{first, second}, invoice.GrandTotal.Decimal)
	})
}

// TestAMemoInDoubtCountsForTheNext has the second memo decided while nobody knows
// whether the first one's note is in the books.
func TestAMemoInDoubtCountsForTheNext(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		invoice := p.raiseCharged(t)
		p.announce(t, commerce.EventInvoiceCreated, invoice.MagentoID)
		p.work(t, 2)
		l := &lossy{Provider: p.provider.Provider}
		l.notes.Store(1)
		p.provider.Provider = l
		_, first := p.refunded(t, invoice)
		p.work(t, 1)
		if run := p.run(t, first); run.Status != syncrun.StatusUncertain {
			t.Fatalf("the first memo's run is %s %s", run.Status, run.ErrorCode)
		}
		_, second := p.refunded(t, invoice)
		p.work(t, 12)
		p.wantOneNote(t, []string{first, second}, invoice.GrandTotal.Decimal)
	})
}

// TestARefusedMemoGivesItsPartUp has the second memo take what the first one could
// not.
func TestARefusedMemoGivesItsPartUp(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		invoice := p.raiseCharged(t)
		p.announce(t, commerce.EventInvoiceCreated, invoice.MagentoID)
		p.work(t, 2)
		p.provider.Provider = &refusing{Provider: p.provider.Provider, notes: 1}
		_, first := p.refunded(t, invoice)
		p.work(t, 2)
		if run := p.run(t, first); run.Status != syncrun.StatusFailed {
			t.Fatalf("the first memo's run is %s %s", run.Status, run.ErrorCode)
		}
		_, second := p.refunded(t, invoice)
		p.work(t, 4)
		if run := p.run(t, second); run.Status != syncrun.StatusSucceeded {
			t.Errorf("the second memo's run is %s %s: %s", run.Status, run.ErrorCode, run.Message)
		}
	})
}
