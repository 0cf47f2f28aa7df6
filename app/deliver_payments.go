package app

import (
	"context"
	"fmt"
	"slices"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
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
	d.each(d.unpaid(), "reading the payment", func(w *work) error {
		payment, err := d.Shop.Payment(ctx, d.shop, w.run.MagentoID)
		w.received = payment
		return err
	})
	d.recallInvoices(ctx)
	d.bookPayments(ctx, d.unpaid())
	d.bookPayments(ctx, d.unpaid()) // those that turned out to need a look
}

// bookPayments decides and sends payments.
func (d *delivery) bookPayments(ctx context.Context, works []*work) {
	invoices := d.payable(ctx, works)
	var ready []*work
	for _, w := range works {
		if w.ended {
			continue
		}
		w.guard(func(w *work) { d.decidePayment(w, invoices[w.entity.Number]) })
		if !w.ended && w.payment != nil {
			ready = append(ready, w)
		}
	}
	for _, together := range d.groups(ready) {
		d.sendPayments(ctx, d.intend(ctx, together, syncrun.OperationPayment, func(w *work) any { return w.payment }))
	}
}

// recallInvoices finds in our own records how invoices stand whose payment is
// in full and was never tried, which saves the look at the books. It is safe
// because the provider takes no more than is due: where the payment stands
// already, or the invoice changed, it refuses, and the look follows.
func (d *delivery) recallInvoices(ctx context.Context) {
	works := slices.DeleteFunc(d.unpaid(), func(w *work) bool {
		isTried := w.run.Intent != nil && w.run.Intent.Operation == syncrun.OperationPayment
		return w.created || isTried || d.settings[w.run.SettingsVersion].Commercial.InitialStatus != books.StatusAuthorised
	})
	if len(works) == 0 {
		return
	}
	ids := make([]int64, len(works))
	for i, w := range works {
		ids[i] = w.run.MagentoID
	}
	booked, err := d.Runs.FindBooked(ctx, d.binding.TenantID, d.binding.ID, ids)
	if err != nil {
		d.failAll(works, fmt.Errorf("finding booked invoices: %w", err))
		return
	}
	for _, w := range works {
		b, ok := booked[w.run.MagentoID]
		if ok && b.EntityID == w.entity.ID && w.received.Amount.Cmp(b.Totals.Gross) >= 0 {
			w.booked = &b
		}
	}
}

// unpaid is the open works of invoice.paid events whose invoice is in the books.
func (d *delivery) unpaid() []*work {
	return slices.DeleteFunc(d.openOf(commerce.EventInvoicePaid), func(w *work) bool { return w.lookAgain || w.entity.ID == "" })
}

func (d *delivery) takeKnownPayments(ctx context.Context) {
	works := d.unpaid()
	known, err := d.findXrefs(ctx, syncrun.XrefInvoicePayment, works)
	if err != nil {
		d.failAll(works, err)
		return
	}
	for _, w := range works {
		if x, ok := known[documentKey(w.run)]; ok {
			w.trace("known", "xref of the payment of invoice "+w.entity.Number, "in the books as "+x.EntityID)
			w.settle(d.Now())
			w.succeed()
		}
	}
}

// payable is how the invoices stand, by number. One that is gone ends its work.
func (d *delivery) payable(ctx context.Context, works []*work) map[string]mapping.PayableInvoice {
	out := map[string]mapping.PayableInvoice{}
	var asked []*work
	var numbers []string
	for _, w := range works {
		switch {
		case w.created:
			out[w.entity.Number] = mapping.PayableInvoice{
				ID: w.entity.ID, Number: w.entity.Number, Due: w.run.ProviderTotals.Gross, Currency: w.run.Currency,
				TakesPayments: w.document.Status == books.StatusAuthorised,
			}
		case w.booked != nil:
			w.foundTotals(w.booked.Totals)
			out[w.entity.Number] = mapping.PayableInvoice{
				ID: w.entity.ID, Number: w.entity.Number, Due: w.booked.Totals.Gross, Currency: w.booked.Currency, TakesPayments: true,
			}
		default:
			asked, numbers = append(asked, w), append(numbers, w.entity.Number)
		}
	}
	if len(asked) == 0 {
		return out
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

func (d *delivery) decidePayment(w *work, invoice mapping.PayableInvoice) {
	decision := mapping.Payment(d.request(w), w.received, invoice)
	w.run.Trace = append(w.run.Trace, decision.Trace...)
	switch {
	case decision.Fault != nil:
		w.fail(decision.Fault)
	case decision.Skip != "":
		w.skip(decision.Skip)
	case decision.NothingDue:
		w.settle(d.Now())
		w.succeed()
	default:
		w.payment = decision.Payment
		if w.run.Intent != nil && w.run.Intent.Operation == syncrun.OperationPayment {
			d.notFound(w, "payment "+w.payment.Reference)
		}
		if w.lookAgain {
			w.payment = nil
		}
	}
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

// findXrefs finds the xrefs of works by their documents.
func (d *delivery) findXrefs(ctx context.Context, kind syncrun.XrefKind, works []*work) (map[string]syncrun.Xref, error) {
	if len(works) == 0 {
		return nil, nil
	}
	keys := make([]string, len(works))
	for i, w := range works {
		keys[i] = documentKey(w.run)
	}
	found, err := d.Runs.FindXrefs(ctx, d.xrefScope(), kind, keys)
	if err != nil {
		return nil, fmt.Errorf("finding xrefs: %w", err)
	}
	return found, nil
}
