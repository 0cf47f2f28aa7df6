package mapping

import (
	"fmt"
	"slices"

	"byte8.io/ledger/domain/money"
)

// splitDiscounts finds the tax inside discounts. A shop whose prices contain
// tax takes discounts off those prices, so that a line's discount contains tax;
// the part that is tax stands in no field, only in the grand total. When that
// hidden amount is what the rates make of the discounts, it is shared over them;
// otherwise discounts are net and whatever is unexplained stays a difference of
// totals.
func (m *mapper) splitDiscounts(rows []row) []row {
	hidden, discounts := m.hiddenTax(rows), discounts(rows)
	split, hasTax := m.readDiscounts(rows)
	if discounts.Sign() > 0 {
		input := fmt.Sprintf("discounts %s, grand total leaves %s", m.show(discounts), m.show(hidden))
		result := "net"
		if hasTax {
			result = "tax-inclusive: " + m.show(hidden) + " of them is tax"
		}
		m.note("discount", input, result)
	}
	return split
}

// readDiscounts is the rows with the tax inside their discounts apart, and
// whether there is any.
func (m *mapper) readDiscounts(rows []row) (split []row, hasTax bool) {
	if hidden := m.hiddenTax(rows); hidden.Sign() > 0 && discounts(rows).Sign() > 0 {
		if split, ok := m.shareHiddenTax(rows, hidden); ok {
			return split, true
		}
	}
	split = slices.Clone(rows)
	for i, r := range split {
		// Shipping cannot be discounted below nothing; more is unexplained.
		if r.isShipping && r.discount.Cmp(r.subtotal) > 0 {
			split[i].discount = r.subtotal
		}
	}
	return split, false
}

func discounts(rows []row) money.Amount {
	sum := money.Zero
	for _, r := range rows {
		sum = sum.Add(r.discount)
	}
	return sum
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
	split, ok := m.readAsTaxed(rows)
	if !ok {
		return nil, false
	}
	shared, slack := hidden, money.Zero
	expected := make([]money.Amount, len(split))
	for i, r := range split {
		switch {
		case r.discountHasTax:
			expected[i] = r.expectedTaxInDiscount()
			slack = slack.Add(m.minor.Mul(r.qty.Abs().Add(money.Int(1))))
		case r.isDiscountedBelowNothing():
			split[i].taxInDiscount = r.discount.Sub(r.subtotal)
			shared = shared.Sub(split[i].taxInDiscount)
			slack = slack.Add(m.minor)
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

// readAsTaxed reads discounts as tax-inclusive wherever the row's rate then
// fits, and reports whether every row has a rate.
func (m *mapper) readAsTaxed(rows []row) ([]row, bool) {
	taxed := slices.Clone(rows)
	for i, r := range taxed {
		taxed[i].discountHasTax = r.discount.Sign() > 0 && !r.tax.IsZero()
	}
	m.matchRates(taxed)
	for i, r := range taxed {
		if r.discountHasTax && r.rate == nil {
			taxed[i].discountHasTax = false
		}
	}
	return taxed, m.matchRates(taxed)
}

// expectedTaxInDiscount is the tax in a tax-inclusive discount by the row's
// rate, unrounded.
func (r row) expectedTaxInDiscount() money.Amount {
	return r.discount.Mul(r.rate.percent).Quo(r.rate.percent.Add(money.Int(100)), exact)
}

// isDiscountedBelowNothing reports that an untaxed row's discount is more than
// its net price. What exceeds the price is tax. A fee is below nothing without
// any discount.
func (r row) isDiscountedBelowNothing() bool {
	return r.discount.Sign() > 0 && r.tax.IsZero() && r.discount.Cmp(r.subtotal) > 0
}
