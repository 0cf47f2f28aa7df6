package xero

import (
	"slices"

	"github.com/shopspring/decimal"
)

type lineView struct {
	LineItemID     string           `json:"LineItemID"`
	Description    string           `json:"Description,omitempty"`
	Quantity       *amount          `json:"Quantity,omitempty"`
	UnitAmount     *amount          `json:"UnitAmount,omitempty"`
	LineAmount     *amount          `json:"LineAmount,omitempty"`
	ItemCode       string           `json:"ItemCode,omitempty"`
	TaxType        string           `json:"TaxType,omitempty"`
	TaxAmount      *amount          `json:"TaxAmount,omitempty"`
	DiscountRate   *amount          `json:"DiscountRate,omitempty"`
	DiscountAmount *amount          `json:"DiscountAmount,omitempty"`
	AccountCode    string           `json:"AccountCode,omitempty"`
	AccountID      string           `json:"AccountID,omitempty"`
	Tracking       []trackingChoice `json:"Tracking"`
}

// paymentReference is a payment as its document lists it: without its account.
type paymentReference struct {
	PaymentID           string `json:"PaymentID"`
	Date                string `json:"Date"`
	Amount              amount `json:"Amount"`
	Reference           string `json:"Reference,omitempty"`
	CurrencyRate        amount `json:"CurrencyRate"`
	HasAccount          bool   `json:"HasAccount"`
	HasValidationErrors bool   `json:"HasValidationErrors"`
}

type documentDetail int

const (
	documentSummary documentDetail = iota // without lines, payments and allocations
	fullDocument
)

// view shows a document with unit amounts of the given number of places.
func (d *document) view(places int32, detail documentDetail) any {
	if d.kind == typeCredit {
		return d.creditNoteView(places, detail)
	}
	return d.invoiceView(places, detail)
}

func (d *document) lineViews(places int32) *[]lineView {
	views := make([]lineView, 0, len(d.lines))
	for _, l := range d.lines {
		views = append(views, l.view(places))
	}
	return &views
}

func (d *document) paymentReferences() *[]paymentReference {
	references := make([]paymentReference, 0, len(d.payments))
	for _, p := range d.payments {
		references = append(references, paymentReference{
			PaymentID: p.id, Date: msDate(p.date), Amount: amount(p.amount), Reference: p.reference, CurrencyRate: amount(p.rate),
		})
	}
	return &references
}

func shown(d decimal.Decimal) *amount {
	a := amount(d)
	return &a
}

func (l line) view(places int32) lineView {
	v := lineView{LineItemID: l.id, Description: l.description, ItemCode: l.itemCode, Tracking: slices.Clone(l.tracking)}
	if v.Tracking == nil {
		v.Tracking = []trackingChoice{}
	}
	if l.text {
		return v
	}
	v.Quantity, v.UnitAmount, v.LineAmount = shown(l.quantity), shown(l.unit.Round(places)), shown(l.amount)
	v.TaxType, v.TaxAmount = l.taxType, shown(l.tax)
	if l.discountRate != nil {
		v.DiscountRate = shown(*l.discountRate)
	}
	if l.discountAmount != nil {
		v.DiscountAmount = shown(*l.discountAmount)
	}
	if l.account != nil {
		v.AccountCode, v.AccountID = l.account.Code, l.account.id
	}
	return v
}

func (c *call) readDocument(t documentType) answer {
	found := c.organisation.book(t).find(c.request.PathValue("ref"))
	if found == nil {
		return absent()
	}
	return c.envelope(t.plural(), []any{found.view(c.places(), fullDocument)}, nil)
}
