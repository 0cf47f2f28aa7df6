package mapping

import (
	"fmt"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
)

// row is what Magento charged for one thing, before it has a form in the books.
type row struct {
	description string
	qty         money.Amount
	unitPrice   money.Amount
	// subtotal is net, before discount.
	subtotal money.Amount
	tax      money.Amount
	// discount is as Magento has it and may contain tax; taxInDiscount is that
	// part of it.
	discount      money.Amount
	taxInDiscount money.Amount
	// discountHasTax says how to read the discount while taxInDiscount is sought.
	discountHasTax bool
	isShipping     bool
	account        string
	rate           *rate
}

func (r row) netDiscount() money.Amount { return r.discount.Sub(r.taxInDiscount) }

// net is the amount that is taxed.
func (r row) net() money.Amount { return r.subtotal.Sub(r.netDiscount()) }

// rows are the invoice's rows, each with its account and its tax rate, and with
// net amounts that are Magento's.
func (m *mapper) rows() ([]row, *fault.Error) {
	defaults := m.req.Settings.Defaults
	rows := m.itemRows()
	if len(rows) > 0 {
		if f := m.book(rows, "revenueAccount", defaults.RevenueAccount); f != nil {
			return nil, f
		}
	}
	if shipping, ok := m.shippingRow(rows); ok {
		carriage := []row{shipping}
		if f := m.book(carriage, "shippingAccount", defaults.ShippingAccount); f != nil {
			return nil, f
		}
		rows = append(rows, carriage...)
	}
	rows = m.splitDiscounts(rows)
	if f := m.rateRows(rows); f != nil {
		return nil, f
	}
	return rows, nil
}

// itemRows leaves out lines that move no money, such as the children of
// configurable products. A document needs a line, so that the first one stays
// when none moves money.
func (m *mapper) itemRows() []row {
	var rows []row
	for _, line := range m.inv.Lines {
		if line.HasMoney() {
			rows = append(rows, m.itemRow(line))
		}
	}
	if dropped := len(m.inv.Lines) - len(rows); dropped > 0 {
		m.out.note("lines", fmt.Sprintf("%d lines", len(m.inv.Lines)), fmt.Sprintf("%d without money left out", dropped))
	}
	if len(rows) > 0 || !m.inv.ShippingAmount.IsZero() || !m.inv.ShippingTaxAmount.IsZero() {
		return rows
	}
	if len(m.inv.Lines) > 0 {
		m.out.note("lines", "nothing moves money", "the first line stays")
		return []row{m.itemRow(m.inv.Lines[0])}
	}
	m.out.note("lines", "no lines", "one line for the order")
	return []row{{description: cut(reference(m.inv), maxDescription), qty: money.Int(1)}}
}

func (m *mapper) itemRow(line commerce.Line) row {
	c := m.inv.Currency
	r := row{
		description: description(line), qty: line.Qty, unitPrice: line.UnitPrice,
		subtotal: atLeastCents(c, line.Subtotal), tax: atLeastCents(c, line.Tax),
	}
	r.discount = r.subtotal.Add(r.tax).Sub(atLeastCents(c, line.Total))
	return r
}

// shippingRow is the carriage. Its discount stands nowhere in Magento's
// document: it is what the invoice's discount has beyond the items'.
func (m *mapper) shippingRow(items []row) (row, bool) {
	c := m.inv.Currency
	amount, tax := atLeastCents(c, m.inv.ShippingAmount), atLeastCents(c, m.inv.ShippingTaxAmount)
	if amount.IsZero() && tax.IsZero() {
		return row{}, false
	}
	discount := atLeastCents(c, m.inv.DiscountAmount).Neg()
	for _, item := range items {
		discount = discount.Sub(item.discount)
	}
	if discount.Sign() < 0 {
		discount = money.Zero
	}
	if discount.Sign() > 0 {
		m.out.note("shipping_discount", "invoice discount "+m.show(m.inv.DiscountAmount), m.show(discount)+" of it is on shipping")
	}
	return row{
		description: "Shipping", qty: money.Int(1), unitPrice: amount,
		subtotal: amount, tax: tax, discount: discount, isShipping: true,
	}, true
}

// book gives rows the account of a setting, when it is one that takes sales.
func (m *mapper) book(rows []row, setting, code string) *fault.Error {
	path := "settings.defaults." + setting
	if code == "" {
		return m.out.refuse("account", setting+" unset", fault.Newf(fault.CodeAccountNotMapped, "No account is chosen for %s.", setting).
			WithFields(fault.Field{Path: path, Code: "not_in_reference", Message: "Not set."}))
	}
	account, found := m.req.Reference.Account(code)
	if !found || !account.TakesSales() {
		return m.out.refuse("account", setting+" "+code, fault.Newf(fault.CodeAccountInvalid, "The account %s of %s %s.", code, setting, whyNoSales(account, found)).
			WithFields(fault.Field{Path: path, Code: "not_in_reference", Message: "Choose an active revenue account."}))
	}
	m.out.note("account", setting, code+" "+account.Name)
	for i := range rows {
		rows[i].account = code
	}
	return nil
}

func whyNoSales(a books.Account, found bool) string {
	switch {
	case !found:
		return "is not in the organisation's chart"
	case !a.IsActive:
		return "is archived"
	default:
		return "does not take sales"
	}
}
