package xero

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// invoiceInput is an invoice as a caller sends it. A nil property was not sent
// and keeps its value on an update.
type invoiceInput struct {
	Type                *string          `json:"Type"`
	InvoiceID           *string          `json:"InvoiceID"`
	InvoiceNumber       *string          `json:"InvoiceNumber"`
	Reference           *string          `json:"Reference"`
	Status              *string          `json:"Status"`
	LineAmountTypes     *string          `json:"LineAmountTypes"`
	CurrencyCode        *string          `json:"CurrencyCode"`
	CurrencyRate        *decimal.Decimal `json:"CurrencyRate"`
	URL                 *string          `json:"Url"`
	BrandingThemeID     *string          `json:"BrandingThemeID"`
	Contact             *contactInput    `json:"Contact"`
	LineItems           *[]lineInput     `json:"LineItems"`
	Date                *calendarDate    `json:"Date"`
	DueDate             *calendarDate    `json:"DueDate"`
	ExpectedPaymentDate *calendarDate    `json:"ExpectedPaymentDate"`
	SentToContact       *bool            `json:"SentToContact"`
	SubTotal            *decimal.Decimal `json:"SubTotal"`
	TotalTax            *decimal.Decimal `json:"TotalTax"`
	Total               *decimal.Decimal `json:"Total"`
}

func (c *call) createInvoices() answer {
	return c.invoiceBatch(func(in invoiceInput, j *journal) (*invoice, []string) {
		return c.organisation.createInvoice(in, c, j)
	}).run(c)
}

func (c *call) upsertInvoices() answer { return c.invoiceBatch(c.saveInvoice).run(c) }

func (c *call) updateInvoice() answer {
	target := c.organisation.invoices.find(c.request.PathValue("ref"))
	if target == nil {
		return absent()
	}
	return c.invoiceBatch(c.saveInvoice).addressed(c, target.id)
}

func (c *call) invoiceBatch(save func(invoiceInput, *journal) (*invoice, []string)) batch {
	return batch{
		plural: "Invoices", id: "InvoiceID", hasErrors: "HasErrors",
		write: func(raw json.RawMessage, j *journal) (func() any, []string, error) {
			var in invoiceInput
			if err := json.Unmarshal(raw, &in); err != nil {
				return nil, nil, fmt.Errorf("reading an invoice: %w", err)
			}
			saved, reasons := save(in, j)
			if len(reasons) > 0 {
				return nil, reasons, nil
			}
			return func() any { return saved.view(c.places(), fullInvoice) }, nil, nil
		},
	}
}

// places is the number of decimals of unit amounts that the caller asked for.
func (c *call) places() int32 {
	if c.request.URL.Query().Get("unitdp") == "4" {
		return 4
	}
	return 2
}

// saveInvoice changes the invoice that the input names by identifier or by
// number, and makes one otherwise.
func (c *call) saveInvoice(in invoiceInput, j *journal) (*invoice, []string) {
	o := c.organisation
	if id := text(in.InvoiceID); id != "" && idKey(id) != uuid.Nil.String() {
		found := o.invoices.byID[idKey(id)]
		if found == nil {
			return nil, []string{"The invoice with the given InvoiceID could not be found"}
		}
		return o.changeInvoice(found, in, c, j)
	}
	if found := o.invoices.byNumber[text(in.InvoiceNumber)]; found != nil {
		return o.changeInvoice(found, in, c, j)
	}
	return o.createInvoice(in, c, j)
}

func (o *organisation) createInvoice(in invoiceInput, c *call, j *journal) (*invoice, []string) {
	made := invoice{
		id: uuid.NewString(), status: statusDraft, amounts: amountsExclusive, currency: o.profile.BaseCurrency,
		date: o.today(c.now), app: c.app, updated: c.now,
	}
	d := o.draft(made, in, c)
	if in.Type == nil {
		d.refuse("Type is required")
	}
	if in.LineItems == nil {
		d.refuse("One or more line items must be specified")
	}
	if in.Contact == nil {
		d.refuse("A contact must be specified")
	}
	d.number(nil)
	d.initialStatus()
	d.fill()
	if !d.attach(j) {
		return nil, d.reasons
	}
	if d.invoice.number == "" {
		d.invoice.number = o.invoices.nextNumber()
	}
	d.invoice.settle(d.invoice.date)
	o.invoices.add(&d.invoice, j)
	return &d.invoice, nil
}

func (o *organisation) changeInvoice(found *invoice, in invoiceInput, c *call, j *journal) (*invoice, []string) {
	d := o.draft(*found, in, c)
	if !d.mayChange(found) {
		return nil, []string{"Invoice not of valid status for modification"}
	}
	d.number(found)
	d.moveStatus(found)
	if d.invoice.status == statusVoided || d.invoice.status == statusDeleted {
		if len(d.reasons) > 0 {
			return nil, d.reasons
		}
	} else {
		d.fill()
		if !d.attach(j) {
			return nil, d.reasons
		}
	}
	d.invoice.settle(d.invoice.date)
	d.invoice.updated = c.now
	o.invoices.replace(found, d.invoice, j)
	return found, nil
}

// attach finds the contact, last of all because that may change contacts, and
// tells whether the document stands.
func (d *invoiceDraft) attach(j *journal) bool {
	if len(d.reasons) > 0 {
		return false
	}
	if d.in.Contact != nil {
		found, reasons := d.org.documentContact(*d.in.Contact, d.now, j)
		if len(reasons) > 0 {
			d.reasons = append(d.reasons, reasons...)
			return false
		}
		d.invoice.contact = found
	}
	if who := d.invoice.contact; !who.customer {
		changed := *who
		changed.customer = true
		d.org.contacts.replace(who, changed, j)
	}
	return true
}
