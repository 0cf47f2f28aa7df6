package xero

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// payment is money received for an invoice or refunded on a credit note.
type payment struct {
	id, reference, status string
	document              *document
	account               *account
	date                  time.Time
	amount, rate          decimal.Decimal
	reconciled            bool
	updated               time.Time
}

// paymentBook keeps payments. Nothing about a payment is unique.
type paymentBook struct {
	list []*payment
	byID map[string]*payment
}

func newPaymentBook() paymentBook { return paymentBook{byID: map[string]*payment{}} }

func (b *paymentBook) add(p *payment, j *journal) {
	b.list = append(b.list, p)
	b.byID[p.id] = p
	j.onRollback(func() {
		b.list = b.list[:len(b.list)-1]
		delete(b.byID, p.id)
	})
}

// targetInput names the document of a payment: by identifier, or by number
// where no identifier is given.
type targetInput struct {
	InvoiceID        string `json:"InvoiceID"`
	InvoiceNumber    string `json:"InvoiceNumber"`
	CreditNoteID     string `json:"CreditNoteID"`
	CreditNoteNumber string `json:"CreditNoteNumber"`
}

type paymentInput struct {
	PaymentID    *string          `json:"PaymentID"`
	Invoice      *targetInput     `json:"Invoice"`
	CreditNote   *targetInput     `json:"CreditNote"`
	Prepayment   *json.RawMessage `json:"Prepayment"`
	Overpayment  *json.RawMessage `json:"Overpayment"`
	Account      *accountInput    `json:"Account"`
	Date         *calendarDate    `json:"Date"`
	Amount       *decimal.Decimal `json:"Amount"`
	CurrencyRate *decimal.Decimal `json:"CurrencyRate"`
	Reference    string           `json:"Reference"`
	IsReconciled bool             `json:"IsReconciled"`
	Status       *string          `json:"Status"`
}

type accountInput struct {
	AccountID string `json:"AccountID"`
	Code      string `json:"Code"`
}

func (c *call) paymentBatch(save func(paymentInput, *journal) (*payment, []string)) batch {
	return batch{
		plural: "Payments", id: "PaymentID", hasErrors: "HasValidationErrors",
		write: func(raw json.RawMessage, j *journal) (func() any, []string, error) {
			var in paymentInput
			if err := json.Unmarshal(raw, &in); err != nil {
				return nil, nil, fmt.Errorf("reading a payment: %w", err)
			}
			saved, reasons := save(in, j)
			if len(reasons) > 0 {
				return nil, reasons, nil
			}
			return func() any { return saved.view() }, nil, nil
		},
	}
}

func (c *call) createPayments() answer { return c.paymentBatch(c.pay).run(c) }

// createPayment is the form of POST, which takes one payment.
func (c *call) createPayment() answer {
	b := c.paymentBatch(c.pay)
	elements, err := b.elements(c.body)
	if err != nil {
		return badPost(err.Error())
	}
	if len(elements) != 1 {
		return badPost("Only one payment can be posted at a time")
	}
	return b.run(c)
}

// pay puts money on an approved document.
func (c *call) pay(in paymentInput, j *journal) (*payment, []string) {
	o := c.organisation
	var reasons []string
	refuse := func(format string, values ...any) { reasons = append(reasons, fmt.Sprintf(format, values...)) }

	target := o.payable(in, refuse)
	from := o.paymentAccount(in, refuse)
	made := &payment{
		id: uuid.NewString(), status: statusAuthorised, document: target, account: from, date: o.today(c.now),
		reference: in.Reference, reconciled: in.IsReconciled, rate: decimal.NewFromInt(1), updated: c.now,
	}
	if in.Date != nil {
		made.date = in.Date.Time
	}
	if lock := o.locked(made.date); lock != "" {
		refuse("%s", lock)
	}
	if in.CurrencyRate != nil {
		made.rate = *in.CurrencyRate
	} else if target != nil {
		made.rate = target.rate
	}
	switch {
	case in.Amount == nil || !in.Amount.IsPositive():
		refuse("The payment amount must be greater than zero")
	case !in.Amount.Equal(in.Amount.Round(2)):
		refuse("The payment amount has more than two decimal places")
	case target != nil && in.Amount.GreaterThan(target.open()):
		refuse("The payment amount exceeds the amount outstanding on this document")
	default:
		made.amount = *in.Amount
	}
	if len(reasons) > 0 {
		return nil, reasons
	}
	o.book(target.kind).replace(target, target.withPayment(made), j)
	o.payments.add(made, j)
	return made, nil
}

func (o *organisation) payable(in paymentInput, refuse func(string, ...any)) *document {
	documents := 0
	for _, given := range []bool{in.Invoice != nil, in.CreditNote != nil, in.Prepayment != nil, in.Overpayment != nil} {
		if given {
			documents++
		}
	}
	if documents != 1 {
		refuse("A payment must name exactly one of Invoice, CreditNote, Prepayment and Overpayment")
		return nil
	}
	var target *document
	switch {
	case in.Invoice != nil:
		target = o.invoices.named(in.Invoice.InvoiceID, in.Invoice.InvoiceNumber)
	case in.CreditNote != nil:
		target = o.creditNotes.named(in.CreditNote.CreditNoteID, in.CreditNote.CreditNoteNumber)
	}
	if target == nil {
		refuse("The document to be paid could not be found")
		return nil
	}
	if !target.takesPayments() {
		refuse("Payments can only be made against Authorised documents")
	}
	return target
}

func (o *organisation) paymentAccount(in paymentInput, refuse func(string, ...any)) *account {
	if in.Account == nil {
		refuse("Account must be specified for a payment")
		return nil
	}
	found := o.account(in.Account.Code, in.Account.AccountID)
	if found == nil || found.Status != "ACTIVE" {
		refuse("Account could not be found")
		return nil
	}
	if found.Type != "BANK" && !found.EnablePayments {
		refuse("Account code '%s' is not a valid code for a payment: it is no bank account and payments are not enabled to it", found.Code)
	}
	return found
}

// changePayment deletes a payment: nothing else about one can be changed.
func (c *call) changePayment() answer {
	o := c.organisation
	found := o.payments.byID[idKey(c.request.PathValue("ref"))]
	if found == nil {
		return absent()
	}
	return c.paymentBatch(func(in paymentInput, j *journal) (*payment, []string) {
		switch {
		case text(in.Status) != statusDeleted:
			return nil, []string{"A payment cannot be changed, only deleted"}
		case found.reconciled:
			return nil, []string{"The payment has been reconciled and cannot be deleted"}
		case found.status == statusDeleted:
			return nil, []string{"Payment not of valid status for modification"}
		}
		target := found.document
		o.book(target.kind).replace(target, target.withoutPayment(found, c.now), j)
		former := *found
		found.status, found.updated = statusDeleted, c.now
		j.onRollback(func() { *found = former })
		return found, nil
	}).addressed(c, found.id)
}
