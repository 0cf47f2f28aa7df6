package xero

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// documentDraft lays an input over a document and gathers what is wrong with
// the result.
type documentDraft struct {
	org      *organisation
	document document
	in       documentInput
	now      time.Time
	places   int32
	reasons  []string
}

func (o *organisation) draft(start document, in documentInput, c *call) *documentDraft {
	return &documentDraft{org: o, document: start, in: in, now: c.now, places: c.places()}
}

func (d *documentDraft) refuse(format string, values ...any) {
	d.reasons = append(d.reasons, fmt.Sprintf(format, values...))
}

// number gives the document the number sent, unless another one of its type
// bears it.
func (d *documentDraft) number(self *document) {
	sent := d.in.number
	if sent == "" {
		return
	}
	if len(sent) > 255 || strings.ContainsFunc(sent, func(r rune) bool { return r < ' ' || r > '~' }) {
		d.refuse("%s # must consist of at most 255 printable ASCII characters", d.document.kind.noun())
	}
	if other := d.org.book(d.document.kind).byNumber[sent]; other != nil && other != self {
		d.refuse("%s # must be unique.", d.document.kind.noun())
	}
	d.document.number = sent
}

func (d *documentDraft) initialStatus() {
	if d.in.Status == nil {
		return
	}
	d.document.status = *d.in.Status
	if !slices.Contains([]string{statusDraft, statusSubmitted, statusAuthorised}, *d.in.Status) {
		d.refuse("A new document cannot have the status %s", *d.in.Status)
	}
}

// mayChange tells whether the document is open to this change at all. Once money
// or credit is on it, what it says about amounts and dates stands.
func (d *documentDraft) mayChange(found *document) bool {
	in := d.in
	substance := in.LineItems != nil || in.Date != nil || in.CurrencyCode != nil || in.CurrencyRate != nil || in.LineAmountTypes != nil
	switch found.status {
	case statusVoided, statusDeleted:
		return false
	case statusPaid:
		return !substance && in.Status == nil
	default:
		return !found.settledInPart() || !substance && in.Status == nil
	}
}

func (d *documentDraft) moveStatus(found *document) {
	to := text(d.in.Status)
	if to == "" {
		return
	}
	allowed := map[string][]string{
		statusDraft:      {statusDraft, statusSubmitted, statusAuthorised, statusDeleted},
		statusSubmitted:  {statusSubmitted, statusDraft, statusAuthorised, statusDeleted},
		statusAuthorised: {statusAuthorised, statusVoided},
	}
	if !slices.Contains(allowed[found.status], to) {
		d.refuse("%s not of valid status for modification: %s cannot become %s", found.kind.noun(), found.status, to)
		return
	}
	d.document.status = to
}

func (d *documentDraft) approved() bool { return d.document.status != statusDraft }

// fill applies everything but number, status and contact.
func (d *documentDraft) fill() {
	in, doc := d.in, &d.document
	if in.Type != nil && documentType(*in.Type) != doc.kind {
		d.refuse("The sandbox keeps the sales side only: Type must be %s", doc.kind)
	}
	for target, sent := range map[*string]*string{&doc.reference: in.Reference, &doc.url: in.URL, &doc.theme: in.BrandingThemeID} {
		if sent != nil {
			*target = *sent
		}
	}
	if in.SentToContact != nil {
		doc.sent = *in.SentToContact
	}
	if doc.sent && doc.status != statusAuthorised && doc.status != statusPaid {
		d.refuse("SentToContact can be set on an approved document only")
	}
	if len([]rune(doc.reference)) > 255 {
		d.refuse("Reference must not be longer than 255 characters")
	}
	if doc.theme != "" && !d.org.hasTheme(doc.theme) {
		d.refuse("The branding theme does not exist")
	}
	d.link()
	d.dates()
	d.money()
	d.lines()
}

func (d *documentDraft) link() {
	if d.document.url == "" {
		return
	}
	target, err := url.Parse(d.document.url)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		d.refuse("Url must be a valid absolute address")
		return
	}
	if host := strings.ToLower(target.Hostname()); host == "xero.com" || strings.HasSuffix(host, ".xero.com") {
		d.refuse("Url must not point to a Xero address")
	}
}

func (d *documentDraft) dates() {
	for target, sent := range map[*time.Time]*calendarDate{
		&d.document.date: d.in.Date, &d.document.due: d.in.DueDate, &d.document.expected: d.in.ExpectedPaymentDate,
	} {
		if sent != nil {
			*target = sent.Time
		}
	}
	if d.document.kind == typeSales && d.approved() && d.document.due.IsZero() {
		d.refuse("DueDate is required for an approved or submitted invoice")
	}
	if d.document.status == statusAuthorised || d.document.status == statusPaid {
		if lock := d.org.locked(d.document.date); lock != "" {
			d.refuse("%s", lock)
		}
	}
}

func (d *documentDraft) money() {
	in, doc := d.in, &d.document
	if in.LineAmountTypes != nil && *in.LineAmountTypes != doc.amounts {
		doc.amounts = *in.LineAmountTypes
		if in.LineItems == nil {
			d.refuse("LineAmountTypes can be changed together with the line items only")
		}
	}
	if !slices.Contains([]string{amountsExclusive, amountsInclusive, amountsNoTax}, doc.amounts) {
		d.refuse("LineAmountTypes %q is not known", doc.amounts)
	}
	if in.CurrencyCode != nil && *in.CurrencyCode != "" {
		doc.currency = *in.CurrencyCode
	}
	rate, subscribed := d.org.dayRate(doc.currency)
	if !subscribed {
		d.refuse("The organisation is not subscribed to currency %s", doc.currency)
	}
	switch {
	case doc.currency == d.org.profile.BaseCurrency:
		doc.rate = decimal.NewFromInt(1)
	case in.CurrencyRate != nil && !in.CurrencyRate.IsPositive():
		d.refuse("CurrencyRate must be greater than zero")
	case in.CurrencyRate != nil:
		doc.rate = in.CurrencyRate.Round(6)
	case doc.rate.IsZero() || in.CurrencyCode != nil:
		doc.rate = rate
	}
}

func (d *documentDraft) lines() {
	doc := &d.document
	if d.in.LineItems == nil && d.approved() {
		for _, kept := range doc.lines {
			if reason := kept.unfit(); reason != "" {
				d.refuse("%s", reason)
			}
		}
	}
	if d.in.LineItems != nil {
		doc.lines = nil
		if len(*d.in.LineItems) == 0 {
			d.refuse("One or more line items must be specified")
		}
		for _, sent := range *d.in.LineItems {
			built, reasons := d.org.buildLine(sent, lineTerms{
				amounts: doc.amounts, approved: d.approved(), places: d.places, discounts: doc.kind == typeSales,
			})
			d.reasons = append(d.reasons, reasons...)
			doc.lines = append(doc.lines, built)
		}
	}
	doc.add()
	if doc.total.IsNegative() {
		d.refuse("The total of the document must not be less than zero")
	}
	for _, sum := range []struct {
		sent *decimal.Decimal
		real decimal.Decimal
		name string
	}{{d.in.SubTotal, doc.subTotal, "sub total"}, {d.in.TotalTax, doc.totalTax, "tax total"}, {d.in.Total, doc.total, "total"}} {
		if sum.sent != nil && !sum.sent.Equal(sum.real) {
			d.refuse("The document %s %s does not equal the sum of the lines %s", sum.name, sum.sent.StringFixed(2), sum.real.StringFixed(2))
		}
	}
}

// documentContact finds the contact of a document: by identifier, by number,
// by name, or newly made of a name. Properties beside the identifier change the
// contact, and persons that are not listed are lost.
func (o *organisation) documentContact(in contactInput, now time.Time, j *journal) (*contact, []string) {
	id := text(in.ContactID)
	if id == "" || idKey(id) == uuid.Nil.String() {
		if text(in.ContactNumber) == "" && text(in.Name) == "" {
			return nil, []string{"The contact must contain at least 1 of the following elements to identify it: ContactID, ContactNumber, Name"}
		}
		return o.upsertContact(in, now, j)
	}
	found := o.contacts.byID[idKey(id)]
	switch {
	case found == nil:
		return nil, []string{"The contact with the given ContactID could not be found"}
	case !found.active():
		return nil, []string{fmt.Sprintf("The contact %s has been archived", found.name)}
	case in.onlyID():
		return found, nil
	}
	if in.ContactPersons == nil {
		in.ContactPersons = &[]contactPerson{}
	}
	return o.upsertContact(in, now, j)
}
