package magento

import (
	"fmt"
	"time"
)

const maxBatch = 100_000

// Batch asks for invoices.
type Batch struct {
	Invoices int `json:"invoices"`
	// Seed restarts the generator's draws; they go on when it is nil.
	Seed *uint64 `json:"seed,omitempty"`
	// PerSecond spreads the invoices over time while Run runs; all are raised at once when 0.
	PerSecond float64 `json:"perSecond,omitempty"`
	// Everything has all that happens in a shop happen around the invoices: odd invoices beside them,
	// late payments, refunds, and customers and products saved.
	Everything bool `json:"everything,omitempty"`
}

// moment is when the batch's n-th invoice is raised.
func (b Batch) moment(start time.Time, n int) time.Time {
	return start.Add(time.Duration(n) * b.interval())
}

// interval is the time between two invoices.
func (b Batch) interval() time.Duration {
	if b.PerSecond == 0 {
		return 0
	}
	return time.Duration(float64(time.Second) / b.PerSecond)
}

// Totals add up the invoices of one currency.
type Totals struct {
	Count      int    `json:"count"`
	GrandTotal Number `json:"grand_total"`
	TaxAmount  Number `json:"tax_amount"`
}

// Raised lists the invoices of a batch, those that are still to be raised and odd ones included.
type Raised struct {
	IDs    []int             `json:"ids"`
	Totals map[string]Totals `json:"totals"`
}

// Raise raises n invoices at once.
func (s *Server) Raise(n int) (Raised, error) { return s.RaiseBatch(Batch{Invoices: n}) }

// RaiseBatch raises invoices and announces them, and says which. With a pace it only settles what they
// will be, and Run raises each in its time.
func (s *Server) RaiseBatch(batch Batch) (Raised, error) {
	if batch.Invoices < 1 || batch.Invoices > maxBatch || batch.PerSecond < 0 {
		return Raised{}, fmt.Errorf("a batch has 1 to %d invoices and a pace that is not negative", maxBatch)
	}
	s.till.mu.Lock()
	defer s.till.mu.Unlock()
	if batch.Seed != nil {
		s.till.generator.Reseed(*batch.Seed)
	}
	draw := s.till.generator.sales
	if batch.Everything {
		draw = s.till.generator.everything
	}
	occurrences := draw(batch, s.opts.Now())
	raised := Raised{Totals: map[string]Totals{}}
	for _, next := range occurrences {
		if sale, ok := next.event.(Sale); ok {
			raised.add(sale.Invoice)
		}
	}
	if batch.PerSecond > 0 {
		s.schedule(occurrences)
		return raised, nil
	}
	return raised, s.happenAll(occurrences)
}

// Pay marks an open invoice paid and announces it.
func (s *Server) Pay(invoiceID int) error {
	invoice, ok := s.documents.invoice(invoiceID)
	if !ok {
		return fmt.Errorf("there is no invoice %d", invoiceID)
	}
	if invoice.State != StateOpen {
		return fmt.Errorf("invoice %d is %s, not open", invoiceID, invoice.State)
	}
	if err := s.documents.setState(invoiceID, StatePaid); err != nil {
		return err
	}
	event, err := invoiceEvent(EventInvoicePaid, invoice, nil)
	if err != nil {
		return err
	}
	return s.announce(event)
}

func (r *Raised) add(invoice Invoice) {
	r.IDs = append(r.IDs, invoice.MagentoID)
	totals := r.Totals[invoice.Currency]
	totals.Count++
	totals.GrandTotal = number(totals.GrandTotal.Add(invoice.GrandTotal.Decimal))
	totals.TaxAmount = number(totals.TaxAmount.Add(invoice.TaxAmount.Decimal))
	r.Totals[invoice.Currency] = totals
}
