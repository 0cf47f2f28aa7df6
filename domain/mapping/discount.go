package mapping

import (
	"fmt"

	"byte8.io/ledger/domain/money"
)

// splitDiscounts finds the tax inside discounts. A shop whose prices contain
// tax takes discounts off those prices, so that a line's discount contains tax;
// the part that is tax stands in no field, only in the grand total. When that
// hidden amount is what the rates make of the discounts, it is shared over them;
// otherwise discounts are net and whatever is unexplained stays a difference of
// totals.
func (m *mapper) splitDiscounts(rows []row) []row {
	hidden, discounts := m.hiddenTax(rows), money.Zero
	for _, r := range rows {
		discounts = discounts.Add(r.discount)
	}
	input := fmt.Sprintf("discounts %s, grand total leaves %s", m.show(discounts), m.show(hidden))
	if hidden.Sign() > 0 && discounts.Sign() > 0 {
		if split, ok := m.shareHiddenTax(rows, hidden); ok {
			m.out.note("discount", input, "tax-inclusive: "+m.show(hidden)+" of them is tax")
			return split
		}
	}
	for i, r := range rows {
		// Shipping cannot be discounted below nothing; more is unexplained.
		if r.isShipping && r.discount.Cmp(r.subtotal) > 0 {
			rows[i].discount = r.subtotal
		}
	}
	if discounts.Sign() > 0 {
		m.out.note("discount", input, "net")
	}
	return rows
}

// hiddenTax is what the grand total has beyond everything the document names.
func (m *mapper) hiddenTax(rows []row) money.Amount {
	hidden := m.target.Net
	for _, r := range rows {
		hidden = hidden.Sub(r.subtotal).Add(r.discount)
	}
	return hidden
}

// shareHiddenTax reads discounts as tax-inclusive wherever the row's rate then
// fits, and reports whether the hidden tax is what that reading expects.
func (m *mapper) shareHiddenTax(rows []row, hidden money.Amount) ([]row, bool) {
	split := make([]row, len(rows))
	copy(split, rows)
	for i, r := range split {
		split[i].discountHasTax = r.discount.Sign() > 0 && !r.tax.IsZero()
	}
	m.matchRates(split)
	for i, r := range split {
		if r.discountHasTax && r.rate == nil {
			split[i].discountHasTax = false
		}
	}
	if !m.matchRates(split) {
		return nil, false
	}

	shared, slack := hidden, money.Zero
	expected := make([]money.Amount, len(split))
	for i, r := range split {
		switch {
		case r.discountHasTax:
			expected[i] = r.discount.Mul(r.rate.percent).Quo(r.rate.percent.Add(money.Int(100)), exact)
			slack = slack.Add(m.minor.Mul(r.qty.Abs().Add(money.Int(1))))
		case r.tax.IsZero() && r.discount.Cmp(r.subtotal) > 0:
			// Discounted to nothing: what exceeds the net price is tax.
			split[i].taxInDiscount = r.discount.Sub(r.subtotal)
			shared = shared.Sub(split[i].taxInDiscount)
		}
	}
	off := shared.Sub(money.Sum(expected...))
	if off.Abs().Cmp(slack) > 0 {
		return nil, false
	}
	if !money.Sum(expected...).IsZero() {
		for i, share := range m.share(shared, expected) {
			split[i].taxInDiscount = split[i].taxInDiscount.Add(share)
		}
	}
	return split, true
}
