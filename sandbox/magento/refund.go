package magento

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

var reasons = [...]string{"", "Damaged in transit", "Changed my mind", "Wrong size"}

// Refund makes the credit memo of an invoice: all of it, or one line less a handling fee.
func (g *Generator) Refund(invoice Invoice, isPartial bool, at time.Time) CreditMemo {
	g.memos++
	memo := CreditMemo{
		MagentoID:          g.memos,
		IncrementID:        g.number("creditmemo", invoice.StoreID),
		InvoiceID:          invoice.MagentoID,
		InvoiceIncrementID: invoice.IncrementID,
		WebsiteID:          invoice.WebsiteID,
		Currency:           invoice.Currency,
		Customer:           invoice.Customer,
		Lines:              invoice.Lines,
		GrandTotal:         invoice.GrandTotal,
		ShippingAmount:     invoice.ShippingAmount,
		ShippingTax:        invoice.ShippingTax,
		Reason:             pick(g, reasons[:]),
		CreatedAt:          stamp(at),
		InvoiceCreatedAt:   invoice.CreatedAt,
		BaseToOrderRate:    invoice.BaseToOrderRate,
	}
	if isPartial && len(invoice.Lines) > 0 {
		g.returnOne(&memo)
	}
	return memo
}

// returnOne cuts the memo down to its first line, for part of the quantity where that can be parted.
func (g *Generator) returnOne(memo *CreditMemo) {
	group := lineGroup(memo.Lines, 0)
	qty := group[0].Qty.Decimal
	if qty.IsInteger() && qty.GreaterThan(one) {
		qty = decimal.New(int64(g.between(1, int(qty.IntPart())-1)), 0)
	}
	memo.Lines = make([]Line, 0, len(group))
	memo.ShippingAmount, memo.ShippingTax = Number{}, Number{}
	total := decimal.Zero
	for _, line := range group {
		part := line.part(qty)
		memo.Lines = append(memo.Lines, part)
		total = total.Add(part.LineTotal.Decimal).Add(part.compensation)
	}
	if g.chance(30) {
		memo.AdjustmentNegative = number(decimal.Min(decimal.New(150, -2), total))
	}
	memo.GrandTotal = number(total.Sub(memo.AdjustmentNegative.Decimal))
}

// Refund makes and announces a credit memo of an invoice of the shop.
func (s *Server) Refund(invoiceID int, isPartial bool) (CreditMemo, error) {
	invoice, ok := s.documents.invoice(invoiceID)
	if !ok {
		return CreditMemo{}, fmt.Errorf("there is no invoice %d", invoiceID)
	}
	s.till.mu.Lock()
	defer s.till.mu.Unlock()
	memo := s.till.generator.Refund(invoice, isPartial, s.opts.Now())
	if err := s.documents.put(KindCreditMemo, memo.MagentoID, memo); err != nil {
		return CreditMemo{}, err
	}
	payload, err := json.Marshal(documentPayload{IncrementID: memo.IncrementID})
	if err != nil {
		return CreditMemo{}, fmt.Errorf("encoding the payload of a credit memo: %w", err)
	}
	return memo, s.announce(Event{
		Name:      EventCreditMemoCreated,
		EntityID:  memo.MagentoID,
		WebsiteID: invoice.WebsiteID,
		StoreID:   invoice.StoreID,
		Payload:   payload,
	})
}
