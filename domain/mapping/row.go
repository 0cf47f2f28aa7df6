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
func (m *invoiceMapper) rows() ([]row, *fault.Error) {
	rows := m.itemRows()
	shipping, isShipped := m.shippingRow()
	if len(rows) == 0 && !isShipped {
		rows = m.emptyRow(reference(m.inv))
	}
	if f := m.bookSales(rows); f != nil {
		return nil, f
	}
	if isShipped {
		shipping.discount = m.shippingDiscount(rows)
		if f := m.bookShipping(&shipping); f != nil {
			return nil, f
		}
		rows = append(rows, shipping)
	}
	rows = m.splitDiscounts(rows)
	if f := m.rateRows(rows); f != nil {
		return nil, f
	}
	return rows, nil
}

// shippingDiscount is what the invoice's discount has beyond the items'. It
// stands nowhere in Magento's document.
func (m *invoiceMapper) shippingDiscount(items []row) money.Amount {
	discount := atLeastCents(m.inv.Currency, m.inv.DiscountAmount).Neg()
	for _, item := range items {
		discount = discount.Sub(item.discount)
	}
	if discount.Sign() <= 0 {
		return money.Zero
	}
	m.note("shipping_discount", "invoice discount "+m.show(m.inv.DiscountAmount), m.show(discount)+" of it is on shipping")
	return discount
}

// itemRows leaves out lines that move no money, such as the children of
// configurable products.
func (m *mapper) itemRows() []row {
	var rows []row
	for _, line := range m.doc.lines {
		if line.HasMoney() {
			rows = append(rows, m.itemRow(line))
		}
	}
	if dropped := len(m.doc.lines) - len(rows); dropped > 0 {
		m.note("lines", fmt.Sprintf("%d lines", len(m.doc.lines)), fmt.Sprintf("%d without money left out", dropped))
	}
	return rows
}

// emptyRow is the one row of a document that moves no money: its first line, or
// one for the whole. A document needs a line.
func (m *mapper) emptyRow(whole string) []row {
	if len(m.doc.lines) > 0 {
		m.note("lines", "nothing moves money", "the first line stays")
		return []row{m.itemRow(m.doc.lines[0])}
	}
	m.note("lines", "no lines", "one line for the whole")
	return []row{{description: cut(whole, maxDescription), qty: money.Int(1)}}
}

func (m *mapper) itemRow(line commerce.Line) row {
	c := m.doc.currency
	r := row{
		description: description(line), qty: line.Qty, unitPrice: line.UnitPrice,
		subtotal: atLeastCents(c, line.Subtotal), tax: atLeastCents(c, line.Tax),
	}
	r.discount = r.subtotal.Add(r.tax).Sub(atLeastCents(c, line.Total))
	return r
}

// shippingRow is the carriage, before any discount on it.
func (m *mapper) shippingRow() (row, bool) {
	c := m.doc.currency
	amount, tax := atLeastCents(c, m.doc.shippingAmount), atLeastCents(c, m.doc.shippingTaxAmount)
	if amount.IsZero() && tax.IsZero() {
		return row{}, false
	}
	return row{
		description: "Shipping", qty: money.Int(1), unitPrice: amount, subtotal: amount, tax: tax, isShipping: true,
	}, true
}

func (m *mapper) bookSales(rows []row) *fault.Error {
	if len(rows) == 0 {
		return nil
	}
	account, f := m.account("revenueAccount", m.req.Settings.Defaults.RevenueAccount)
	for i := range rows {
		rows[i].account = account
	}
	return f
}

func (m *mapper) bookShipping(r *row) (f *fault.Error) {
	r.account, f = m.account("shippingAccount", m.req.Settings.Defaults.ShippingAccount)
	return f
}

// account is the account of a setting, when it is one that takes sales.
func (m *mapper) account(setting, code string) (string, *fault.Error) {
	path := "settings.defaults." + setting
	if code == "" {
		return "", m.refuse("account", setting+" unset", fault.Newf(fault.CodeAccountNotMapped, "No account is chosen for %s.", setting).
			WithFields(fault.Field{Path: path, Code: "not_in_reference", Message: "Not set."}))
	}
	account, found := m.req.Reference.Account(code)
	if !found || !account.TakesSales() {
		return "", m.refuse("account", setting+" "+code, fault.Newf(fault.CodeAccountInvalid, "The account %s of %s %s.", code, setting, whyNoSales(account, found)).
			WithFields(fault.Field{Path: path, Code: "not_in_reference", Message: "Choose an active revenue account."}))
	}
	m.note("account", setting, code+" "+account.Name)
	return code, nil
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
