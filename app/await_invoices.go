package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// awaitInvoices has memos wait whose invoice, or its payment, is under way since
// before them: credited too early, an invoice that was paid and refunded in the
// shop would be neither in the books. It returns the runs of the invoices.
//
// A run that is held or failed is not waited for. It may stay so for ever, and
// what it leaves is for the next steps to judge: without the invoice the memo is
// held, too; without the payment the credit is set against what is due, and a
// payment that is released later finds nothing due.
func (p *planner) awaitInvoices(ctx context.Context, works []*work) map[int64][]ports.InvoiceRun {
	if len(works) == 0 {
		return nil
	}
	ids := make([]int64, len(works))
	for i, w := range works {
		ids[i] = w.run.ParentID
	}
	runs, err := p.Runs.ListInvoiceRuns(ctx, p.binding.TenantID, p.binding.ID, ids)
	if err != nil {
		p.failAll(works, fmt.Errorf("looking for the invoice's runs: %w", err))
		return nil
	}
	for _, ofInvoice := range runs {
		for i := range ofInvoice {
			p.soFar(&ofInvoice[i])
		}
	}
	for _, w := range works {
		for _, r := range runs[w.run.ParentID] {
			if r.Status.IsOpen() && r.CreatedAt.Before(w.run.CreatedAt) {
				w.trace("invoice_runs", string(r.Event)+" is "+string(r.Status), "the memo waits for it")
				w.fail(fault.Newf(fault.CodeInvoiceUnderWay, "%s of the refunded invoice is still %s; the refund follows it.", stepOf(r.Event), r.Status))
				break
			}
		}
	}
	return runs
}

func stepOf(event commerce.EventName) string {
	if event == commerce.EventInvoicePaid {
		return "The payment"
	}
	return "The creation"
}

// soFar brings a run up to date that ended in this very batch, whose outcomes
// are not stored yet.
func (p *planner) soFar(r *ports.InvoiceRun) {
	for _, w := range p.works {
		if w.run.ID == r.ID && w.ended && w.err == nil && !w.lost.Load() {
			r.Status, r.SkipReason = w.run.Status, w.run.SkipReason
		}
	}
}

// refunding is the open works of memos whose invoice is known by id.
func (p *planner) refunding() []*work {
	var out []*work
	for _, w := range p.memos() {
		if w.run.ParentID != 0 {
			out = append(out, w)
		}
	}
	return out
}

// withoutInvoice ends a memo whose invoice is not in the books: left out with it
// when a filter left the invoice out. One that waited for its payment may be
// there yet, as long as the event may be on its way.
func (p *planner) withoutInvoice(w *work, runs []ports.InvoiceRun) {
	notThere := fault.Newf(fault.CodeInvoiceNotInBooks, "Invoice %s, which this memo refunds, is not in the books.", w.memo.InvoiceIncrementID)
	var last ports.InvoiceRun
	if len(runs) > 0 {
		last = runs[len(runs)-1]
	}
	reason := last.SkipReason
	mayBePaid := reason == syncrun.SkipUnpaidInvoice && w.run.MayFindInvoice(p.Now())
	if last.Status != syncrun.StatusSkipped || reason == syncrun.SkipPaymentMethodNotMapped || mayBePaid {
		w.fail(notThere)
		return
	}
	totals := mapping.CreditMemo(p.request(w), w.memo, nil).MagentoTotals
	w.run.MagentoTotals = &totals
	w.trace("invoice_runs", "invoice "+w.memo.InvoiceIncrementID+" was left out", "skip: "+string(reason))
	w.skip(reason)
}
