package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
)

// PayableInvoice is an invoice as it stands in the books, as far as money is
// set against it.
type PayableInvoice struct {
	// ID is the provider's, Number the human number.
	ID     string
	Number string
	// Due is what is still to pay, after payments and credits.
	Due      money.Amount
	Currency money.Currency
	// TakesPayments reports that the invoice is approved.
	TakesPayments bool
	// Payments are the references of the payments that stand on the invoice, and
	// Received is what they come to.
	Payments []string
	Received money.Amount
	// PaidBack is what other credit notes of the invoice paid back, or are about to.
	PaidBack money.Amount
}

// PaymentDecision is what becomes of a payment. Exactly one of four holds:
// Payment is set, NothingDue is true, Skip is set, or Fault is set.
type PaymentDecision struct {
	Payment *books.Payment
	// NothingDue reports that the invoice needs no payment: it comes to nothing,
	// it has this payment, or somebody settled it.
	NothingDue bool
	Skip       syncrun.SkipReason
	Fault      *fault.Error
	// Trace is every rule consulted, in order.
	Trace []syncrun.Step
}

// Payment decides what becomes of the payment of an invoice that is in the
// books. It is never for more than is due, and nothing is due of an invoice on
// which the payment stands, so that it may be asked again after any crash.
func Payment(req Request, p commerce.Payment, invoice PayableInvoice) PaymentDecision {
	m := paymentMapper{req: req, payment: p, invoice: invoice}
	m.decide()
	m.out.Trace = m.trail
	return m.out
}

// paymentMapper is one payment on its way to a decision.
type paymentMapper struct {
	trail
	req     Request
	payment commerce.Payment
	invoice PayableInvoice
	out     PaymentDecision
}

func (m *paymentMapper) decide() {
	amount := atLeastCents(m.payment.Currency, m.payment.Amount)
	if amount.IsZero() {
		m.note("amount", m.show(amount), "nothing to pay")
		m.out.NothingDue = true
		return
	}
	route := PaymentRoute(m.req.Settings, m.req.Reference, m.payment.Method)
	m.trail = append(m.trail, route.Steps...)
	if m.out.Skip, m.out.Fault = route.Skip, route.Fault; route.AccountID == "" {
		return
	}
	if i := slices.IndexFunc(m.invoice.Payments, m.isOurs); i >= 0 {
		m.note("due", m.invoice.Payments[i]+" stands on the invoice", "nothing to pay")
		m.out.NothingDue = true
		return
	}
	if m.invoice.Due.Sign() <= 0 {
		m.note("due", m.show(m.invoice.Due), "nothing to pay")
		m.out.NothingDue = true
		return
	}
	if m.out.Fault = m.check(amount); m.out.Fault != nil {
		return
	}
	date, f := m.bookingDate(m.req, "payment", "captured", "captured_at", m.payment.CapturedAt)
	if m.out.Fault = f; f != nil {
		return
	}
	paid := money.Min(amount, m.invoice.Due)
	m.note("due", fmt.Sprintf("paid %s, due %s", m.show(amount), m.show(m.invoice.Due)), m.show(paid))
	m.out.Payment = &books.Payment{
		InvoiceID: m.invoice.ID, AccountID: route.AccountID, Date: date,
		Amount: paid, Currency: m.payment.Currency, Reference: m.reference(),
	}
}

// check refuses what the books would not take as a payment of the invoice.
func (m *paymentMapper) check(amount money.Amount) *fault.Error {
	switch {
	case amount.Sign() < 0:
		return m.refuse("amount", m.show(amount), fault.Newf(fault.CodeMagentoDocument,
			"The payment comes to %s %s, which is below zero.", m.show(amount), m.payment.Currency).
			WithFields(fault.Field{Path: "amount", Code: "out_of_range", Message: "Below zero."}))
	case m.payment.Currency != m.invoice.Currency:
		return m.refuse("currency", string(m.payment.Currency), fault.Newf(fault.CodeMagentoDocument,
			"The payment is in %s and invoice %s in %s.", m.payment.Currency, m.invoice.Number, m.invoice.Currency).
			WithFields(fault.Field{Path: "currency", Code: "invalid_format", Message: "Not the invoice's currency."}))
	case !m.invoice.TakesPayments:
		return m.refuse("status", "invoice "+m.invoice.Number, fault.Newf(fault.CodeInvoiceNotAuthorised,
			"Invoice %s is not approved in the books, so that its payment waits.", m.invoice.Number))
	}
	return nil
}

// reference recognises the payment: Invoice 000000101 · txn_8841.
func (m *paymentMapper) reference() string {
	if txn := tidy(m.payment.GatewayTxnID); txn != "" {
		return cut(m.mark()+referenceGap+txn, maxReference)
	}
	return m.mark()
}

// mark is the part of the reference that stays when the shop names another
// transaction, as it does once money was paid back.
func (m *paymentMapper) mark() string {
	if m.payment.InvoiceIncrementID == "" {
		return "Invoice id " + strconv.FormatInt(m.payment.InvoiceID, 10)
	}
	return cut("Invoice "+m.payment.InvoiceIncrementID, maxReference)
}

func (m *paymentMapper) isOurs(reference string) bool {
	return reference == m.mark() || strings.HasPrefix(reference, m.mark()+referenceGap)
}

func (m *paymentMapper) show(a money.Amount) string { return show(a, m.payment.Currency) }
