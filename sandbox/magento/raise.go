package magento

import (
	"fmt"
	"slices"
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
}

// Totals add up the invoices of one currency.
type Totals struct {
	Count      int    `json:"count"`
	GrandTotal Number `json:"grand_total"`
	TaxAmount  Number `json:"tax_amount"`
}

// Raised lists the invoices of a batch.
type Raised struct {
	IDs    []int             `json:"ids"`
	Totals map[string]Totals `json:"totals"`
}

type scheduledSale struct {
	at   time.Time
	sale Sale
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
	start := s.opts.Now()
	raised := Raised{Totals: map[string]Totals{}}
	for n := range batch.Invoices {
		at := start
		if batch.PerSecond > 0 {
			at = start.Add(time.Duration(float64(n) / batch.PerSecond * float64(time.Second)))
		}
		sale := s.till.generator.Next(at)
		raised.add(sale.Invoice)
		if batch.PerSecond > 0 {
			s.till.scheduled = append(s.till.scheduled, scheduledSale{at, sale})
			continue
		}
		if err := s.ring(sale); err != nil {
			return raised, err
		}
	}
	return raised, nil
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

// raiseScheduled raises the invoices whose time has come.
func (s *Server) raiseScheduled() error {
	s.till.mu.Lock()
	defer s.till.mu.Unlock()
	now := s.opts.Now()
	for _, next := range s.till.scheduled {
		if next.at.After(now) {
			continue
		}
		if err := s.ring(next.sale); err != nil {
			return err
		}
	}
	s.till.scheduled = slices.DeleteFunc(s.till.scheduled, func(next scheduledSale) bool { return !next.at.After(now) })
	return nil
}

// ring saves the documents of a sale and then announces the invoice.
func (s *Server) ring(sale Sale) error {
	invoice := sale.Invoice
	if err := s.documents.put(KindInvoice, invoice.MagentoID, invoice); err != nil {
		return err
	}
	if err := s.documents.put(KindPayment, invoice.MagentoID, sale.Payment); err != nil {
		return err
	}
	if sale.Customer != nil {
		if err := s.documents.put(KindCustomer, sale.Customer.MagentoID, *sale.Customer); err != nil {
			return err
		}
	}
	events, err := invoiceEvents(invoice)
	if err != nil {
		return err
	}
	for _, event := range events {
		if err := s.announce(event); err != nil {
			return err
		}
	}
	return nil
}

func (r *Raised) add(invoice Invoice) {
	r.IDs = append(r.IDs, invoice.MagentoID)
	totals := r.Totals[invoice.Currency]
	totals.Count++
	totals.GrandTotal = number(totals.GrandTotal.Add(invoice.GrandTotal.Decimal))
	totals.TaxAmount = number(totals.TaxAmount.Add(invoice.TaxAmount.Decimal))
	r.Totals[invoice.Currency] = totals
}
