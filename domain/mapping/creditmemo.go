package mapping

import (
	"fmt"
	"slices"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
)

// Parent is the invoice a credit memo refunds, as it stands in the books.
type Parent struct {
	// Number and Date go into the credit note's reference.
	Number string
	Date   books.Date
	// ContactID is the provider's id of the invoice's contact. Credit can be
	// allocated to an invoice of the same contact only.
	ContactID string
	// Total is gross.
	Total money.Amount
	// Credited is the gross of the invoice's other credit notes.
	Credited money.Amount
}

// CreditMemoDecision is what becomes of a credit memo. Exactly one of three
// holds: CreditNote and Contact are set, Skip is set, or Fault is set.
type CreditMemoDecision struct {
	// CreditNote has the contact of the invoice it refunds. Without such an
	// invoice it lacks the contact's id, and Contact is who it is.
	CreditNote *books.CreditNote
	Contact    *books.Contact
	Skip       syncrun.SkipReason
	Fault      *fault.Error
	// Trace is every rule consulted, in order.
	Trace []syncrun.Step
	// MagentoTotals are the totals Magento has. The credit note comes to them,
	// less the cents by which it would exceed what is left of its invoice.
	MagentoTotals books.Totals
	// Rendering names the way the lines were put: one of the Rendering constants.
	Rendering string
}

// CreditMemo decides what becomes of a Magento credit memo. parent is the
// invoice it refunds as it stands in the books; nil when the memo has none, or
// the books do not hold it.
func CreditMemo(req Request, memo commerce.CreditMemo, parent *Parent) CreditMemoDecision {
	m := memoMapper{
		mapper: newMapper(req, document{
			name: "credit memo", incrementID: memo.IncrementID, websiteID: memo.WebsiteID,
			currency: memo.Currency, createdAt: memo.CreatedAt, lines: memo.Lines,
			shippingAmount: memo.ShippingAmount, shippingTaxAmount: memo.ShippingTaxAmount,
		}, memo.GrandTotal, memoTax(memo)),
		memo: memo, parent: parent,
	}
	out := CreditMemoDecision{MagentoTotals: m.target}
	if out.Skip = m.ask(m.filterZeroValue, m.filterSince, m.filterWebsite, m.filterStore); out.Skip == "" {
		out.Fault = m.build(&out)
	}
	out.Trace, out.Rendering = m.trail, m.rendering
	return out
}

// memoTax is the sum of the tax a credit memo names: it has no total of it.
func memoTax(memo commerce.CreditMemo) money.Amount {
	tax := atLeastCents(memo.Currency, memo.ShippingTaxAmount)
	for _, line := range memo.Lines {
		tax = tax.Add(atLeastCents(memo.Currency, line.Tax))
	}
	return tax
}

// memoMapper is one credit memo on its way to a decision.
type memoMapper struct {
	mapper
	memo   commerce.CreditMemo
	parent *Parent
}

// build fills the decision's document, or says why there is none.
func (m *memoMapper) build(out *CreditMemoDecision) *fault.Error {
	number, f := m.number()
	if f != nil {
		return f
	}
	if f := m.checkTotal("a credit memo", "an invoice"); f != nil {
		return f
	}
	if f := m.checkCurrency(); f != nil {
		return f
	}
	date, f := m.date()
	if f != nil {
		return f
	}
	excess, f := m.excess()
	if f != nil {
		return f
	}
	m.findGroup(customerCountry(m.memo.Customer))
	rows, f := m.rows()
	if f != nil {
		return f
	}
	lines, f := m.render(rows)
	if f != nil {
		return f
	}
	if lines, f = m.takeOff(lines, excess); f != nil {
		return f
	}
	contact := m.contact(m.memo.Customer, nil, nil, m.memo.IncrementID)
	out.Contact = &contact
	out.CreditNote = &books.CreditNote{
		Number: number, Reference: m.reference(), Date: date, Currency: m.memo.Currency,
		Status: m.req.Settings.Commercial.InitialStatus, Lines: lines,
	}
	if m.parent != nil && m.parent.ContactID != "" {
		m.note("credit_contact", "invoice "+m.parent.Number, m.parent.ContactID)
		out.CreditNote.ContactID = m.parent.ContactID
	}
	return nil
}

// reference marks the credit note as ours and names the invoice it refunds:
// Invoice 000000101 · 2026-10-01, or Refund 000000012 when it has none.
func (m *memoMapper) reference() string {
	number, date := m.memo.InvoiceIncrementID, books.Date{}
	if number != "" {
		number = prefixed(m.req.Settings.Commercial.NumberPrefix, number)
	}
	if at := m.memo.InvoiceCreatedAt; !at.IsZero() {
		date = books.DateOf(at, m.req.location())
	}
	if m.parent != nil {
		number, date = m.parent.Number, m.parent.Date
	}
	switch {
	case number == "":
		return cut("Refund "+m.memo.IncrementID, maxReference)
	case date.IsZero():
		return cut("Invoice "+number, maxReference)
	}
	return cut("Invoice "+number+referenceGap+date.String(), maxReference)
}

// excess is by how much the invoice's credit notes would exceed it with this
// one. Cents are left to the last note to give up; more is held.
func (m *memoMapper) excess() (money.Amount, *fault.Error) {
	if m.parent == nil {
		return money.Zero, nil
	}
	credited := m.parent.Credited.Add(m.target.Gross)
	excess, tolerance := credited.Sub(m.parent.Total), m.req.Settings.Defaults.RoundingTolerance
	input := fmt.Sprintf("credited %s of %s, this one %s", m.show(m.parent.Credited), m.show(m.parent.Total), m.show(m.target.Gross))
	switch {
	case excess.Sign() <= 0 || m.target.Gross.IsZero():
		m.note("credit_limit", input, "fits")
		return money.Zero, nil
	case excess.Cmp(tolerance) > 0 || excess.Cmp(m.target.Gross) >= 0:
		return money.Zero, m.refuse("credit_limit", input, m.creditExceeds(credited))
	}
	m.note("credit_limit", input, m.show(excess)+" too much, within the tolerance: the note takes what is left")
	return excess, nil
}

func (m *memoMapper) creditExceeds(credited money.Amount) *fault.Error {
	return fault.Newf(fault.CodeCreditExceedsInvoice,
		"The credit notes of invoice %s would come to %s %s, and the invoice to %s.",
		m.parent.Number, m.memo.Currency, m.show(credited), m.show(m.parent.Total)).
		WithFields(fault.Field{Path: "grand_total", Code: "out_of_range", Message: "More than is left of the invoice."})
}

// takeOff takes the excess off a credit note as a rounding line.
func (m *memoMapper) takeOff(lines []books.Line, excess money.Amount) ([]books.Line, *fault.Error) {
	if excess.IsZero() {
		return lines, nil
	}
	line, why := m.roundingLine(excess.Neg())
	left := m.target.Gross.Sub(excess)
	reduced := append(slices.Clone(lines), line)
	for _, c := range []money.Currency{twoPlaces, m.memo.Currency} {
		if why == "" && !books.Simulate(c, reduced).Gross.Equal(left) {
			why = "the currency does not have what is too much"
		}
	}
	if why != "" {
		return nil, m.refuse("credit_limit", why, m.creditExceeds(m.parent.Credited.Add(m.target.Gross)))
	}
	m.note("credit_limit", "rounding line "+m.show(line.UnitAmount), m.show(left)+" is left")
	m.rendering = RenderingRoundingLine
	return reduced, nil
}
