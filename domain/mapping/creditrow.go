package mapping

import (
	"slices"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
)

// rows are the memo's rows, each with its account and its tax rate, and net of
// discounts: a credit note has none.
func (m *memoMapper) rows() ([]row, *fault.Error) {
	rows := append(m.itemRows(), m.adjustmentRows()...)
	shipping, isShipped := m.shippingRow()
	if len(rows) == 0 && !isShipped {
		rows = m.emptyRow(m.reference())
	}
	if f := m.bookSales(rows); f != nil {
		return nil, f
	}
	if isShipped {
		shipping.description = "Shipping refund"
		if f := m.bookShipping(&shipping); f != nil {
			return nil, f
		}
		rows = append(rows, shipping)
		m.findShippingDiscount(rows)
	}
	rows = m.splitDiscounts(rows)
	if f := m.rateRows(rows); f != nil {
		return nil, f
	}
	for i, r := range rows {
		rows[i] = r.undiscounted()
	}
	return rows, nil
}

// undiscounted is the row at the price that was paid for it.
func (r row) undiscounted() row {
	r.subtotal, r.discount, r.taxInDiscount = r.net(), money.Zero, money.Zero
	return r
}

// adjustmentRows are what the shop gave back beyond the items and what it kept,
// both without tax.
func (m *memoMapper) adjustmentRows() []row {
	var rows []row
	add := func(description string, amount money.Amount) {
		if amount = atLeastCents(m.memo.Currency, amount); !amount.IsZero() {
			rows = append(rows, row{description: description, qty: money.Int(1), unitPrice: amount, subtotal: amount})
			m.note("adjustment", description, m.show(amount)+" without tax")
		}
	}
	add("Adjustment refund", m.memo.AdjustmentPositive)
	add("Adjustment fee", m.memo.AdjustmentNegative.Neg())
	return rows
}

// findShippingDiscount fills in what was taken off the carriage, the last of
// the rows. A memo does not say: it is what the grand total lacks, and where
// item discounts contain tax, the tax in them as well. The reading is taken with
// which the rows add up and every tax has a rate.
func (m *memoMapper) findShippingDiscount(rows []row) {
	shipping := &rows[len(rows)-1]
	lacking := m.hiddenTax(rows).Neg()
	for _, discount := range m.shippingDiscounts(rows, lacking) {
		if discount.Sign() < 0 || discount.Cmp(shipping.subtotal.Add(shipping.tax)) > 0 {
			continue
		}
		tried := slices.Clone(rows)
		tried[len(tried)-1].discount = discount
		if !m.addsUp(tried) {
			continue
		}
		if shipping.discount = discount; !discount.IsZero() {
			m.note("shipping_discount", "grand total leaves "+m.show(lacking.Neg()), m.show(discount)+" was taken off shipping")
		}
		return
	}
}

// shippingDiscounts are the discounts that the carriage may have had, likeliest
// first.
func (m *memoMapper) shippingDiscounts(rows []row, lacking money.Amount) []money.Amount {
	taxed, _ := m.readAsTaxed(rows)
	net := lacking
	for _, r := range taxed {
		switch {
		case r.discountHasTax:
			net = net.Add(r.expectedTaxInDiscount())
		case r.isDiscountedBelowNothing():
			net = net.Add(r.discount.Sub(r.subtotal))
		}
	}
	shipping := rows[len(rows)-1]
	net = money.Min(net.RoundHalfUp(m.places()), shipping.subtotal)
	shipping.subtotal = shipping.subtotal.Sub(net)
	gross := net
	if carriage := []row{shipping}; m.matchRates(carriage) {
		gross = net.Add(net.Percent(carriage[0].rate.percent)).RoundHalfUp(m.places())
	}
	if lacking.Sign() <= 0 {
		return []money.Amount{money.Zero, gross}
	}
	return []money.Amount{lacking, gross}
}

// addsUp reports whether the rows come to Magento's net total, with a rate for
// every tax.
func (m *memoMapper) addsUp(rows []row) bool {
	split, _ := m.readDiscounts(rows)
	net := money.Zero
	for _, r := range split {
		net = net.Add(r.net())
	}
	return net.Equal(m.target.Net) && m.matchRates(split)
}
