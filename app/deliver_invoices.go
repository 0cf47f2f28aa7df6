package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// deliverInvoices takes the open works of invoice events through their stages:
// known already, look up what may have been sent, read, decide, contacts,
// intent, send. A work that ends leaves the later stages out.
func (d *delivery) deliverInvoices(ctx context.Context) {
	d.takeKnown(ctx)
	d.lookUp(ctx)
	d.read(ctx)
	d.followMapping(ctx, "invoices", d.unknownInvoices(), func(context.Context) { d.decide() })
	d.resolveContacts(ctx)
	for _, together := range d.groups(d.unknownInvoices()) {
		d.send(ctx, d.intendInvoices(ctx, together))
	}
	d.afterArchivedContact(ctx)
}

func documentKey(run syncrun.Run) string { return strconv.FormatInt(run.MagentoID, 10) }

// groups splits works into those that may be sent in one call.
func (d *delivery) groups(works []*work) [][]*work {
	var out [][]*work
	var open []*work
	room := 0
	for _, w := range works {
		together := w.run.TogetherWith(d.provider.Capabilities().BatchSize)
		if len(open) > 0 && len(open) < min(room, together) {
			open, room = append(open, w), min(room, together)
			out[len(out)-1] = open
			continue
		}
		open, room = []*work{w}, together
		out = append(out, open)
	}
	return out
}

// intendInvoices records the exact invoices before anything is sent, and
// returns the works that may be sent.
func (d *delivery) intendInvoices(ctx context.Context, works []*work) []*work {
	works = slices.DeleteFunc(slices.Clone(works), func(w *work) bool { return w.document == nil })
	return d.intend(ctx, works, syncrun.OperationInvoice, func(w *work) any { return w.document })
}

// send puts the documents into the books and settles each by its own answer.
func (d *delivery) send(ctx context.Context, works []*work) {
	if len(works) == 0 {
		return
	}
	writes := make([]ports.InvoiceWrite, len(works))
	for i, w := range works {
		writes[i] = ports.InvoiceWrite{Key: w.run.Intent.ProviderKey, Invoice: *w.document}
	}
	var outcomes []ports.InvoiceOutcome
	err := d.call(ctx, func(s session) error {
		var err error
		outcomes, err = d.provider.PutInvoices(ctx, s, writes)
		return err
	})
	if err == nil && len(outcomes) != len(works) {
		err = fault.New(fault.CodeProviderUncertain, "The provider answered for another number of documents.")
	}
	if err != nil {
		for _, w := range works {
			d.settleFault(w, err)
		}
		return
	}
	var taken []*work
	for i, w := range works {
		o := outcomes[i]
		w.request, w.response = o.Request, o.Response
		switch {
		case fault.Is(o.Err, fault.CodeNumberTaken):
			w.settle(d.Now())
			taken = append(taken, w)
		case o.Err != nil:
			d.settleFault(w, o.Err)
		default:
			w.created = w.isFirstTry
			d.accept(ctx, w, o.Entity, o.Totals)
		}
	}
	d.adoptTaken(ctx, taken)
}

// accept takes note of an invoice that is in the books: linked, and held when
// the provider's totals are not the ones we computed. The invoice of an
// invoice.paid is linked at once: its payment may take more than this pass.
func (d *delivery) accept(ctx context.Context, w *work, entity ports.BookEntity, totals books.Totals) {
	d.acceptTotals(w, syncrun.XrefInvoice, entity, w.document.Totals(), totals)
	if w.ended {
		return
	}
	if w.run.Event == commerce.EventInvoicePaid {
		if err := d.Runs.PutXref(ctx, w.xrefs[len(w.xrefs)-1]); err != nil {
			w.fail(fmt.Errorf("linking the invoice: %w", err))
			return
		}
	}
	d.finishInvoice(w, entity)
}

// acceptTotals settles the intent and compares totals. The entity is linked when
// they are ours. When they are not the work is held and not linked: the next
// attempt finds the document by its number and compares again.
func (d *delivery) acceptTotals(w *work, kind syncrun.XrefKind, entity ports.BookEntity, want, got books.Totals) {
	w.settle(d.Now())
	w.name(entity)
	w.run.ProviderTotals = &got
	if !got.Equal(want) {
		w.trace("totals", "ours "+showTotals(want), "the provider's "+showTotals(got))
		w.fail(fault.Newf(fault.CodeTotalsDiffer, "The document is in the books with other totals: %s there, %s in Magento. Correct it there, then retry; it is not sent again.", showTotals(got), showTotals(want)))
		return
	}
	w.xrefs = append(w.xrefs, d.xref(kind, documentKey(w.run), entity))
	w.trace("totals", "ours "+showTotals(want), "equal in the books")
}

func showTotals(t books.Totals) string {
	return fmt.Sprintf("net %s, tax %s, gross %s", t.Net, t.Tax, t.Gross)
}
