package magento

import "github.com/shopspring/decimal"

// split invoices an order in two parts, or in one when it cannot be parted. The first part carries the
// shipping; the second takes what rounding left.
func (g *Generator) split(order Invoice) []Invoice {
	first, second := order, order
	first.Lines, second.Lines = g.cutLines(order.Lines)
	if len(first.Lines) == 0 || len(second.Lines) == 0 ||
		drift(first.Lines).GreaterThan(maxDrift) || drift(second.Lines).GreaterThan(maxDrift) {
		return []Invoice{order}
	}
	second.ShippingAmount, second.ShippingTax, second.shippingDiscount = Number{}, Number{}, decimal.Zero
	return []Invoice{first, second}
}

// lineGroup is the line at n with its children: those that follow under the same sku.
func lineGroup(lines []Line, n int) []Line {
	end := n + 1
	for end < len(lines) && lines[end].SKU == lines[n].SKU && lines[end].LineSubtotal.IsZero() {
		end++
	}
	return lines[n:end]
}

// share draws how much of a quantity the first part takes; what is sold by length is not parted.
func (g *Generator) share(qty decimal.Decimal) decimal.Decimal {
	if !qty.IsInteger() {
		if g.chance(50) {
			return qty
		}
		return decimal.Zero
	}
	return decimal.New(int64(g.between(0, int(qty.IntPart()))), 0)
}

// part is the line for some of its quantity, each amount rounded to the cent.
func (l Line) part(qty decimal.Decimal) Line {
	scale := func(amount decimal.Decimal) decimal.Decimal {
		return amount.Mul(qty).DivRound(l.Qty.Decimal, 2)
	}
	part := l
	part.Qty = number(qty)
	part.compensation = scale(l.compensation)
	part.setMoney(scale(l.LineSubtotal.Decimal), scale(l.LineTax.Decimal), scale(l.Discount()))
	return part
}

// rest is the line for what part leaves over.
func (l Line) rest(qty decimal.Decimal) Line {
	if qty.IsZero() {
		return l
	}
	part := l.part(qty)
	rest := l
	rest.Qty = number(l.Qty.Sub(qty))
	rest.compensation = l.compensation.Sub(part.compensation)
	rest.setMoney(
		l.LineSubtotal.Sub(part.LineSubtotal.Decimal),
		l.LineTax.Sub(part.LineTax.Decimal),
		l.Discount().Sub(part.Discount()),
	)
	return rest
}
