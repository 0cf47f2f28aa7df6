// Package books holds provider-neutral bookkeeping documents and the arithmetic
// a provider applies to them, so that totals are known before anything is sent.
//
// These types are stored as JSON with a run's intent; fields may be added and
// are never renamed.
package books

import "byte8.io/ledger/domain/money"

// InvoiceStatus is the state a document is created in.
type InvoiceStatus string

// The states a document can be created in.
const (
	StatusDraft      InvoiceStatus = "DRAFT"
	StatusSubmitted  InvoiceStatus = "SUBMITTED"
	StatusAuthorised InvoiceStatus = "AUTHORISED"
)

// Invoice is a sales invoice as it shall stand in the books. Line amounts are
// exclusive of tax.
type Invoice struct {
	// Number is unique among the organisation's sales invoices and derives from
	// Magento's, so that it can be looked up after anything uncertain.
	Number string `json:"number"`
	// Reference marks the document as ours and carries the order number.
	Reference string `json:"reference"`
	// ContactID is the provider's id of the contact.
	ContactID string         `json:"contactId"`
	Date      Date           `json:"date"`
	DueDate   Date           `json:"dueDate"`
	TermsDays int            `json:"termsDays"`
	Currency  money.Currency `json:"currency"`
	Status    InvoiceStatus  `json:"status"`
	Lines     []Line         `json:"lines"`
	// SourceURL leads back to the shop's order; empty for none.
	SourceURL string `json:"sourceUrl,omitempty"`
}

// Line is one line of an invoice or a credit note.
type Line struct {
	Description string       `json:"description"`
	Quantity    money.Amount `json:"quantity"`
	// UnitAmount is net and has at most four decimals.
	UnitAmount money.Amount `json:"unitAmount"`
	// Discount is net and taken off the whole line; zero for none.
	Discount    money.Amount `json:"discount"`
	AccountCode string       `json:"accountCode,omitempty"`
	TaxType     string       `json:"taxType"`
	// TaxPercent is the tax type's rate, for the arithmetic beforehand.
	TaxPercent money.Amount `json:"taxPercent"`
	// TaxAmount overrides what the provider would compute; nil lets it compute.
	TaxAmount *money.Amount `json:"taxAmount,omitempty"`
}

// Net is the line's amount after discount, rounded to the currency as the
// provider does.
func (l Line) Net(c money.Currency) money.Amount {
	return l.Quantity.Mul(l.UnitAmount).Sub(l.Discount).RoundHalfUp(c.MinorUnits())
}

// Tax is the line's tax: what is stated, else the rate on the net amount,
// rounded half away from zero as Xero does per line.
func (l Line) Tax(c money.Currency) money.Amount {
	if l.TaxAmount != nil {
		return *l.TaxAmount
	}
	return l.Net(c).Percent(l.TaxPercent).RoundHalfUp(c.MinorUnits())
}

// Totals are a document's totals in its currency.
type Totals struct {
	Net   money.Amount `json:"net"`
	Tax   money.Amount `json:"tax"`
	Gross money.Amount `json:"gross"`
}

// Equal reports whether all three totals are the same numbers.
func (t Totals) Equal(o Totals) bool {
	return t.Net.Equal(o.Net) && t.Tax.Equal(o.Tax) && t.Gross.Equal(o.Gross)
}

// Simulate is what the provider will make of the lines: tax per line, rounded,
// then summed. Source: Xero rounds each line's tax and adds the results.
func Simulate(c money.Currency, lines []Line) Totals {
	var t Totals
	for _, l := range lines {
		t.Net = t.Net.Add(l.Net(c))
		t.Tax = t.Tax.Add(l.Tax(c))
	}
	t.Gross = t.Net.Add(t.Tax)
	return t
}

// Totals is [Simulate] of the invoice.
func (i Invoice) Totals() Totals { return Simulate(i.Currency, i.Lines) }
