package integration_test

import (
	"testing"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
)

// TestARefusalIsNotAnsweredTwice has Xero refuse an invoice, and take the same
// document when the shop tells of it again minutes later: Xero remembers the
// refusal by its key.
func TestARefusalIsNotAnsweredTwice(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		invoice := p.raiseCharged(t)
		p.raiseInXero(t, invoice.IncrementID, "DRAFT")
		refused := p.announce(t, commerce.EventInvoiceCreated, invoice.MagentoID)
		p.work(t, 3)
		if run := p.run(t, refused); run.Status != syncrun.StatusFailed {
			t.Fatalf("the run is %s %s", run.Status, run.ErrorCode)
		}
		for _, stranger := range p.books.Invoices("") {
			if err := p.books.VoidInvoice(stranger.ID); err != nil {
				t.Fatal(err)
			}
		}
		again := p.announce(t, commerce.EventInvoiceCreated, invoice.MagentoID)
		p.work(t, 2)
		if run := p.run(t, again); again == refused || run.Status != syncrun.StatusSucceeded {
			t.Errorf("the next run is %s: %s %s", run.Status, run.ErrorCode, run.Message)
		}
	})
}
