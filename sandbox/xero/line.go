package xero

import (
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// line is a line of a document. A text line has a description and nothing
// else.
type line struct {
	id, description        string
	text                   bool
	quantity, unit, amount decimal.Decimal
	tax, discount          decimal.Decimal
	discountRate           *decimal.Decimal
	discountAmount         *decimal.Decimal
	account                *account
	itemCode, taxType      string
	tracking               []trackingChoice
}

type trackingChoice struct {
	TrackingCategoryID string `json:"TrackingCategoryID"`
	TrackingOptionID   string `json:"TrackingOptionID"`
	Name               string `json:"Name"`
	Option             string `json:"Option"`
}

type lineInput struct {
	LineItemID     string           `json:"LineItemID"`
	Description    string           `json:"Description"`
	Quantity       *decimal.Decimal `json:"Quantity"`
	UnitAmount     *decimal.Decimal `json:"UnitAmount"`
	LineAmount     *decimal.Decimal `json:"LineAmount"`
	ItemCode       string           `json:"ItemCode"`
	AccountCode    string           `json:"AccountCode"`
	AccountID      string           `json:"AccountID"`
	TaxType        string           `json:"TaxType"`
	TaxAmount      *decimal.Decimal `json:"TaxAmount"`
	DiscountRate   *decimal.Decimal `json:"DiscountRate"`
	DiscountAmount *decimal.Decimal `json:"DiscountAmount"`
	Tracking       []trackingChoice `json:"Tracking"`
}

// lineTerms are what a document lays down for its lines.
type lineTerms struct {
	amounts   string
	approved  bool // the document is more than a draft
	places    int32
	discounts bool // lines may carry a discount
}

// lineBuilder gathers what is wrong with one line.
type lineBuilder struct {
	org     *organisation
	in      lineInput
	terms   lineTerms
	line    line
	reasons []string
}

func (b *lineBuilder) refuse(format string, values ...any) {
	b.reasons = append(b.reasons, fmt.Sprintf(format, values...))
}

// buildLine makes a line of what was sent, or tells why it cannot.
func (o *organisation) buildLine(in lineInput, terms lineTerms) (line, []string) {
	b := &lineBuilder{org: o, in: in, terms: terms}
	b.item()
	b.line.description = b.in.Description
	b.line.id = idKey(in.LineItemID)
	if b.line.id == "" {
		b.line.id = uuid.NewString()
	}
	if b.line.description == "" && terms.approved {
		b.refuse("Description is required for every line of an approved document")
	}
	if len([]rune(b.line.description)) > 4000 {
		b.refuse("Description must not be longer than 4000 characters")
	}
	if b.isText() {
		b.line.text, b.line.taxType = true, "NONE"
		return b.line, b.reasons
	}
	b.price()
	b.post()
	b.taxes()
	b.track()
	return b.line, b.reasons
}

// item fills in from the item what the line leaves out.
func (b *lineBuilder) item() {
	in := &b.in
	if in.ItemCode == "" {
		return
	}
	found := b.org.items.byCode[in.ItemCode]
	if found == nil || !found.sold {
		b.refuse("Item code '%s' is not valid", in.ItemCode)
		return
	}
	b.line.itemCode = found.code
	if in.Description == "" {
		in.Description = found.description
	}
	if in.UnitAmount == nil && in.LineAmount == nil {
		in.UnitAmount = found.sales.price
	}
	if in.AccountCode == "" && in.AccountID == "" {
		in.AccountCode = found.sales.account
	}
	if in.TaxType == "" {
		in.TaxType = found.sales.taxType
	}
}

func (b *lineBuilder) isText() bool {
	in := b.in
	return in.Quantity == nil && in.UnitAmount == nil && in.LineAmount == nil && in.AccountCode == "" && in.AccountID == "" && in.ItemCode == ""
}

// unfit tells why a line that is kept cannot stand on an approved document.
func (l line) unfit() string {
	switch {
	case l.description == "":
		return "Description is required for every line of an approved document"
	case !l.text && l.account == nil:
		return "Account code or ID must be specified"
	case !l.text && l.taxType == "":
		return "TaxType must be specified"
	default:
		return ""
	}
}

// price works out the line amount after discount.
func (b *lineBuilder) price() {
	l, in := &b.line, b.in
	l.quantity = decimal.NewFromInt(1)
	if in.Quantity != nil {
		l.quantity = in.Quantity.Round(4)
	}
	switch {
	case in.UnitAmount != nil:
		l.unit = in.UnitAmount.Round(b.terms.places)
	case in.LineAmount != nil && !l.quantity.IsZero():
		l.unit = in.LineAmount.DivRound(l.quantity, b.terms.places)
	}
	gross := l.quantity.Mul(l.unit)
	l.amount = gross.Round(2)
	b.deduct(gross)
	if in.LineAmount != nil {
		if in.UnitAmount == nil {
			l.amount = in.LineAmount.Round(2)
		}
		if sent := in.LineAmount.Round(2); !sent.Equal(l.amount) {
			b.refuse("The line total %s does not match the expected line total %s", sent.StringFixed(2), l.amount.StringFixed(2))
		}
	}
	if l.amount.Abs().GreaterThan(decimal.RequireFromString("9999999999.99")) {
		b.refuse("The line total is out of range")
	}
}

func (b *lineBuilder) deduct(gross decimal.Decimal) {
	l, in := &b.line, b.in
	hundred := decimal.NewFromInt(100)
	switch {
	case !b.terms.discounts:
		if in.DiscountRate != nil || in.DiscountAmount != nil {
			b.refuse("Discounts are not supported on credit notes: neither DiscountRate nor DiscountAmount can be given")
		}
	case in.DiscountRate != nil && in.DiscountAmount != nil && !in.DiscountRate.IsZero() && !in.DiscountAmount.IsZero():
		b.refuse("Only one of DiscountRate and DiscountAmount can be given")
	case in.DiscountRate != nil && !in.DiscountRate.IsZero():
		if in.DiscountRate.IsNegative() || in.DiscountRate.GreaterThan(hundred) {
			b.refuse("Discount must not be greater than 100 percent or less than zero")
		}
		l.discountRate = in.DiscountRate
		l.amount = gross.Mul(hundred.Sub(*in.DiscountRate)).DivRound(hundred, 12).Round(2)
	case in.DiscountAmount != nil && !in.DiscountAmount.IsZero():
		discount := in.DiscountAmount.Round(2)
		if discount.IsNegative() || discount.GreaterThan(l.amount) {
			b.refuse("Discount must not be greater than the line total or less than zero")
		}
		l.discountAmount = &discount
		l.amount = l.amount.Sub(discount)
	}
	l.discount = gross.Round(2).Sub(l.amount)
}

// post finds the account.
func (b *lineBuilder) post() {
	if b.in.AccountCode == "" && b.in.AccountID == "" {
		if b.terms.approved {
			b.refuse("Account code or ID must be specified")
		}
		return
	}
	found := b.org.postable(b.in.AccountCode, b.in.AccountID)
	if found == nil {
		b.refuse("Account code '%s' is not a valid code for this document.", b.in.AccountCode+b.in.AccountID)
		return
	}
	b.line.account = found
}

// taxes finds the tax type and the tax of the line, rounded to two places half
// away from zero. A tax that was sent is taken as it is, within its bounds.
func (b *lineBuilder) taxes() {
	l := &b.line
	l.taxType = b.in.TaxType
	if l.taxType == "" && l.account != nil {
		l.taxType = l.account.TaxType
	}
	if b.terms.amounts == amountsNoTax {
		l.taxType = "NONE"
		return
	}
	if l.taxType == "" {
		if b.terms.approved && l.account != nil {
			b.refuse("TaxType must be specified")
		}
		return
	}
	rate, reason := b.org.applicable(l.taxType, l.account, "REVENUE")
	if reason != "" {
		b.refuse("%s", reason)
		return
	}
	l.tax = rate.percentOf(l.amount, b.terms.amounts == amountsInclusive)
	if b.in.TaxAmount == nil {
		return
	}
	l.tax = b.in.TaxAmount.Round(2)
	if l.tax.Abs().GreaterThan(l.amount.Abs()) {
		b.refuse("The TaxAmount cannot be greater than the line amount")
	}
	if !l.tax.IsZero() && l.tax.Sign() != l.amount.Sign() {
		b.refuse("The TaxAmount must have the sign of the line amount")
	}
}

func (b *lineBuilder) track() {
	if len(b.in.Tracking) > 2 {
		b.refuse("A line has no more than 2 tracking categories")
	}
	for _, sent := range b.in.Tracking {
		choice, ok := b.org.trackingChoice(sent)
		if !ok {
			b.refuse("The tracking category '%s' with the option '%s' does not exist", sent.Name, sent.Option)
			continue
		}
		b.line.tracking = append(b.line.tracking, choice)
	}
}

func (o *organisation) trackingChoice(sent trackingChoice) (trackingChoice, bool) {
	for _, category := range o.tracking {
		if !strings.EqualFold(category.Name, sent.Name) && !strings.EqualFold(category.id, sent.TrackingCategoryID) {
			continue
		}
		for _, name := range category.Options {
			id := category.options[strings.ToLower(name)]
			if strings.EqualFold(name, sent.Option) || strings.EqualFold(id, sent.TrackingOptionID) {
				return trackingChoice{TrackingCategoryID: category.id, TrackingOptionID: id, Name: category.Name, Option: name}, true
			}
		}
	}
	return trackingChoice{}, false
}
