package mapping

import (
	"fmt"
	"slices"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
)

// CreditState is a credit note as it stands in the books, as far as its money
// is concerned.
type CreditState struct {
	// ID is the provider's.
	ID string
	// Remaining is the credit not yet allocated or paid back.
	Remaining money.Amount
	// TakesPayments reports that the note is approved.
	TakesPayments bool
	// IsAllocated reports that credit was set against the memo's invoice already.
	IsAllocated bool
	// Refunds are the references of the refunds that stand on the note, and
	// Refunded is what they come to.
	Refunds  []string
	Refunded money.Amount
}

// SettlementPlan is what to do next with a credit note's money. When Fault is
// set nothing else is; when nothing is set the note is settled.
type SettlementPlan struct {
	// Allocate is the credit to set against the invoice InvoiceID; zero for none.
	Allocate  money.Amount
	InvoiceID string
	// Refund is the money to pay back; nil for none.
	Refund *books.Payment
	// Date is the day of both.
	Date books.Date
	// LeaveOpen reports that what remains afterwards stays as the customer's credit.
	LeaveOpen bool
	// Warning says what a person should look at, although nothing went wrong;
	// empty for nothing.
	Warning string
	Fault   *fault.Error
	// Trace is every rule consulted, in order.
	Trace []syncrun.Step
}

// Settle plans what becomes of a credit note's money: it pays what is due of
// the invoice, and the rest goes back from the account of the invoice's payment.
// invoice is nil for a memo without one, whose credit stays open. refundAccount
// is the [RefundRoute] of the invoice's payment method.
//
// No more goes back than came in by payments on the invoice: what else settled
// it, such as credit or an overpayment that somebody allocated by hand, was no
// money of this sale, and what becomes of it is for a person to say.
//
// The plan looks at what is settled already, so that it may be asked for again
// after any crash: each of the two steps is planned at most once.
func Settle(req Request, note CreditState, invoice *PayableInvoice, refundAccount Route, memo commerce.CreditMemo) SettlementPlan {
	s := settler{req: req, credit: note, invoice: invoice, route: refundAccount, memo: memo}
	if f := s.settle(); f != nil {
		s.plan = SettlementPlan{Fault: f}
	}
	s.plan.Trace = s.trail
	return s.plan
}

// settler is one credit note on its way to a plan.
type settler struct {
	trail
	req     Request
	credit  CreditState
	invoice *PayableInvoice
	route   Route
	memo    commerce.CreditMemo
	plan    SettlementPlan
}

func (s *settler) settle() *fault.Error {
	input := fmt.Sprintf("creditNoteSettlement %s, %s remains", s.req.Settings.Commercial.CreditNoteSettlement, s.show(s.credit.Remaining))
	switch {
	case s.credit.Remaining.Sign() <= 0:
		s.note("settlement", input, "settled")
		return nil
	case s.req.Settings.Commercial.CreditNoteSettlement == settings.SettleLeaveOpen:
		return s.leaveOpen(input)
	case s.invoice == nil:
		return s.leaveOpen(input + ", no invoice")
	case s.invoice.Currency != s.memo.Currency:
		return s.leaveOpen(input + ", the invoice is in " + string(s.invoice.Currency))
	case !s.credit.TakesPayments:
		return s.refuse("settlement", input, fault.New(fault.CodeInvoiceNotAuthorised,
			"The credit note is not approved in the books, so that its money waits."))
	}
	date, f := s.bookingDate(s.req, "credit memo", "created", "created_at", s.memo.CreatedAt)
	if f != nil {
		return f
	}
	s.plan.Date = date
	if f := s.allocate(); f != nil {
		return f
	}
	return s.refund()
}

func (s *settler) leaveOpen(input string) *fault.Error {
	s.note("settlement", input, "left open")
	s.plan.LeaveOpen = true
	return nil
}

// allocate sets credit against what is due of the invoice.
func (s *settler) allocate() *fault.Error {
	input := fmt.Sprintf("invoice %s, %s due", s.invoice.Number, s.show(s.invoice.Due))
	switch {
	case s.credit.IsAllocated:
		s.note("allocation", input, "done before")
		return nil
	case s.invoice.Due.Sign() <= 0:
		s.note("allocation", input, "none")
		return nil
	case !s.invoice.TakesPayments:
		return s.refuse("allocation", input, fault.Newf(fault.CodeInvoiceNotAuthorised,
			"Invoice %s is not approved in the books, so that its credit waits.", s.invoice.Number))
	}
	s.plan.Allocate, s.plan.InvoiceID = money.Min(s.credit.Remaining, s.invoice.Due), s.invoice.ID
	s.note("allocation", input, s.show(s.plan.Allocate))
	return nil
}

// refund pays back what allocation leaves.
func (s *settler) refund() *fault.Error {
	rest := s.credit.Remaining.Sub(s.plan.Allocate)
	if rest.IsZero() {
		return nil
	}
	reference := cut("Refund "+s.memo.IncrementID+referenceGap+"Invoice "+s.invoice.Number, maxReference)
	if slices.Contains(s.credit.Refunds, reference) {
		return s.leaveOpen(s.show(rest) + " remains after the refund")
	}
	back := s.refundable(rest)
	if back.IsZero() {
		return s.leaveOpen(s.show(rest) + " remains, nothing to pay back")
	}
	s.trail = append(s.trail, s.route.Steps...)
	switch {
	case s.route.Fault != nil:
		return s.route.Fault
	case s.route.AccountID == "":
		return s.leaveOpen(s.show(rest) + " remains, no account to pay it back from")
	}
	s.plan.Refund = &books.Payment{
		CreditNoteID: s.credit.ID, AccountID: s.route.AccountID, Date: s.plan.Date,
		Amount: back, Currency: s.memo.Currency, Reference: reference,
	}
	s.note("refund", reference, s.show(back))
	if left := rest.Sub(back); !left.IsZero() {
		return s.leaveOpen(s.show(left) + " remains after the refund")
	}
	return nil
}

// refundable is what may be paid back of the rest of the credit.
func (s *settler) refundable(rest money.Amount) money.Amount {
	gone := s.invoice.PaidBack.Add(s.credit.Refunded)
	back := money.Min(rest, s.invoice.Received.Sub(gone))
	if back.Sign() < 0 {
		back = money.Zero
	}
	input := fmt.Sprintf("%s to pay back, %s received, %s of it paid back before", s.show(rest), s.show(s.invoice.Received), s.show(gone))
	s.note("refund_limit", input, s.show(back))
	if !back.Equal(rest) {
		s.plan.Warning = fmt.Sprintf("%s %s of the credit stays open: payments on invoice %s come to %s, of which %s went back before. Decide in the books what becomes of it.",
			s.memo.Currency, s.show(rest.Sub(back)), s.invoice.Number, s.show(s.invoice.Received), s.show(gone))
	}
	return back
}

func (s *settler) show(a money.Amount) string { return show(a, s.memo.Currency) }
