package magento

import "github.com/shopspring/decimal"

// dearest is the most a basket comes to on the shelf.
var dearest = decimal.New(700, 0)

// couponRates are the percentages coupons are worth.
var couponRates = [...]int64{5, 10, 15, 25, 33}

// basket fills a basket for one order.
func (g *Generator) basket(store storefront, isVirtual, isZeroRated bool) []item {
	var chosen []article
	switch {
	case isVirtual:
		chosen = append(chosen, sample(g, virtual[:], g.between(1, 2))...)
	default:
		chosen = append(chosen, sample(g, shippable[:], g.between(1, 4))...)
		if g.chance(g.mix.Configurable) {
			chosen[0] = pick(g, configurable[:])
		}
		if g.chance(g.mix.Fractional) {
			chosen[len(chosen)-1] = pick(g, byLength[:])
		}
	}
	total := decimal.Zero
	var items []item
	for _, a := range chosen {
		i := item{article: a, rate: a.rate}
		if isZeroRated {
			i.rate = decimal.Zero
		}
		i.price = store.price(a.price, i.rate)
		i.qty = g.quantity(a, store)
		if total.Add(i.row()).GreaterThan(dearest) {
			i.qty = one
		}
		if len(items) > 0 && total.Add(i.row()).GreaterThan(dearest) {
			break
		}
		total = total.Add(i.row())
		items = append(items, i)
	}
	return items
}

func (g *Generator) quantity(a article, store storefront) decimal.Decimal {
	switch {
	case a.isFractional && g.chance(50):
		return decimal.New(int64(g.between(2, 29))*25, -2)
	case a.isFractional:
		return decimal.New(int64(g.between(400, 6800)), -3)
	case store.isTrade:
		return decimal.New(int64(g.between(1, 12)), 0)
	case g.chance(65):
		return one
	default:
		return decimal.New(int64(g.between(2, 5)), 0)
	}
}

// discount takes a coupon off the items: a percentage of every row, or an amount shared by the rows.
func (g *Generator) discount(items []item) {
	if !g.chance(g.mix.Fixed) {
		rate := decimal.New(pick(g, couponRates[:]), -2)
		for n := range items {
			items[n].discount = items[n].row().Mul(rate).Round(2)
		}
		return
	}
	total := decimal.Zero
	for _, i := range items {
		total = total.Add(i.row())
	}
	amount := decimal.Min(decimal.New(int64(g.between(2, 30)), 0), total.Mul(decimal.New(30, -2)).Round(2))
	left := amount
	for n := range items[:len(items)-1] {
		items[n].discount = amount.Mul(items[n].row()).DivRound(total, 2)
		left = left.Sub(items[n].discount)
	}
	last := &items[len(items)-1]
	last.discount = decimal.Max(decimal.Zero, decimal.Min(left, last.row()))
}

// giveAway takes everything off the items.
func giveAway(items []item) {
	for n := range items {
		items[n].discount = items[n].row()
	}
}
