package app

import (
	"context"
	"fmt"
	"slices"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/syncrun"
)

// recallInvoices finds in our own records how invoices stand whose payment is
// in full and was never tried, which saves the look at the books. It is safe
// because the provider takes no more than is due: where the payment stands
// already, or the invoice changed, it refuses, and the look follows.
func (p *planner) recallInvoices(ctx context.Context) {
	works := slices.DeleteFunc(p.unpaid(), func(w *work) bool {
		isTried := w.run.Intent != nil && w.run.Intent.Operation == syncrun.OperationPayment
		return w.created || isTried || p.settings[w.run.SettingsVersion].Commercial.InitialStatus != books.StatusAuthorised
	})
	if len(works) == 0 {
		return
	}
	ids := make([]int64, len(works))
	for i, w := range works {
		ids[i] = w.run.MagentoID
	}
	booked, err := p.Runs.FindBooked(ctx, p.binding.TenantID, p.binding.ID, ids)
	if err != nil {
		p.failAll(works, fmt.Errorf("finding booked invoices: %w", err))
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
func (p *planner) unpaid() []*work {
	return slices.DeleteFunc(p.openOf(commerce.EventInvoicePaid), func(w *work) bool { return w.lookAgain || w.entity.ID == "" })
}

func (p *planner) takeKnownPayments(ctx context.Context) {
	works := p.unpaid()
	known, err := p.findXrefs(ctx, syncrun.XrefInvoicePayment, works)
	if err != nil {
		p.failAll(works, err)
		return
	}
	for _, w := range works {
		if x, ok := known[documentKey(w.run)]; ok {
			w.trace("known", "xref of the payment of invoice "+w.entity.Number, "in the books as "+x.EntityID)
			w.settle(p.Now())
			w.succeed()
		}
	}
}

func (p *planner) decidePayment(w *work, invoice mapping.PayableInvoice) {
	decision := mapping.Payment(p.request(w), w.received, invoice)
	w.run.Trace = append(w.run.Trace, decision.Trace...)
	switch {
	case decision.Fault != nil:
		w.fail(decision.Fault)
	case decision.Skip != "":
		w.skip(decision.Skip)
	case decision.NothingDue:
		w.settle(p.Now())
		w.succeed()
	default:
		w.payment = decision.Payment
		if w.run.Intent != nil && w.run.Intent.Operation == syncrun.OperationPayment {
			p.notFound(w, "payment "+w.payment.Reference)
		}
		if w.lookAgain {
			w.payment = nil
		}
	}
}

// payableSoFar is how the invoices stand, by number, as far as our own records
// say, and the works whose invoices have to be looked at.
func (p *planner) payableSoFar(works []*work) (map[string]mapping.PayableInvoice, []*work) {
	out := map[string]mapping.PayableInvoice{}
	var asked []*work
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
			asked = append(asked, w)
		}
	}
	return out, asked
}

// readPayments fetches the payments from the shop.
func (p *planner) readPayments(ctx context.Context) {
	p.each(p.unpaid(), "reading the payment", func(w *work) error {
		payment, err := p.Shop.Payment(ctx, p.shop, w.run.MagentoID)
		w.received = payment
		return err
	})
}
