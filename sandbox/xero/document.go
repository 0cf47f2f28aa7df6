package xero

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// documentType tells a sales invoice from a credit note; by every other rule
// they are one kind of document.
type documentType string

const (
	typeSales  documentType = "ACCREC"
	typeCredit documentType = "ACCRECCREDIT"
)

const (
	statusDraft      = "DRAFT"
	statusSubmitted  = "SUBMITTED"
	statusAuthorised = "AUTHORISED"
	statusPaid       = "PAID"
	statusVoided     = "VOIDED"
	statusDeleted    = "DELETED"

	amountsExclusive = "Exclusive"
	amountsInclusive = "Inclusive"
	amountsNoTax     = "NoTax"
)

// noun names the type as Xero's messages do.
func (t documentType) noun() string {
	if t == typeCredit {
		return "Credit Note"
	}
	return "Invoice"
}

// plural names the type's documents in answers.
func (t documentType) plural() string {
	if t == typeCredit {
		return "CreditNotes"
	}
	return "Invoices"
}

// document is a sales invoice or a credit note.
type document struct {
	kind                          documentType
	id, number, reference, status string
	amounts                       string // LineAmountTypes
	currency, url, theme          string
	app                           string // client that raised it; empty for a Xero user
	contact                       *contact
	date, due, expected, paidOn   time.Time
	rate                          decimal.Decimal
	lines                         []line
	subTotal, totalTax, total     decimal.Decimal
	discount                      decimal.Decimal
	paid                          decimal.Decimal // money received for an invoice, or refunded on a note
	applied                       decimal.Decimal // credit put against an invoice, or used of a note
	sent                          bool
	payments                      []*payment
	allocations                   []*allocation
	updated                       time.Time
}

// ended tells whether the document was taken back for good.
func (d *document) ended() bool { return d.status == statusVoided || d.status == statusDeleted }

// takesPayments tells whether money and credit may be put on the document.
func (d *document) takesPayments() bool {
	return d.status == statusAuthorised || d.status == statusPaid
}

// settledInPart tells whether money or credit stands against the document.
func (d *document) settledInPart() bool { return len(d.payments) > 0 || len(d.allocations) > 0 }

// open is what is due on an invoice, or what credit remains on a note.
func (d *document) open() decimal.Decimal {
	if d.ended() {
		return decimal.Zero
	}
	return d.total.Sub(d.paid).Sub(d.applied)
}

// add sums the lines up: tax is rounded line by line before it is added.
func (d *document) add() {
	d.subTotal, d.totalTax, d.discount = decimal.Zero, decimal.Zero, decimal.Zero
	sum := decimal.Zero
	for _, l := range d.lines {
		sum = sum.Add(l.amount)
		d.totalTax = d.totalTax.Add(l.tax)
		d.discount = d.discount.Add(l.discount)
	}
	if d.amounts == amountsInclusive {
		d.total = sum
		d.subTotal = sum.Sub(d.totalTax)
		return
	}
	d.subTotal = sum
	d.total = sum.Add(d.totalTax)
}

// settle moves an approved document to paid when nothing is open, and back.
func (d *document) settle(on time.Time) {
	switch {
	case d.status == statusAuthorised && d.open().IsZero():
		d.status, d.paidOn = statusPaid, on
	case d.status == statusPaid && d.open().IsPositive():
		d.status, d.paidOn = statusAuthorised, time.Time{}
	}
}

// withPayment is the document with the payment put on it.
func (d *document) withPayment(p *payment) document {
	changed := *d
	changed.paid = changed.paid.Add(p.amount)
	changed.payments = append(slices.Clone(changed.payments), p)
	changed.updated = p.updated
	changed.settle(p.date)
	return changed
}

// withoutPayment is the document with the payment taken off it.
func (d *document) withoutPayment(p *payment, now time.Time) document {
	changed := *d
	changed.paid = changed.paid.Sub(p.amount)
	changed.payments = slices.DeleteFunc(slices.Clone(changed.payments), func(other *payment) bool { return other == p })
	changed.updated = now
	changed.settle(changed.date)
	return changed
}

func (d *document) field(name string) (any, bool) {
	switch name {
	case "Reference":
		return d.reference, true
	case "Type":
		return string(d.kind), true
	case "Status":
		return d.status, true
	case "Contact.ContactID":
		return d.contact.id, true
	case "Contact.Name":
		return d.contact.name, true
	case "Contact.ContactNumber":
		return d.contact.number, true
	case "Date":
		return d.date, true
	case "DueDate":
		return d.due, true
	case "Total":
		return d.total, true
	case "UpdatedDateUTC":
		return d.updated, true
	default:
		return d.ownField(name)
	}
}

// ownField is a property that has a name of its own in each type.
func (d *document) ownField(name string) (any, bool) {
	own := map[string]any{"InvoiceID": d.id, "InvoiceNumber": d.number, "AmountDue": d.open()}
	if d.kind == typeCredit {
		own = map[string]any{"CreditNoteID": d.id, "CreditNoteNumber": d.number, "RemainingCredit": d.open()}
	}
	value, ok := own[name]
	return value, ok
}

// documentBook keeps the documents of one type and their numbers. A voided
// document keeps its number taken, a deleted one gives it back.
type documentBook struct {
	prefix   string // of automatic numbers
	list     []*document
	byID     map[string]*document
	byNumber map[string]*document
	serial   int
}

func newDocumentBook(prefix string) documentBook {
	return documentBook{prefix: prefix, byID: map[string]*document{}, byNumber: map[string]*document{}}
}

// find looks a document up by its identifier, then by its number.
func (b *documentBook) find(ref string) *document {
	if found := b.byID[idKey(ref)]; found != nil {
		return found
	}
	return b.byNumber[ref]
}

// named looks a document up by its identifier, or by its number when no
// identifier is given.
func (b *documentBook) named(id, number string) *document {
	if id != "" {
		return b.byID[idKey(id)]
	}
	return b.byNumber[number]
}

// nextNumber is the next free number of the automatic sequence.
func (b *documentBook) nextNumber() string {
	for {
		b.serial++
		number := fmt.Sprintf("%s-%04d", b.prefix, b.serial)
		if b.byNumber[number] == nil {
			return number
		}
	}
}

func (b *documentBook) add(d *document, j *journal) {
	b.list = append(b.list, d)
	b.byID[d.id] = d
	b.byNumber[d.number] = d
	j.onRollback(func() {
		b.list = b.list[:len(b.list)-1]
		delete(b.byID, d.id)
		delete(b.byNumber, d.number)
	})
}

// replace changes a document in place, so that payments and allocations keep
// pointing at it.
func (b *documentBook) replace(d *document, changed document, j *journal) {
	former := *d
	b.put(d, changed)
	j.onRollback(func() { b.put(d, former) })
}

func (b *documentBook) put(d *document, changed document) {
	if b.byNumber[d.number] == d {
		delete(b.byNumber, d.number)
	}
	*d = changed
	if d.status != statusDeleted {
		b.byNumber[d.number] = d
	}
}

// duplicates counts the bearers of every Reference that more than one document
// bears, leaving out those that were taken back.
func (b *documentBook) duplicates(into map[string]int) {
	bearers := map[string]int{}
	for _, d := range b.list {
		if d.reference != "" && !d.ended() {
			bearers[d.reference]++
		}
	}
	for reference, n := range bearers {
		if n > 1 {
			into[reference] += n
		}
	}
}
