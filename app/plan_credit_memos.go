package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// parentOf is the invoice of a memo with what its other memos take of it,
// wherever they are; nil for a memo without one.
func (p *planner) parentOf(ctx context.Context, w *work) (*mapping.Parent, error) {
	if w.parent == nil {
		return nil, nil
	}
	others, err := p.Runs.SumCredits(ctx, p.xrefScope(), w.run.ParentID, w.run.MagentoID)
	if err != nil {
		return nil, fmt.Errorf("adding up other refunds: %w", err)
	}
	return &mapping.Parent{
		Number: w.parent.Entity.Number, Date: books.DateOf(w.memo.InvoiceCreatedAt, p.location), ContactID: w.parent.ContactID,
		Total: w.parent.Totals.Gross, Credited: others.Gross,
	}, nil
}

// memos is the open works of credit memo events, but for those to be looked up
// once more.
func (p *planner) memos() []*work {
	return slices.DeleteFunc(p.openOf(commerce.EventCreditMemoCreated), func(w *work) bool { return w.lookAgain })
}

// unknownNotes is the memos whose credit note is not known to be in the books.
func (p *planner) unknownNotes() []*work {
	return slices.DeleteFunc(p.memos(), func(w *work) bool { return w.entity.ID != "" })
}

func (p *planner) takeKnownNotes(ctx context.Context) {
	works := p.memos()
	known, err := p.findXrefs(ctx, syncrun.XrefCreditMemo, works)
	if err != nil {
		p.failAll(works, err)
		return
	}
	for _, w := range works {
		if x, ok := known[documentKey(w.run)]; ok {
			w.trace("known", "xref of credit memo "+x.Key, "in the books as "+x.Reference)
			w.entity = ports.BookEntity{ID: x.EntityID, Number: x.Reference, URL: x.URL}
			w.name(w.entity)
		}
	}
}

// filterMemo ends a memo that the settings leave out, before anything is asked
// about the invoice it refunds.
func (p *planner) filterMemo(w *work) {
	decision := mapping.CreditMemo(p.request(w), w.memo, nil)
	if decision.Skip == "" {
		return
	}
	totals := decision.MagentoTotals
	w.run.Trace, w.run.MagentoTotals = append(w.run.Trace, decision.Trace...), &totals
	w.skip(decision.Skip)
}

// readMemos fetches the credit memos from the shop.
func (p *planner) readMemos(ctx context.Context) {
	p.each(p.memos(), "reading the credit memo", func(w *work) error {
		memo, err := p.Shop.CreditMemo(ctx, p.shop, w.run.MagentoID)
		if err != nil {
			return err
		}
		w.memo, w.run.IncrementID, w.run.Currency, w.run.ParentID = memo, memo.IncrementID, memo.Currency, memo.InvoiceID
		return nil
	})
}

// filterMemos ends the memos that the settings leave out.
func (p *planner) filterMemos() {
	for _, w := range p.unknownNotes() {
		w.guard(p.filterMemo)
	}
}

// linkParents finds our xrefs of the invoices that memos refund. A memo whose
// invoice is not in the books waits for it, or is left out as it was; runs are
// those of the invoices.
func (p *planner) linkParents(ctx context.Context, runs map[int64][]ports.InvoiceRun) map[*work]syncrun.Xref {
	works := p.refunding()
	if len(works) == 0 {
		return nil
	}
	keys := make([]string, len(works))
	for i, w := range works {
		keys[i] = strconv.FormatInt(w.run.ParentID, 10)
	}
	links, err := p.Runs.FindXrefs(ctx, p.xrefScope(), syncrun.XrefInvoice, keys)
	linked := map[*work]syncrun.Xref{}
	for i, w := range works {
		link, ok := links[keys[i]]
		switch {
		case err != nil:
			w.fail(fmt.Errorf("finding the refunded invoice: %w", err))
		case !ok:
			p.withoutInvoice(w, runs[w.run.ParentID])
		default:
			linked[w] = link
		}
	}
	return linked
}

// decideNote maps a memo, or ends its work with a skip, a hold or a refusal.
func (p *planner) decideNote(ctx context.Context, w *work) {
	parent, err := p.parentOf(ctx, w)
	if err != nil {
		w.fail(err)
		return
	}
	decision := mapping.CreditMemo(p.request(w), w.memo, parent)
	w.run.Trace = append(w.run.Trace, decision.Trace...)
	totals := decision.MagentoTotals
	w.run.MagentoTotals = &totals
	switch {
	case decision.Fault != nil:
		w.fail(decision.Fault)
	case decision.Skip != "":
		w.skip(decision.Skip)
	default:
		w.note, w.contact = decision.CreditNote, decision.Contact
	}
}
