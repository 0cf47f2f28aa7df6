package app

import (
	"context"
	"encoding/json"
	"fmt"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// deliverCreditMemos takes credit memos through the stages of an invoice, and
// then settles each credit note that is in the books.
func (d *delivery) deliverCreditMemos(ctx context.Context) {
	defer d.dropCredits(ctx)
	d.takeKnownNotes(ctx)
	d.lookUpNotes(ctx)
	d.awaitInvoices(ctx, d.refunding())
	d.readMemos(ctx)
	d.filterMemos()
	runs := d.awaitInvoices(ctx, d.refunding())
	d.findParents(ctx, runs)
	d.followMapping(ctx, "credit memos", d.unknownNotes(), d.decideNotes)
	d.resolveContacts(ctx)
	for _, together := range d.groups(d.unknownNotes()) {
		ready := d.intend(ctx, together, syncrun.OperationCreditNote, func(w *work) any { return w.note })
		d.sendNotes(ctx, ready)
	}
	d.settleNotes(ctx)
}

// lookUpNotes asks the provider what became of credit notes sent before.
func (d *delivery) lookUpNotes(ctx context.Context) {
	var asked []*work
	for _, w := range d.unknownNotes() {
		if w.run.Intent == nil || w.run.Intent.Operation != syncrun.OperationCreditNote {
			continue
		}
		var sent books.CreditNote
		if err := json.Unmarshal(w.run.Intent.Document, &sent); err != nil {
			w.fail(fmt.Errorf("reading the recorded document: %w", err))
			continue
		}
		w.note = &sent
		asked = append(asked, w)
	}
	found, err := d.findNotes(ctx, asked)
	if err != nil {
		d.failAll(asked, err)
		return
	}
	for _, w := range asked {
		number := w.note.Number
		if f, ok := found[number]; ok {
			d.adoptNote(ctx, w, f)
			continue
		}
		w.note = nil
		d.notFound(w, number)
	}
}

func (d *delivery) findNotes(ctx context.Context, works []*work) (map[string]ports.FoundCreditNote, error) {
	if len(works) == 0 {
		return nil, nil
	}
	numbers := make([]string, len(works))
	for i, w := range works {
		numbers[i] = w.entity.Number
		if w.note != nil {
			numbers[i] = w.note.Number
		}
	}
	var found map[string]ports.FoundCreditNote
	err := d.call(ctx, func(s session) error {
		var err error
		found, err = d.provider.FindCreditNotes(ctx, s, numbers)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking credit notes up: %w", err)
	}
	return found, nil
}

// adoptNote takes a found credit note as the outcome when it is the one we
// sent. A stranger's is left alone.
func (d *delivery) adoptNote(ctx context.Context, w *work, f ports.FoundCreditNote) {
	sent := w.note
	wanted := sent.Totals()
	w.run.MagentoTotals, w.run.Currency = &wanted, sent.Currency
	isOurs := f.Reference == sent.Reference && f.Currency == string(sent.Currency) &&
		(f.ContactID == sent.ContactID || f.Totals.Equal(wanted))
	switch {
	case !isOurs:
		w.trace("look_up", sent.Number, "belongs to another document: "+f.Reference)
		w.settle(d.Now())
		w.fail(fault.Newf(fault.CodeNumberTaken, "Number %s belongs to another credit note in the books.", sent.Number))
	case f.IsGone:
		w.trace("look_up", sent.Number, "ours, voided or deleted there")
		w.settle(d.Now())
		w.fail(fault.Newf(fault.CodeRemovedInProvider, "Credit note %s was voided or deleted in the books.", sent.Number))
	default:
		w.trace("look_up", sent.Number, "ours; adopted")
		d.acceptNote(ctx, w, f.Entity, f.Totals)
		d.claimStanding(ctx, w)
	}
}

// acceptNote links a credit note that is in the books, at once: its settlement
// may take more than this pass.
func (d *delivery) acceptNote(ctx context.Context, w *work, entity ports.BookEntity, totals books.Totals) {
	d.acceptTotals(w, syncrun.XrefCreditMemo, entity, w.note.Totals(), totals)
	if w.ended {
		return
	}
	w.entity = entity
	if err := d.Runs.PutXref(ctx, w.xrefs[len(w.xrefs)-1]); err != nil {
		w.fail(fmt.Errorf("linking the credit note: %w", err))
	}
}

// findParents finds the invoices that memos refund as they stand in the books;
// runs are those of the invoices.
func (d *delivery) findParents(ctx context.Context, runs map[int64][]ports.InvoiceRun) {
	links := d.linkParents(ctx, runs)
	if len(links) == 0 {
		return
	}
	numbers := make([]string, 0, len(links))
	for _, link := range links {
		numbers = append(numbers, link.Reference)
	}
	found, err := d.findInvoices(ctx, numbers)
	for w, link := range links {
		f, ok := found[link.Reference]
		switch {
		case err != nil:
			w.fail(fmt.Errorf("finding the refunded invoice: %w", err))
		case !ok:
			w.fail(notYet("Invoice " + link.Reference))
		case f.IsGone || f.Entity.ID != link.EntityID:
			w.fail(fault.Newf(fault.CodeRemovedInProvider, "Invoice %s, which this memo refunds, was voided or deleted in the books.", w.memo.InvoiceIncrementID))
		default:
			w.parent = &f
		}
	}
}

// decideNotes maps each memo and takes its part of the invoice, one after the
// other, so that memos of one invoice know of each other.
func (d *delivery) decideNotes(ctx context.Context) {
	for _, w := range d.unknownNotes() {
		w.guard(func(w *work) {
			if d.decideNote(ctx, w); w.ended {
				return
			}
			if err := d.claimNote(ctx, w); err != nil {
				w.fail(err)
			}
		})
	}
}

// sendNotes puts credit notes into the books and settles each by its own answer.
func (d *delivery) sendNotes(ctx context.Context, works []*work) {
	if len(works) == 0 {
		return
	}
	writes := make([]ports.CreditNoteWrite, len(works))
	for i, w := range works {
		writes[i] = ports.CreditNoteWrite{Key: w.run.Intent.ProviderKey, CreditNote: *w.note}
	}
	var outcomes []ports.CreditNoteOutcome
	err := d.call(ctx, func(s session) error {
		var err error
		outcomes, err = d.provider.PutCreditNotes(ctx, s, writes)
		return err
	})
	if err == nil && len(outcomes) != len(works) {
		err = fault.New(fault.CodeProviderUncertain, "The provider answered for another number of credit notes.")
	}
	var taken []*work
	for i, w := range works {
		failure := err
		if err == nil {
			failure = outcomes[i].Err
			w.wrote(syncrun.OperationCreditNote, outcomes[i].Request, outcomes[i].Response)
		}
		switch {
		case fault.Is(failure, fault.CodeNumberTaken):
			w.settle(d.Now())
			taken = append(taken, w)
		case failure != nil:
			d.settleFault(w, failure)
		default:
			w.created = w.isFirstTry
			d.acceptNote(ctx, w, outcomes[i].Entity, outcomes[i].Totals)
		}
	}
	d.adoptTakenNotes(ctx, taken)
}

func (d *delivery) adoptTakenNotes(ctx context.Context, works []*work) {
	found, err := d.findNotes(ctx, works)
	if err != nil {
		d.failAll(works, err)
		return
	}
	for _, w := range works {
		if f, ok := found[w.note.Number]; ok {
			d.adoptNote(ctx, w, f)
			continue
		}
		w.fail(fault.Newf(fault.CodeNumberTaken, "Number %s belongs to another credit note in the books.", w.note.Number))
	}
}
