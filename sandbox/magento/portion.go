package magento

import "github.com/shopspring/decimal"

// portion is some of an invoice: goods and shipping.
type portion struct {
	lines                                   []Line
	shipping, shippingTax, shippingDiscount decimal.Decimal
}

func (i Invoice) whole() portion {
	return portion{i.Lines, i.ShippingAmount.Decimal, i.ShippingTax.Decimal, i.shippingDiscount}
}

// total is what the portion costs, the tax inside its discounts included.
func (p portion) total() decimal.Decimal {
	sum := p.shipping.Add(p.shippingTax).Sub(p.shippingDiscount).Add(compensation(p.lines))
	for _, line := range p.lines {
		sum = sum.Add(line.LineTotal.Decimal)
	}
	return sum
}

// one is the portion's first line with its children, for part of the quantity where that can be
// parted.
func (g *Generator) one(p portion) portion {
	group := lineGroup(p.lines, 0)
	qty := group[0].Qty.Decimal
	if qty.IsInteger() && qty.GreaterThan(one) {
		qty = decimal.New(int64(g.between(1, int(qty.IntPart())-1)), 0)
	}
	var taken portion
	for _, line := range group {
		taken.lines = append(taken.lines, line.part(qty))
	}
	return taken
}

// cut takes some of every quantity and perhaps some of the shipping, in proportion and rounded to the
// cent. The rest is what is left over to the cent, as Magento has it.
func (g *Generator) cut(p portion) (taken, rest portion) {
	taken.lines, rest.lines = g.cutLines(p.lines)
	share := pick(g, []decimal.Decimal{zero, decimal.New(50, -2), one})
	taken.shipping = p.shipping.Mul(share).Round(2)
	taken.shippingTax = p.shippingTax.Mul(share).Round(2)
	taken.shippingDiscount = p.shippingDiscount.Mul(share).Round(2)
	rest.shipping = p.shipping.Sub(taken.shipping)
	rest.shippingTax = p.shippingTax.Sub(taken.shippingTax)
	rest.shippingDiscount = p.shippingDiscount.Sub(taken.shippingDiscount)
	return taken, rest
}

// cutLines parts every quantity that can be parted; what is sold by length goes to one side or the
// other.
func (g *Generator) cutLines(lines []Line) (taken, rest []Line) {
	for n := 0; n < len(lines); {
		group := lineGroup(lines, n)
		share := g.share(group[0].Qty.Decimal)
		for _, line := range group {
			if share.IsPositive() {
				taken = append(taken, line.part(share))
			}
			if left := line.rest(share); left.Qty.IsPositive() {
				rest = append(rest, left)
			}
		}
		n += len(group)
	}
	return taken, rest
}

// isSound reports whether a document can be made of the portion: it costs something, and its tax is
// the rates' but for the cents that rounding line by line may miss.
func (p portion) isSound() bool {
	return p.total().IsPositive() && !drift(p.lines).GreaterThan(maxDrift)
}
