package magento

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// occurrence is something that happens in the shop at a time settled beforehand.
type occurrence struct {
	at    time.Time
	event happening
}

// happening changes the shop's documents and announces the change. The caller holds the till.
type happening interface {
	happen(s *Server) error
}

// happenAll makes the occurrences happen in their order.
func (s *Server) happenAll(occurrences []occurrence) error {
	for _, next := range occurrences {
		if err := next.event.happen(s); err != nil {
			return err
		}
	}
	return nil
}

// happenDue makes happen what is scheduled and whose time has come.
func (s *Server) happenDue() error {
	s.till.mu.Lock()
	defer s.till.mu.Unlock()
	now := s.opts.Now()
	due := slices.IndexFunc(s.till.scheduled, func(next occurrence) bool { return next.at.After(now) })
	if due < 0 {
		due = len(s.till.scheduled)
	}
	if err := s.happenAll(s.till.scheduled[:due]); err != nil {
		return err
	}
	s.till.scheduled = slices.Delete(s.till.scheduled, 0, due)
	return nil
}

// schedule keeps occurrences for their time. The caller holds the till.
func (s *Server) schedule(occurrences []occurrence) {
	s.till.scheduled = append(s.till.scheduled, occurrences...)
	slices.SortStableFunc(s.till.scheduled, func(a, b occurrence) int { return a.at.Compare(b.at) })
}

// happen saves the documents of the sale and then announces the invoice.
func (sale Sale) happen(s *Server) error {
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

// happen saves the memo and announces it.
func (m CreditMemo) happen(s *Server) error {
	if err := s.documents.put(KindCreditMemo, m.MagentoID, m); err != nil {
		return err
	}
	payload, err := json.Marshal(documentPayload{IncrementID: m.IncrementID})
	if err != nil {
		return fmt.Errorf("encoding the payload of a credit memo: %w", err)
	}
	return s.announce(Event{
		Name: EventCreditMemoCreated, EntityID: m.MagentoID, WebsiteID: m.WebsiteID, StoreID: m.storeID, Payload: payload,
	})
}

// receipt is the money for an open invoice coming in.
type receipt struct{ invoiceID int }

func (r receipt) happen(s *Server) error { return s.Pay(r.invoiceID) }

// profile is a customer's account being saved.
type profile struct{ contact Contact }

func (p profile) happen(s *Server) error {
	if err := s.documents.put(KindCustomer, p.contact.MagentoID, p.contact); err != nil {
		return err
	}
	return s.announce(Event{Name: EventCustomerUpserted, EntityID: p.contact.MagentoID, WebsiteID: p.contact.WebsiteID})
}

// priceChange is a product of the catalogue being saved at another price.
type priceChange struct {
	sku    string
	factor decimal.Decimal
}

func (c priceChange) happen(s *Server) error {
	product, ok := s.documents.product(c.sku)
	if !ok {
		return fmt.Errorf("there is no product %s", c.sku)
	}
	if product.Price != nil {
		product.Price = numberPointer(product.Price.Mul(c.factor).Round(2))
	}
	product.UpdatedAt = stamp(s.opts.Now())
	if err := s.documents.put(KindProduct, product.MagentoID, product); err != nil {
		return err
	}
	return s.announce(Event{Name: EventProductUpserted, EntityID: product.MagentoID})
}
