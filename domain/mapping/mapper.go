package mapping

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/settings"
)

const (
	maxNumber    = 255
	maxReference = 255
	// referenceGap stands between the parts of a reference.
	referenceGap = " · "
)

// document is what the rules look at in an invoice and in a credit memo alike.
type document struct {
	// name is what messages call the document.
	name              string
	incrementID       string
	websiteID         int64
	storeID           int64
	currency          money.Currency
	createdAt         time.Time
	lines             []commerce.Line
	shippingAmount    money.Amount
	shippingTaxAmount money.Amount
}

// mapper is one invoice or credit memo on its way to a decision.
type mapper struct {
	trail
	req Request
	doc document
	// minor is the smallest unit of the currency.
	minor  money.Amount
	target books.Totals
	// group is where the customer is, seen from the organisation.
	group     settings.CountryGroup
	rendering string
}

func newMapper(req Request, doc document, grandTotal, tax money.Amount) mapper {
	gross, tax := atLeastCents(doc.currency, grandTotal), atLeastCents(doc.currency, tax)
	return mapper{
		req: req, doc: doc, minor: money.Minor(1, doc.currency.MinorUnits()),
		target: books.Totals{Net: gross.Sub(tax), Tax: tax, Gross: gross},
	}
}

// atLeastCents cuts the third and fourth decimal that Magento's columns carry.
// Magento rounds to two places in every currency, so a currency without minor
// units keeps its two.
func atLeastCents(c money.Currency, a money.Amount) money.Amount {
	return a.RoundHalfUp(max(2, c.MinorUnits()))
}

// number is the prefix and Magento's number, with the prefix once.
func (m *mapper) number() (string, *fault.Error) {
	prefix, increment := m.req.Settings.Commercial.NumberPrefix, m.doc.incrementID
	input := fmt.Sprintf("prefix %q, increment id %q", prefix, increment)
	number := prefixed(prefix, increment)
	switch {
	case !isPrintableASCII(prefix):
		return "", m.refuse("number", input, fault.Newf(fault.CodeInvalid, "The number prefix %q has characters that a document number cannot have.", prefix).
			WithFields(fault.Field{Path: "settings.commercial.numberPrefix", Code: "invalid_format", Message: "Printable ASCII only."}))
	case !isPrintableASCII(number) || len(number) > maxNumber || strings.TrimSpace(number) == "":
		return "", m.refuse("number", input, fault.Newf(fault.CodeMagentoDocument, "The %s number %q is empty, longer than %d characters or not printable ASCII.", m.doc.name, number, maxNumber).
			WithFields(fault.Field{Path: "increment_id", Code: "invalid_format", Message: "Printable ASCII, at most 255 characters."}))
	}
	m.note("number", input, number)
	return number, nil
}

func prefixed(prefix, increment string) string {
	if strings.HasPrefix(increment, prefix) {
		return increment
	}
	return prefix + increment
}

func isPrintableASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// checkTotal refuses a total below zero: the books take such a document only as
// one of the opposite kind.
func (m *mapper) checkTotal(one, opposite string) *fault.Error {
	if m.target.Gross.Sign() >= 0 {
		return nil
	}
	return m.refuse("total", m.show(m.target.Gross), fault.Newf(fault.CodeProviderRejected,
		"The %s comes to %s %s; %s below zero cannot be booked and needs %s.", m.doc.name, m.show(m.target.Gross), m.doc.currency, one, opposite).
		WithFields(fault.Field{Path: "grand_total", Code: "out_of_range", Message: "Below zero."}))
}

func (m *mapper) checkCurrency() *fault.Error {
	if !m.req.Reference.HasCurrency(m.doc.currency) {
		return m.refuse("currency", string(m.doc.currency), fault.Newf(fault.CodeCurrencyNotSubscribed,
			"The organisation does not use the currency %s.", m.doc.currency).
			WithFields(fault.Field{Path: "currency", Code: "not_in_reference", Message: "Not among the organisation's currencies."}))
	}
	m.note("currency", string(m.doc.currency), "used by the organisation")
	return nil
}

// date is the document's day, when it is open for booking.
func (m *mapper) date() (books.Date, *fault.Error) {
	return m.bookingDate(m.req, m.doc.name, "created", "created_at", m.doc.createdAt)
}

// bookingDate is the day of an event in the organisation's time zone, when it
// is open for booking. verb says what happened then, field where the shop has
// the time.
func (t *trail) bookingDate(req Request, what, verb, field string, at time.Time) (books.Date, *fault.Error) {
	if at.IsZero() {
		return books.Date{}, t.refuse("date", field+" unreadable", fault.Newf(fault.CodeMagentoDocument, "The shop's %s has no usable %s.", what, field).
			WithFields(fault.Field{Path: field, Code: "invalid_format", Message: "Missing or unusable."}))
	}
	date := books.DateOf(at, req.location())
	locked := req.Reference.Organisation.LockedUntil()
	input := fmt.Sprintf("%s %s, zone %s", verb, at.UTC().Format("2006-01-02T15:04:05Z"), req.location())
	if !locked.IsZero() && !date.After(locked) {
		return books.Date{}, t.refuse("date", input+", locked to "+locked.String(), fault.Newf(fault.CodePeriodLocked,
			"The %s is of %s and the books are locked up to and including %s.", what, date, locked))
	}
	t.note("date", input, date.String())
	return date, nil
}

// findGroup finds where the customer is, for tax rates that depend on it.
func (m *mapper) findGroup(country string) {
	home := m.req.Reference.Organisation.CountryCode
	m.group = countryGroup(country, home)
	m.note("country_group", fmt.Sprintf("to %q from %q", country, home), cmp.Or(string(m.group), "any"))
}

func (m *mapper) places() int32 { return m.doc.currency.MinorUnits() }

func (m *mapper) show(a money.Amount) string { return show(a, m.doc.currency) }

// share puts a total on weights without losing a unit: the currency's smallest,
// or a hundredth where Magento's total has them regardless.
func (m *mapper) share(total money.Amount, weights []money.Amount) []money.Amount {
	return money.LargestRemainder(total, weights, max(m.places(), total.Places()))
}
