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

// invoiceDraft lays an input over an invoice and gathers what is wrong with
// the result.
type invoiceDraft struct {
	org     *organisation
	invoice invoice
	in      invoiceInput
	now     time.Time
	places  int32
	reasons []string
}

func (o *organisation) draft(start invoice, in invoiceInput, c *call) *invoiceDraft {
	return &invoiceDraft{org: o, invoice: start, in: in, now: c.now, places: c.places()}
}

func (d *invoiceDraft) refuse(format string, values ...any) {
	d.reasons = append(d.reasons, fmt.Sprintf(format, values...))
}

// number gives the invoice the number sent, unless another one bears it.
func (d *invoiceDraft) number(self *invoice) {
	sent := text(d.in.InvoiceNumber)
	if sent == "" {
		return
	}
	if len(sent) > 255 || strings.ContainsFunc(sent, func(r rune) bool { return r < ' ' || r > '~' }) {
		d.refuse("Invoice # must consist of at most 255 printable ASCII characters")
	}
	if other := d.org.invoices.byNumber[sent]; other != nil && other != self {
		d.refuse("Invoice # must be unique.")
	}
	d.invoice.number = sent
}

func (d *invoiceDraft) initialStatus() {
	if d.in.Status == nil {
		return
	}
	d.invoice.status = *d.in.Status
	if !slices.Contains([]string{statusDraft, statusSubmitted, statusAuthorised}, *d.in.Status) {
		d.refuse("A new invoice cannot have the status %s", *d.in.Status)
	}
}

// mayChange tells whether the invoice is open to this change at all. Once money
// is on it, what it says about amounts and dates stands.
func (d *invoiceDraft) mayChange(found *invoice) bool {
	in := d.in
	substance := in.LineItems != nil || in.Date != nil || in.CurrencyCode != nil || in.CurrencyRate != nil || in.LineAmountTypes != nil
	switch found.status {
	case statusVoided, statusDeleted:
		return false
	case statusPaid:
		return !substance && in.Status == nil
	default:
		return len(found.payments) == 0 || !substance && in.Status == nil
	}
}

func (d *invoiceDraft) moveStatus(found *invoice) {
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
		d.refuse("Invoice not of valid status for modification: %s cannot become %s", found.status, to)
		return
	}
	d.invoice.status = to
}

func (d *invoiceDraft) approved() bool { return d.invoice.status != statusDraft }

// fill applies everything but number, status and contact.
func (d *invoiceDraft) fill() {
	in, inv := d.in, &d.invoice
	if in.Type != nil && *in.Type != typeSales {
		d.refuse("The sandbox keeps sales invoices only: Type must be ACCREC")
	}
	for target, sent := range map[*string]*string{&inv.reference: in.Reference, &inv.url: in.URL, &inv.theme: in.BrandingThemeID} {
		if sent != nil {
			*target = *sent
		}
	}
	if in.SentToContact != nil {
		inv.sent = *in.SentToContact
	}
	if inv.sent && inv.status != statusAuthorised && inv.status != statusPaid {
		d.refuse("SentToContact can be set on an approved invoice only")
	}
	if len([]rune(inv.reference)) > 255 {
		d.refuse("Reference must not be longer than 255 characters")
	}
	if inv.theme != "" && !d.org.hasTheme(inv.theme) {
		d.refuse("The branding theme does not exist")
	}
	d.link()
	d.dates()
	d.money()
	d.lines()
}

func (d *invoiceDraft) link() {
	if d.invoice.url == "" {
		return
	}
	target, err := url.Parse(d.invoice.url)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		d.refuse("Url must be a valid absolute address")
		return
	}
	if host := strings.ToLower(target.Hostname()); host == "xero.com" || strings.HasSuffix(host, ".xero.com") {
		d.refuse("Url must not point to a Xero address")
	}
}

func (d *invoiceDraft) dates() {
	for target, sent := range map[*time.Time]*calendarDate{
		&d.invoice.date: d.in.Date, &d.invoice.due: d.in.DueDate, &d.invoice.expected: d.in.ExpectedPaymentDate,
	} {
		if sent != nil {
			*target = sent.Time
		}
	}
	if d.approved() && d.invoice.due.IsZero() {
		d.refuse("DueDate is required for an approved or submitted invoice")
	}
	if d.invoice.status == statusAuthorised || d.invoice.status == statusPaid {
		if lock := d.org.locked(d.invoice.date); lock != "" {
			d.refuse("%s", lock)
		}
	}
}

func (d *invoiceDraft) money() {
	in, inv := d.in, &d.invoice
	if in.LineAmountTypes != nil && *in.LineAmountTypes != inv.amounts {
		inv.amounts = *in.LineAmountTypes
		if in.LineItems == nil {
			d.refuse("LineAmountTypes can be changed together with the line items only")
		}
	}
	if !slices.Contains([]string{amountsExclusive, amountsInclusive, amountsNoTax}, inv.amounts) {
		d.refuse("LineAmountTypes %q is not known", inv.amounts)
	}
	if in.CurrencyCode != nil && *in.CurrencyCode != "" {
		inv.currency = *in.CurrencyCode
	}
	rate, subscribed := d.org.dayRate(inv.currency)
	if !subscribed {
		d.refuse("The organisation is not subscribed to currency %s", inv.currency)
	}
	switch {
	case inv.currency == d.org.profile.BaseCurrency:
		inv.rate = decimal.NewFromInt(1)
	case in.CurrencyRate != nil && !in.CurrencyRate.IsPositive():
		d.refuse("CurrencyRate must be greater than zero")
	case in.CurrencyRate != nil:
		inv.rate = in.CurrencyRate.Round(6)
	case inv.rate.IsZero() || in.CurrencyCode != nil:
		inv.rate = rate
	}
}

func (d *invoiceDraft) lines() {
	inv := &d.invoice
	if d.in.LineItems == nil && d.approved() {
		for _, kept := range inv.lines {
			if reason := kept.unfit(); reason != "" {
				d.refuse("%s", reason)
			}
		}
	}
	if d.in.LineItems != nil {
		inv.lines = nil
		if len(*d.in.LineItems) == 0 {
			d.refuse("One or more line items must be specified")
		}
		for _, sent := range *d.in.LineItems {
			built, reasons := d.org.buildLine(sent, lineTerms{amounts: inv.amounts, approved: d.approved(), places: d.places})
			d.reasons = append(d.reasons, reasons...)
			inv.lines = append(inv.lines, built)
		}
	}
	inv.add()
	if inv.total.IsNegative() {
		d.refuse("The total of an invoice must not be less than zero")
	}
	for _, sum := range []struct {
		sent *decimal.Decimal
		real decimal.Decimal
		name string
	}{{d.in.SubTotal, inv.subTotal, "sub total"}, {d.in.TotalTax, inv.totalTax, "tax total"}, {d.in.Total, inv.total, "total"}} {
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
