package magento

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

var (
	reasons = [...]string{"", "Damaged in transit", "Changed my mind", "Wrong size"}

	// handlingFee, apology and goodwill are the most that adjustments come to.
	handlingFee = decimal.New(150, -2)
	apology     = decimal.New(200, -2)
	goodwill    = decimal.New(500, -2)
)

// Refund makes the credit memo of an invoice: all of it, or one line less a handling fee.
func (g *Generator) Refund(invoice Invoice, isPartial bool, at time.Time) CreditMemo {
	if !isPartial || len(invoice.Lines) == 0 {
		memo := g.memo(invoice, invoice.whole(), at)
		memo.GrandTotal = invoice.GrandTotal
		return memo
	}
	memo := g.memo(invoice, g.one(invoice.whole()), at)
	if g.chance(30) {
		memo.adjust(decimal.Zero, handlingFee)
	}
	return memo
}

// RefundInParts makes credit memos that give an invoice back bit by bit, as many as are asked for where
// it can be parted so often. Each takes a share of the quantities left and of their amounts, and the
// last takes what is left, so that together they come to the invoice to the cent.
func (g *Generator) RefundInParts(invoice Invoice, parts int, at time.Time) []CreditMemo {
	var memos []CreditMemo
	left, due := invoice.whole(), invoice.GrandTotal.Decimal
	for len(memos) < parts-1 {
		taken, rest, ok := g.cutSoundly(left)
		if !ok {
			break
		}
		memos = append(memos, g.memo(invoice, taken, at))
		left, due = rest, due.Sub(taken.total())
	}
	last := g.memo(invoice, left, at)
	last.GrandTotal = number(due)
	return append(memos, last)
}

// cutSoundly cuts a portion in two that documents can be made of. Some cannot be cut so.
func (g *Generator) cutSoundly(p portion) (taken, rest portion, ok bool) {
	const tries = 8
	for range tries {
		taken, rest = g.cut(p)
		if taken.isSound() && rest.isSound() {
			return taken, rest, true
		}
	}
	return portion{}, p, false
}

// RefundGoodwill makes a credit memo of an adjustment alone: money back, and no goods.
func (g *Generator) RefundGoodwill(invoice Invoice, at time.Time) CreditMemo {
	var nothing portion
	if len(invoice.Lines) > 0 && g.chance(50) {
		// Magento may keep the items of a memo that returns none of them.
		line := invoice.Lines[0]
		line.Qty, line.compensation = Number{}, decimal.Zero
		line.setMoney(decimal.Zero, decimal.Zero, decimal.Zero)
		nothing.lines = []Line{line}
	}
	memo := g.memo(invoice, nothing, at)
	memo.adjust(decimal.Min(goodwill, invoice.GrandTotal.Decimal), decimal.Zero)
	return memo
}

func (g *Generator) memo(invoice Invoice, p portion, at time.Time) CreditMemo {
	g.memos++
	lines := p.lines
	if lines == nil {
		lines = []Line{}
	}
	return CreditMemo{
		MagentoID:          g.memos,
		IncrementID:        g.number("creditmemo", invoice.StoreID),
		InvoiceID:          invoice.MagentoID,
		InvoiceIncrementID: invoice.IncrementID,
		WebsiteID:          invoice.WebsiteID,
		Currency:           invoice.Currency,
		Customer:           invoice.Customer,
		Lines:              lines,
		GrandTotal:         number(p.total()),
		ShippingAmount:     number(p.shipping),
		ShippingTax:        number(p.shippingTax),
		Reason:             pick(g, reasons[:]),
		CreatedAt:          stamp(at),
		InvoiceCreatedAt:   invoice.CreatedAt,
		BaseToOrderRate:    invoice.BaseToOrderRate,
		shippingDiscount:   p.shippingDiscount,
		storeID:            invoice.StoreID,
	}
}

// adjust adds to the refund and takes a fee off it, as far as there is something to take it off.
func (m *CreditMemo) adjust(more, fee decimal.Decimal) {
	m.AdjustmentPositive = number(more)
	m.AdjustmentNegative = number(decimal.Min(fee, m.GrandTotal.Decimal))
	m.GrandTotal = number(m.GrandTotal.Add(more).Sub(m.AdjustmentNegative.Decimal))
}

// fromOrder makes the memo one of the order's: it names no invoice.
func (m CreditMemo) fromOrder() CreditMemo {
	m.InvoiceID, m.InvoiceIncrementID, m.InvoiceCreatedAt = 0, "", ""
	return m
}

// Refund makes and announces a credit memo of an invoice of the shop.
func (s *Server) Refund(invoiceID int, isPartial bool) (CreditMemo, error) {
	memos, err := s.refund(invoiceID, func(g *Generator, invoice Invoice, at time.Time) []CreditMemo {
		return []CreditMemo{g.Refund(invoice, isPartial, at)}
	})
	if err != nil {
		return CreditMemo{}, err
	}
	return memos[0], nil
}

// RefundFromOrder makes and announces a credit memo that names no invoice, as a refund outside the
// payment gateway does.
func (s *Server) RefundFromOrder(invoiceID int, isPartial bool) (CreditMemo, error) {
	memos, err := s.refund(invoiceID, func(g *Generator, invoice Invoice, at time.Time) []CreditMemo {
		return []CreditMemo{g.Refund(invoice, isPartial, at).fromOrder()}
	})
	if err != nil {
		return CreditMemo{}, err
	}
	return memos[0], nil
}

// RefundInParts makes and announces credit memos that together come to the invoice, as many as are
// asked for where it can be parted so often.
func (s *Server) RefundInParts(invoiceID, parts int) ([]CreditMemo, error) {
	if parts < 1 {
		return nil, fmt.Errorf("an invoice is refunded in one part or more, not %d", parts)
	}
	return s.refund(invoiceID, func(g *Generator, invoice Invoice, at time.Time) []CreditMemo {
		return g.RefundInParts(invoice, parts, at)
	})
}

func (s *Server) refund(invoiceID int, draw func(*Generator, Invoice, time.Time) []CreditMemo) ([]CreditMemo, error) {
	invoice, ok := s.documents.invoice(invoiceID)
	if !ok {
		return nil, fmt.Errorf("there is no invoice %d", invoiceID)
	}
	s.till.mu.Lock()
	defer s.till.mu.Unlock()
	memos := draw(s.till.generator, invoice, s.opts.Now())
	for _, memo := range memos {
		if err := memo.happen(s); err != nil {
			return nil, err
		}
	}
	return memos, nil
}
