package xero

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

const (
	typeSales = "ACCREC"

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

type invoice struct {
	id, number, reference, status string
	amounts                       string // LineAmountTypes
	currency, url, theme          string
	app                           string // client that raised it; empty for a Xero user
	contact                       *contact
	date, due, expected, paidOn   time.Time
	rate                          decimal.Decimal
	lines                         []line
	subTotal, totalTax, total     decimal.Decimal
	discount, paid                decimal.Decimal
	sent                          bool
	payments                      []*payment
	updated                       time.Time
}

func (i *invoice) amountDue() decimal.Decimal {
	if i.status == statusVoided || i.status == statusDeleted {
		return decimal.Zero
	}
	return i.total.Sub(i.paid)
}

// add sums the lines up: tax is rounded line by line before it is added.
func (i *invoice) add() {
	i.subTotal, i.totalTax, i.discount = decimal.Zero, decimal.Zero, decimal.Zero
	sum := decimal.Zero
	for _, l := range i.lines {
		sum = sum.Add(l.amount)
		i.totalTax = i.totalTax.Add(l.tax)
		i.discount = i.discount.Add(l.discount)
	}
	if i.amounts == amountsInclusive {
		i.total = sum
		i.subTotal = sum.Sub(i.totalTax)
		return
	}
	i.subTotal = sum
	i.total = sum.Add(i.totalTax)
}

// settle moves an approved invoice to paid when nothing is due, and back.
func (i *invoice) settle(on time.Time) {
	switch {
	case i.status == statusAuthorised && i.amountDue().IsZero():
		i.status, i.paidOn = statusPaid, on
	case i.status == statusPaid && i.amountDue().IsPositive():
		i.status, i.paidOn = statusAuthorised, time.Time{}
	}
}

func (i *invoice) field(name string) (any, bool) {
	switch name {
	case "InvoiceID":
		return i.id, true
	case "InvoiceNumber":
		return i.number, true
	case "Reference":
		return i.reference, true
	case "Type":
		return typeSales, true
	case "Status":
		return i.status, true
	case "Contact.ContactID":
		return i.contact.id, true
	case "Contact.Name":
		return i.contact.name, true
	case "Contact.ContactNumber":
		return i.contact.number, true
	case "Date":
		return i.date, true
	case "DueDate":
		return i.due, true
	case "AmountDue":
		return i.amountDue(), true
	case "Total":
		return i.total, true
	case "UpdatedDateUTC":
		return i.updated, true
	default:
		return nil, false
	}
}

// invoiceBook keeps invoices and their numbers. A voided invoice keeps its
// number taken, a deleted one gives it back.
type invoiceBook struct {
	list     []*invoice
	byID     map[string]*invoice
	byNumber map[string]*invoice
	serial   int
}

func newInvoiceBook() invoiceBook {
	return invoiceBook{byID: map[string]*invoice{}, byNumber: map[string]*invoice{}}
}

// find looks an invoice up by its identifier, then by its number.
func (b *invoiceBook) find(ref string) *invoice {
	if inv := b.byID[idKey(ref)]; inv != nil {
		return inv
	}
	return b.byNumber[ref]
}

// nextNumber is the next free number of the automatic sequence.
func (b *invoiceBook) nextNumber() string {
	for {
		b.serial++
		number := fmt.Sprintf("INV-%04d", b.serial)
		if b.byNumber[number] == nil {
			return number
		}
	}
}

func (b *invoiceBook) add(inv *invoice, j *journal) {
	b.list = append(b.list, inv)
	b.byID[inv.id] = inv
	b.byNumber[inv.number] = inv
	j.onRollback(func() {
		b.list = b.list[:len(b.list)-1]
		delete(b.byID, inv.id)
		delete(b.byNumber, inv.number)
	})
}

// replace changes an invoice in place, so that payments keep pointing at it.
func (b *invoiceBook) replace(inv *invoice, changed invoice, j *journal) {
	former := *inv
	b.put(inv, changed)
	j.onRollback(func() { b.put(inv, former) })
}

func (b *invoiceBook) put(inv *invoice, changed invoice) {
	if b.byNumber[inv.number] == inv {
		delete(b.byNumber, inv.number)
	}
	*inv = changed
	if inv.status != statusDeleted {
		b.byNumber[inv.number] = inv
	}
}
