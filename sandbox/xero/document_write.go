package xero

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// documentInput is a document as a caller sends it. A nil property was not sent
// and keeps its value on an update.
type documentInput struct {
	kind                documentType
	id, number          string
	Type                *string          `json:"Type"`
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

// read reads a document of the type. What only invoices have is passed over on
// a credit note.
func (t documentType) read(raw json.RawMessage) (documentInput, error) {
	var in struct {
		documentInput
		InvoiceID        string `json:"InvoiceID"`
		InvoiceNumber    string `json:"InvoiceNumber"`
		CreditNoteID     string `json:"CreditNoteID"`
		CreditNoteNumber string `json:"CreditNoteNumber"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return documentInput{}, fmt.Errorf("reading a document: %w", err)
	}
	in.kind, in.id, in.number = t, in.InvoiceID, in.InvoiceNumber
	if t == typeCredit {
		in.id, in.number = in.CreditNoteID, in.CreditNoteNumber
		in.URL, in.ExpectedPaymentDate, in.SentToContact = nil, nil, nil
	}
	return in.documentInput, nil
}

func (c *call) createDocuments(t documentType) answer {
	return c.documentBatch(t, func(in documentInput, j *journal) (*document, []string) {
		return c.organisation.createDocument(in, c, j)
	}).run(c)
}

func (c *call) upsertDocuments(t documentType) answer {
	return c.documentBatch(t, c.saveDocument).run(c)
}

func (c *call) updateDocument(t documentType) answer {
	target := c.organisation.book(t).find(c.request.PathValue("ref"))
	if target == nil {
		return absent()
	}
	return c.documentBatch(t, c.saveDocument).addressed(c, target.id)
}

func (c *call) documentBatch(t documentType, save func(documentInput, *journal) (*document, []string)) batch {
	b := batch{plural: t.plural(), id: "InvoiceID", hasErrors: "HasErrors"}
	if t == typeCredit {
		b.id = "CreditNoteID"
	}
	b.write = func(raw json.RawMessage, j *journal) (func() any, []string, error) {
		in, err := t.read(raw)
		if err != nil {
			return nil, nil, err
		}
		saved, reasons := save(in, j)
		if len(reasons) > 0 {
			return nil, reasons, nil
		}
		return func() any { return saved.view(c.places(), fullDocument) }, nil, nil
	}
	return b
}

// places is the number of decimals of unit amounts that the caller asked for.
func (c *call) places() int32 {
	if c.request.URL.Query().Get("unitdp") == "4" {
		return 4
	}
	return 2
}

// saveDocument changes the document that the input names by identifier or by
// number, and makes one otherwise.
func (c *call) saveDocument(in documentInput, j *journal) (*document, []string) {
	book := c.organisation.book(in.kind)
	if in.id != "" && idKey(in.id) != uuid.Nil.String() {
		found := book.byID[idKey(in.id)]
		if found == nil {
			return nil, []string{fmt.Sprintf("The %s with the given identifier could not be found", in.kind.noun())}
		}
		return c.organisation.changeDocument(found, in, c, j)
	}
	if found := book.byNumber[in.number]; found != nil {
		return c.organisation.changeDocument(found, in, c, j)
	}
	return c.organisation.createDocument(in, c, j)
}

func (o *organisation) createDocument(in documentInput, c *call, j *journal) (*document, []string) {
	book := o.book(in.kind)
	made := document{
		kind: in.kind, id: uuid.NewString(), status: statusDraft, amounts: amountsExclusive, currency: o.profile.BaseCurrency,
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
	if d.document.number == "" {
		d.document.number = book.nextNumber()
	}
	d.document.settle(d.document.date)
	book.add(&d.document, j)
	return &d.document, nil
}

func (o *organisation) changeDocument(found *document, in documentInput, c *call, j *journal) (*document, []string) {
	d := o.draft(*found, in, c)
	if !d.mayChange(found) {
		return nil, []string{found.kind.noun() + " not of valid status for modification"}
	}
	d.number(found)
	d.moveStatus(found)
	if d.document.ended() {
		if len(d.reasons) > 0 {
			return nil, d.reasons
		}
	} else {
		d.fill()
		if !d.attach(j) {
			return nil, d.reasons
		}
	}
	d.document.settle(d.document.date)
	d.document.updated = c.now
	o.book(found.kind).replace(found, d.document, j)
	return found, nil
}

// attach finds the contact, last of all because that may change contacts, and
// tells whether the document stands.
func (d *documentDraft) attach(j *journal) bool {
	if len(d.reasons) > 0 {
		return false
	}
	if d.in.Contact != nil {
		found, reasons := d.org.documentContact(*d.in.Contact, d.now, j)
		if len(reasons) > 0 {
			d.reasons = append(d.reasons, reasons...)
			return false
		}
		d.document.contact = found
	}
	if who := d.document.contact; !who.customer {
		changed := *who
		changed.customer = true
		d.org.contacts.replace(who, changed, j)
	}
	return true
}
