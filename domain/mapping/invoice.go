package mapping

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/settings"
)

const (
	maxNumber    = 255
	maxReference = 255
)

// Invoice decides what becomes of a Magento invoice.
func Invoice(req Request, inv commerce.Invoice) Decision {
	m := newMapper(req, inv)
	if m.out.Skip = m.filter(); m.out.Skip != "" {
		return m.out
	}
	m.out.Fault = m.build()
	return m.out
}

// mapper is one invoice on its way to a decision.
type mapper struct {
	req Request
	inv commerce.Invoice
	// minor is the smallest unit of the currency.
	minor  money.Amount
	target books.Totals
	// group is where the customer is, seen from the organisation.
	group settings.CountryGroup
	out   Decision
}

func newMapper(req Request, inv commerce.Invoice) *mapper {
	gross, tax := atLeastCents(inv.Currency, inv.GrandTotal), atLeastCents(inv.Currency, inv.TaxAmount)
	target := books.Totals{Net: gross.Sub(tax), Tax: tax, Gross: gross}
	return &mapper{
		req: req, inv: inv, minor: money.Minor(1, inv.Currency.MinorUnits()),
		target: target, out: Decision{MagentoTotals: target},
	}
}

// atLeastCents cuts the third and fourth decimal that Magento's columns carry.
// Magento rounds to two places in every currency, so a currency without minor
// units keeps its two.
func atLeastCents(c money.Currency, a money.Amount) money.Amount {
	return a.RoundHalfUp(max(2, c.MinorUnits()))
}

// build fills the decision's document, or says why there is none.
func (m *mapper) build() *fault.Error {
	number, f := m.number()
	if f != nil {
		return f
	}
	if f := m.checkTotal(); f != nil {
		return f
	}
	if f := m.checkCurrency(); f != nil {
		return f
	}
	date, f := m.date()
	if f != nil {
		return f
	}
	m.findGroup()
	rows, f := m.rows()
	if f != nil {
		return f
	}
	lines, f := m.render(rows)
	if f != nil {
		return f
	}
	contact := m.contact()
	commercial := m.req.Settings.Commercial
	m.out.Contact = &contact
	m.out.Invoice = &books.Invoice{
		Number: number, Reference: reference(m.inv),
		Date: date, DueDate: date.AddDays(commercial.PaymentTermsDays), TermsDays: commercial.PaymentTermsDays,
		Currency: m.inv.Currency, Status: commercial.InitialStatus, Lines: lines, SourceURL: m.sourceURL(),
	}
	return nil
}

// number is the prefix and Magento's number, with the prefix once.
func (m *mapper) number() (string, *fault.Error) {
	prefix, increment := m.req.Settings.Commercial.NumberPrefix, m.inv.IncrementID
	input := fmt.Sprintf("prefix %q, increment id %q", prefix, increment)
	number := increment
	if !strings.HasPrefix(increment, prefix) {
		number = prefix + increment
	}
	switch {
	case !isPrintableASCII(prefix):
		return "", m.out.refuse("number", input, fault.Newf(fault.CodeInvalid, "The number prefix %q has characters that a document number cannot have.", prefix).
			WithFields(fault.Field{Path: "settings.commercial.numberPrefix", Code: "invalid_format", Message: "Printable ASCII only."}))
	case !isPrintableASCII(number) || len(number) > maxNumber || strings.TrimSpace(number) == "":
		return "", m.out.refuse("number", input, fault.Newf(fault.CodeMagentoDocument, "The invoice number %q is empty, longer than %d characters or not printable ASCII.", number, maxNumber).
			WithFields(fault.Field{Path: "increment_id", Code: "invalid_format", Message: "Printable ASCII, at most 255 characters."}))
	}
	m.out.note("number", input, number)
	return number, nil
}

func isPrintableASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// checkTotal refuses a total below zero: the books take such a document as a
// credit note only.
func (m *mapper) checkTotal() *fault.Error {
	if m.target.Gross.Sign() >= 0 {
		return nil
	}
	return m.out.refuse("total", m.show(m.target.Gross), fault.Newf(fault.CodeProviderRejected,
		"The invoice comes to %s %s; an invoice below zero cannot be booked and needs a credit note.", m.show(m.target.Gross), m.inv.Currency).
		WithFields(fault.Field{Path: "grand_total", Code: "out_of_range", Message: "Below zero."}))
}

func (m *mapper) checkCurrency() *fault.Error {
	if !m.req.Reference.HasCurrency(m.inv.Currency) {
		return m.out.refuse("currency", string(m.inv.Currency), fault.Newf(fault.CodeCurrencyNotSubscribed,
			"The organisation does not use the currency %s.", m.inv.Currency).
			WithFields(fault.Field{Path: "currency", Code: "not_in_reference", Message: "Not among the organisation's currencies."}))
	}
	m.out.note("currency", string(m.inv.Currency), "used by the organisation")
	return nil
}

// date is the invoice's day in the organisation's time zone, when it is open
// for booking.
func (m *mapper) date() (books.Date, *fault.Error) {
	if m.inv.CreatedAt.IsZero() {
		return books.Date{}, m.out.refuse("date", "created_at unreadable", fault.New(fault.CodeMagentoDocument, "The shop's invoice has no usable created_at.").
			WithFields(fault.Field{Path: "created_at", Code: "invalid_format", Message: "Missing or unusable."}))
	}
	date := books.DateOf(m.inv.CreatedAt, m.req.location())
	locked := m.req.Reference.Organisation.LockedUntil()
	input := fmt.Sprintf("created %s, zone %s", m.inv.CreatedAt.UTC().Format("2006-01-02T15:04:05Z"), m.req.location())
	if !locked.IsZero() && !date.After(locked) {
		return books.Date{}, m.out.refuse("date", input+", locked to "+locked.String(), fault.Newf(fault.CodePeriodLocked,
			"The invoice is of %s and the books are locked up to and including %s.", date, locked))
	}
	m.out.note("date", input, date.String())
	return date, nil
}

// findGroup finds where the customer is, for tax rates that depend on it.
func (m *mapper) findGroup() {
	country, home := destination(m.inv), m.req.Reference.Organisation.CountryCode
	m.group = countryGroup(country, home)
	m.out.note("country_group", fmt.Sprintf("to %q from %q", country, home), cmp.Or(string(m.group), "any"))
}

// reference marks the document as ours: Order 000000345 · PO 77.
func reference(inv commerce.Invoice) string {
	ref := "Order " + inv.OrderIncrementID
	switch {
	case inv.OrderIncrementID != "":
	case inv.OrderID > 0:
		ref = "Order id " + strconv.FormatInt(inv.OrderID, 10)
	default:
		ref = "Invoice " + inv.IncrementID
	}
	if po := tidy(inv.PONumber); po != "" {
		ref += " · PO " + po
	}
	return cut(ref, maxReference)
}

// sourceURL leads to the order in the shop.
func (m *mapper) sourceURL() string {
	if m.req.StoreURL == "" || m.inv.OrderID <= 0 {
		return ""
	}
	return strings.TrimRight(m.req.StoreURL, "/") + "/sales/order/view/order_id/" + strconv.FormatInt(m.inv.OrderID, 10) + "/"
}
