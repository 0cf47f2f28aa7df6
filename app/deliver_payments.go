package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// deliverPayments pays the invoices of invoice.paid events that are in the
// books. A payment has no number: what stands on the invoice is looked at before
// every try but the first of a payment in full.
func (d *delivery) deliverPayments(ctx context.Context) {
	d.takeKnownPayments(ctx)
	d.readPayments(ctx)
	d.recallInvoices(ctx)
	d.bookPayments(ctx, d.unpaid())
	d.bookPayments(ctx, d.unpaid()) // those that turned out to need a look
}

// bookPayments decides and sends payments.
func (d *delivery) bookPayments(ctx context.Context, works []*work) {
	invoices := d.payable(ctx, works)
	var ready []*work
	d.followMapping(ctx, "payments", works, func(context.Context) {
		for _, w := range works {
			if w.ended {
				continue
			}
			w.guard(func(w *work) { d.decidePayment(w, invoices[w.entity.Number]) })
			if !w.ended && w.payment != nil {
				ready = append(ready, w)
			}
		}
	})
	for _, together := range d.groups(ready) {
		d.sendPayments(ctx, d.intend(ctx, together, syncrun.OperationPayment, func(w *work) any { return w.payment }))
	}
}

// payable is how the invoices stand, by number. One that is gone ends its work.
func (d *delivery) payable(ctx context.Context, works []*work) map[string]mapping.PayableInvoice {
	out, asked := d.payableSoFar(works)
	if len(asked) == 0 {
		return out
	}
	numbers := make([]string, len(asked))
	for i, w := range asked {
		numbers[i] = w.entity.Number
	}
	found, err := d.findInvoices(ctx, numbers)
	for _, w := range asked {
		f, ok := found[w.entity.Number]
		switch {
		case err != nil:
			w.fail(err)
		case !ok:
			w.fail(notYet("Invoice " + w.entity.Number))
		case f.IsGone || f.Entity.ID != w.entity.ID:
			w.fail(fault.Newf(fault.CodeRemovedInProvider, "Invoice %s was voided or deleted in the books.", w.entity.Number))
		default:
			w.foundTotals(f.Totals)
			out[w.entity.Number] = payableOf(f)
		}
	}
	return out
}

// notYet is for what is in the books by our own account and is not found there:
// an index may lag behind the write, so that it is looked for again.
func notYet(what string) error {
	return fault.New(fault.CodeConflict, what+" is not found in the books by its number yet; it is looked for again.")
}

func payableOf(f ports.FoundInvoice) mapping.PayableInvoice {
	p := mapping.PayableInvoice{
		ID: f.Entity.ID, Number: f.Entity.Number, Due: f.AmountDue, Currency: money.Currency(f.Currency), TakesPayments: f.TakesPayments,
	}
	for _, payment := range f.Payments {
		p.Payments, p.Received = append(p.Payments, payment.Reference), p.Received.Add(payment.Amount)
	}
	return p
}

// sendPayments books payments and settles each by its own answer.
func (d *delivery) sendPayments(ctx context.Context, works []*work) {
	if len(works) == 0 {
		return
	}
	writes := make([]ports.PaymentWrite, len(works))
	for i, w := range works {
		writes[i] = ports.PaymentWrite{Key: w.run.Intent.ProviderKey, Payment: *w.payment}
	}
	outcomes, err := d.putPayments(ctx, writes)
	for i, w := range works {
		failure := err
		if err == nil {
			w.request, w.response, failure = outcomes[i].Request, outcomes[i].Response, outcomes[i].Err
		}
		switch {
		case w.booked != nil && isAboutInvoice(failure):
			w.settle(d.Now())
			w.trace("payment", w.payment.Amount.String()+" "+string(w.payment.Currency), "refused; the invoice is looked at")
			w.booked, w.payment = nil, nil
		case fault.Is(failure, fault.CodePaymentExceedsDue):
			w.settle(d.Now())
			w.fail(movedOn(failure))
		case failure != nil:
			d.settleFault(w, failure)
		default:
			w.settle(d.Now())
			w.xrefs = append(w.xrefs, d.xref(syncrun.XrefInvoicePayment, documentKey(w.run), ports.BookEntity{ID: outcomes[i].ID, Number: w.payment.Reference}))
			w.trace("payment", w.payment.Amount.String()+" "+string(w.payment.Currency), "booked as "+outcomes[i].ID)
			w.succeed()
		}
	}
}

// isAboutInvoice recognises refusals of a payment that a look at the invoice may
// explain.
func isAboutInvoice(err error) bool {
	return fault.Is(err, fault.CodePaymentExceedsDue) || fault.Is(err, fault.CodeInvoiceNotAuthorised) || fault.Is(err, fault.CodeProviderRejected)
}

func (d *delivery) putPayments(ctx context.Context, writes []ports.PaymentWrite) ([]ports.PaymentOutcome, error) {
	var outcomes []ports.PaymentOutcome
	err := d.call(ctx, func(s session) error {
		var err error
		outcomes, err = d.provider.PutPayments(ctx, s, writes)
		return err
	})
	if err == nil && len(outcomes) != len(writes) {
		err = fault.New(fault.CodeProviderUncertain, "The provider answered for another number of payments.")
	}
	if err != nil {
		return nil, fmt.Errorf("booking payments: %w", err)
	}
	return outcomes, nil
}
