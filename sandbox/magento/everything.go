package magento

import (
	"time"

	"github.com/shopspring/decimal"
)

// priceChanges are the factors by which prices change.
var priceChanges = [...]decimal.Decimal{decimal.New(95, -2), one, decimal.New(103, -2), decimal.New(110, -2)}

// sales is a batch of invoices and nothing else.
func (g *Generator) sales(batch Batch, start time.Time) []occurrence {
	list := make([]occurrence, 0, batch.Invoices)
	for n := range batch.Invoices {
		at := batch.moment(start, n)
		list = append(list, occurrence{at, g.Next(at)})
	}
	return list
}

// everything is a batch of invoices with what happens around them. It has at least one free order, one
// invoice of each oddity, one composite product and one with a long sku.
func (g *Generator) everything(batch Batch, start time.Time) []occurrence {
	list := []occurrence{
		{start, priceChange{pick(g, configurable[:]).sku, one}},
		{start, priceChange{pick(g, unshelved[:]).sku, one}},
	}
	free := g.between(0, batch.Invoices-1)
	odd := map[int][]Oddity{}
	for _, oddity := range oddInvoices {
		for range max(1, batch.Invoices*g.mix.Odd/100) {
			n := g.between(0, batch.Invoices-1)
			odd[n] = append(odd[n], oddity)
		}
	}
	known := map[int]bool{}
	for n := range batch.Invoices {
		at := batch.moment(start, n)
		for _, oddity := range odd[n] {
			list = append(list, occurrence{at, g.odd(at, oddity)})
		}
		o := occasion{mayDiscountShipping: true, isFree: n == free}
		if o.isFree {
			list = append(list, occurrence{at, g.issue(g.order(at, o)[0], at)})
			continue
		}
		sale := g.next(at, o)
		if sale.Customer != nil && !known[sale.Customer.MagentoID] && g.chance(g.mix.NewAccount) {
			list = append(list, occurrence{at, profile{*sale.Customer}})
		}
		if sale.Customer != nil {
			known[sale.Customer.MagentoID] = true
		}
		list = append(list, occurrence{at, sale})
		list = append(list, g.aftermath(batch, sale, at)...)
	}
	return list
}

// aftermath is what comes of a sale: its payment, its refunds, and saves that have to do with it.
func (g *Generator) aftermath(batch Batch, sale Sale, at time.Time) []occurrence {
	var list []occurrence
	later := func() time.Time {
		at = at.Add(time.Duration(g.between(8, 24)) * batch.interval())
		return at
	}
	isPaid := sale.Invoice.State == StatePaid
	if !isPaid && g.chance(g.mix.PaidLater) {
		list = append(list, occurrence{later(), receipt{sale.Invoice.MagentoID}})
		isPaid = true
	}
	if isPaid && sale.Invoice.GrandTotal.IsPositive() && g.chance(g.mix.Refunded) {
		for _, memo := range g.refunds(sale, later()) {
			list = append(list, occurrence{at, memo})
		}
	}
	if sale.Customer != nil && g.chance(g.mix.ProfileChange) {
		when := later()
		list = append(list, occurrence{when, profile{g.changeProfile(*sale.Customer, when)}})
	}
	if g.chance(g.mix.ProductChange) {
		shelf := pick(g, [][]article{shippable[:], virtual[:], byLength[:]})
		list = append(list, occurrence{later(), priceChange{pick(g, shelf).sku, pick(g, priceChanges[:])}})
	}
	return list
}

// refunds are the credit memos of a paid sale. What was paid outside a gateway is refunded from the
// order, and so are some other sales.
func (g *Generator) refunds(sale Sale, at time.Time) []CreditMemo {
	var memos []CreditMemo
	switch ticket := g.rng.IntN(100); {
	case ticket < g.mix.InParts:
		memos = g.RefundInParts(sale.Invoice, g.between(2, 3), at)
	case ticket < g.mix.InParts+g.mix.OfPart:
		memos = []CreditMemo{g.refundOfPart(sale.Invoice, at)}
	case ticket < g.mix.InParts+g.mix.OfPart+g.mix.Goodwill:
		memos = []CreditMemo{g.RefundGoodwill(sale.Invoice, at)}
	default:
		memos = []CreditMemo{g.Refund(sale.Invoice, false, at)}
	}
	if isFromOrder := g.chance(g.mix.FromOrder); isFromOrder || !isOnline(sale.Invoice.PaymentMethod) {
		for n := range memos {
			memos[n] = memos[n].fromOrder()
		}
	}
	return memos
}

// refundOfPart refunds some of the goods, less a fee or with something for the trouble.
func (g *Generator) refundOfPart(invoice Invoice, at time.Time) CreditMemo {
	taken, rest, ok := g.cutSoundly(invoice.whole())
	if !ok {
		return g.Refund(invoice, false, at)
	}
	memo := g.memo(invoice, taken, at)
	switch ticket := g.rng.IntN(100); {
	case ticket < g.mix.Fee:
		memo.adjust(decimal.Zero, decimal.Min(handlingFee, memo.GrandTotal.Sub(cent)))
	case ticket < g.mix.Fee+g.mix.Apology:
		memo.adjust(decimal.Min(apology, rest.total()), decimal.Zero)
	}
	return memo
}
