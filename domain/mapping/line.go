package mapping

import (
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/money"
)

const (
	maxDescription = 4000
	// maxPlaces is how many decimals a quantity and a unit amount may have.
	maxPlaces = 4
)

// description is the article's name and SKU; never empty.
func description(line commerce.Line) string {
	name, sku := tidy(decodeEntities(line.Name)), tidy(line.SKU)
	switch {
	case name == "" && sku == "":
		return "Item"
	case name == "":
		return cut(sku, maxDescription)
	case sku == "" || name == sku:
		return cut(name, maxDescription)
	}
	suffix := cut(" ("+sku+")", maxDescription/2)
	return cut(name, maxDescription-len([]rune(suffix))) + suffix
}

// line puts a row as quantity times unit amount less discount. Where four
// decimals do not give the row's amount, or the discount is none the provider
// takes, the line has quantity 1 and its description the real one.
func (m *mapper) line(r row) books.Line {
	l := books.Line{
		Description: r.description, AccountCode: r.account,
		TaxType: r.rate.taxType, TaxPercent: r.rate.percent,
	}
	discount := r.netDiscount()
	isTaken := discount.Sign() >= 0 && discount.Cmp(r.subtotal) <= 0
	if unit, ok := m.unitAmount(r, discount); ok && isTaken {
		l.Quantity, l.UnitAmount, l.Discount = r.qty, unit, discount
		return l
	}
	l.Quantity, l.UnitAmount, l.Discount = money.Int(1), r.subtotal, discount
	if !isTaken {
		l.UnitAmount, l.Discount = r.net(), money.Zero
	}
	if !r.qty.Equal(money.Int(1)) {
		l.Description = cut(r.qty.String()+" × "+r.description, maxDescription)
	}
	return l
}

// unitAmount is a price of at most four decimals that comes to the row's
// subtotal, whether it is rounded before or after the discount is taken:
// Magento's own if it does, else the shortest that does.
func (m *mapper) unitAmount(r row, discount money.Amount) (money.Amount, bool) {
	if r.qty.Sign() <= 0 || r.qty.Places() > maxPlaces {
		return money.Zero, false
	}
	comes := func(amount, to money.Amount) bool {
		return amount.RoundHalfUp(2).Equal(to) && amount.RoundHalfUp(m.places()).Equal(to)
	}
	for _, unit := range []money.Amount{r.unitPrice, r.subtotal.Quo(r.qty, 2), r.subtotal.Quo(r.qty, 3), r.subtotal.Quo(r.qty, maxPlaces)} {
		amount := r.qty.Mul(unit)
		if unit.Places() <= maxPlaces && comes(amount, r.subtotal) && comes(amount.Sub(discount), r.subtotal.Sub(discount)) {
			return unit, true
		}
	}
	return money.Zero, false
}
