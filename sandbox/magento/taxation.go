package magento

import "github.com/shopspring/decimal"

// taxMethod is the setting that says where tax is rounded.
type taxMethod int

const (
	taxPerUnit taxMethod = iota
	taxPerRow
	taxOnTotal
)

var (
	one  = decimal.New(1, 0)
	cent = decimal.New(1, -2)
)

// item is an order item before tax: price is the one on the shelf, discount an amount on the row.
type item struct {
	article  article
	qty      decimal.Decimal
	price    decimal.Decimal
	discount decimal.Decimal
	rate     decimal.Decimal
}

// row is what the item costs on the shelf, before any discount.
func (i item) row() decimal.Decimal { return i.price.Mul(i.qty).Round(2) }

// tally computes the lines of an order. Tax falls on the discounted price. When shelf prices include
// tax so does the discount, and the tax in it becomes the line's compensation.
func tally(items []item, method taxMethod, pricesIncludeTax bool) []Line {
	before, after := carry{}, carry{}
	lines := make([]Line, 0, len(items))
	for _, i := range items {
		var taxBefore, taxAfter decimal.Decimal
		switch method {
		case taxPerUnit:
			unitDiscount := i.discount.DivRound(i.qty, 8)
			taxBefore = taxIn(i.price, i.rate, pricesIncludeTax).Round(2).Mul(i.qty).Round(2)
			taxAfter = taxIn(i.price.Sub(unitDiscount), i.rate, pricesIncludeTax).Round(2).Mul(i.qty).Round(2)
		case taxPerRow:
			taxBefore = taxIn(i.row(), i.rate, pricesIncludeTax).Round(2)
			taxAfter = taxIn(i.row().Sub(i.discount), i.rate, pricesIncludeTax).Round(2)
		case taxOnTotal:
			taxBefore = before.round(taxIn(i.row(), i.rate, pricesIncludeTax), i.rate)
			taxAfter = after.round(taxIn(i.row().Sub(i.discount), i.rate, pricesIncludeTax), i.rate)
		}
		lines = append(lines, i.line(taxBefore, taxAfter, pricesIncludeTax)...)
	}
	return lines
}

// taxIn is the unrounded tax of an amount that includes it, or on one that does not.
func taxIn(amount, rate decimal.Decimal, isIncluded bool) decimal.Decimal {
	if isIncluded {
		return amount.Mul(rate).DivRound(one.Add(rate), 8)
	}
	return amount.Mul(rate)
}

// carry is the rounding left over so far, by rate.
type carry map[string]decimal.Decimal

func (c carry) round(exact, rate decimal.Decimal) decimal.Decimal {
	exact = exact.Add(c[rate.String()])
	rounded := exact.Round(2)
	c[rate.String()] = exact.Sub(rounded)
	return rounded
}

// line is the item on an invoice; a configurable item is followed by its child.
func (i item) line(taxBefore, taxAfter decimal.Decimal, pricesIncludeTax bool) []Line {
	subtotal, unit, compensation := i.row(), i.price, decimal.Zero
	if pricesIncludeTax {
		subtotal = i.row().Sub(taxBefore)
		unit = subtotal.DivRound(i.qty, 2)
		compensation = taxBefore.Sub(taxAfter)
	}
	line := Line{
		SKU:          i.article.sku,
		Name:         i.article.name,
		Qty:          number(i.qty),
		UnitPrice:    number(unit),
		rate:         i.rate,
		compensation: compensation,
	}
	line.setMoney(subtotal, taxAfter, i.discount)
	if i.article.child == "" {
		return []Line{line}
	}
	line.SKU = i.article.child
	return []Line{line, {
		SKU:  i.article.child,
		Name: i.article.childName(),
		Qty:  number(i.qty),
	}}
}

// setMoney fills the line's amounts, its total and the rate derived from them.
func (l *Line) setMoney(subtotal, tax, discount decimal.Decimal) {
	l.LineSubtotal = number(subtotal)
	l.LineTax = number(tax)
	l.LineTotal = number(subtotal.Add(tax).Sub(discount))
	l.TaxRate = nil
	if subtotal.IsPositive() && tax.IsPositive() {
		l.TaxRate = numberPointer(tax.DivRound(subtotal, 4))
	}
}

// drift is how far tax rounded on every line's net amount is from the tax on the lines.
func drift(lines []Line) decimal.Decimal {
	gap := decimal.Zero
	for _, l := range lines {
		net := l.LineTotal.Sub(l.LineTax.Decimal).Add(l.compensation)
		gap = gap.Add(net.Mul(l.rate).Round(2)).Sub(l.LineTax.Decimal)
	}
	return gap.Abs()
}
