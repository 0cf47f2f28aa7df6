package app

import (
	"context"
	"fmt"
	"slices"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// settleNotes decides what becomes of each credit note's money and does it:
// credit against what is due of the invoice, the rest back from the account
// that took the payment. How note and invoice stand is read before every plan,
// so that a pass that died half way is taken up where it stopped, and a later run
// of the memo takes up what an earlier one left.
func (d *delivery) settleNotes(ctx context.Context) {
	works := slices.DeleteFunc(d.memos(), func(w *work) bool { return w.entity.ID == "" })
	credits := d.creditStates(ctx, works)
	due := map[string]*mapping.PayableInvoice{}
	var refunds []*work
	for _, w := range works {
		if w.ended {
			continue
		}
		w.guard(func(w *work) {
			if d.settleOne(ctx, w, credits[w.entity.ID], due); w.payment != nil {
				refunds = append(refunds, w)
			}
		})
	}
	for _, together := range d.groups(refunds) {
		d.refund(ctx, together, credits)
	}
	for _, w := range works {
		if !w.ended && !w.lookAgain && !w.lost.Load() {
			w.settle(d.Now())
			w.xrefs = append(w.xrefs, d.xref(syncrun.XrefSettlement, documentKey(w.run), w.entity))
			w.succeed()
		}
	}
}

// settleOne plans, allocates, and leaves the refund to be sent with others: its
// part of what was received is taken at once, so that the next plan knows of it.
func (d *delivery) settleOne(ctx context.Context, w *work, credit mapping.CreditState, due map[string]*mapping.PayableInvoice) {
	plan, invoice := d.planSettlement(ctx, w, credit, due)
	if w.ended || d.mustLookAgain(w, plan) {
		return
	}
	if plan.Allocate.Sign() > 0 {
		d.allocate(ctx, w, plan, invoice)
	}
	if w.ended || w.lost.Load() || plan.Refund == nil {
		return
	}
	if err := d.claimRefund(ctx, w, credit.Refunded.Add(plan.Refund.Amount)); err != nil {
		w.fail(err)
		return
	}
	w.payment = plan.Refund
}

// mustLookAgain reports that a step is planned whose last write got no answer:
// what was looked at just now may lag behind it.
func (d *delivery) mustLookAgain(w *work, plan mapping.SettlementPlan) bool {
	last := w.run.Intent
	if !last.IsOpen() {
		return false
	}
	if last.Operation == syncrun.OperationAllocation && plan.Allocate.Sign() > 0 {
		d.notFound(w, "allocation to "+plan.InvoiceID)
	}
	if last.Operation == syncrun.OperationRefund && plan.Refund != nil {
		d.notFound(w, plan.Refund.Reference)
	}
	return w.lookAgain
}

// creditStates is how the credit notes stand, by the provider's id. One that is
// gone ends its work.
func (d *delivery) creditStates(ctx context.Context, works []*work) map[string]mapping.CreditState {
	out, older := creditsSoFar(works)
	for _, w := range older {
		w.note = nil
	}
	found, err := d.findNotes(ctx, older)
	for _, w := range older {
		f, ok := found[w.entity.Number]
		switch {
		case err != nil:
			w.fail(err)
		case !ok:
			w.fail(notYet("Credit note " + w.entity.Number))
		case f.IsGone || f.Entity.ID != w.entity.ID:
			w.fail(fault.Newf(fault.CodeRemovedInProvider, "Credit note %s was voided or deleted in the books.", w.entity.Number))
		default:
			w.foundTotals(f.Totals)
			out[w.entity.ID] = creditStateOf(w, f)
		}
	}
	return out
}

func creditStateOf(w *work, f ports.FoundCreditNote) mapping.CreditState {
	state := mapping.CreditState{ID: f.Entity.ID, Remaining: f.Remaining, TakesPayments: f.TakesPayments}
	for _, a := range f.Allocations {
		state.IsAllocated = state.IsAllocated || (w.parent != nil && a.InvoiceID == w.parent.Entity.ID)
	}
	for _, r := range f.Refunds {
		state.Refunds, state.Refunded = append(state.Refunds, r.Reference), state.Refunded.Add(r.Amount)
	}
	return state
}

// allocate sets credit against the invoice, as planned.
func (d *delivery) allocate(ctx context.Context, w *work, plan mapping.SettlementPlan, invoice *mapping.PayableInvoice) {
	allocation := books.Allocation{CreditNoteID: w.entity.ID, InvoiceID: plan.InvoiceID, Amount: plan.Allocate, Date: plan.Date}
	if len(d.intend(ctx, []*work{w}, syncrun.OperationAllocation, func(*work) any { return allocation })) == 0 {
		return
	}
	var sent ports.Evidence
	err := d.call(ctx, func(s session) error {
		var err error
		sent, err = d.provider.Allocate(ctx, s, ports.AllocationWrite{Key: w.run.Intent.ProviderKey, Allocation: allocation})
		return err
	})
	w.wrote(syncrun.OperationAllocation, sent.Request, sent.Response)
	if err != nil {
		d.settleMoved(w, fmt.Errorf("allocating the credit note: %w", err))
		return
	}
	w.settle(d.Now())
	w.trace("allocation", plan.Allocate.String()+" "+string(w.memo.Currency), "set against invoice "+invoice.Number)
	invoice.Due = invoice.Due.Sub(plan.Allocate)
}

// refund pays credit back, for many notes in one call.
func (d *delivery) refund(ctx context.Context, works []*work, credits map[string]mapping.CreditState) {
	ready := d.intend(ctx, works, syncrun.OperationRefund, func(w *work) any { return w.payment })
	if len(ready) == 0 {
		return
	}
	writes := make([]ports.PaymentWrite, len(ready))
	for i, w := range ready {
		writes[i] = ports.PaymentWrite{Key: w.run.Intent.ProviderKey, Payment: *w.payment}
	}
	outcomes, err := d.putPayments(ctx, writes)
	for i, w := range ready {
		var outcome ports.PaymentOutcome
		failure := err
		if err == nil {
			outcome, failure = outcomes[i], outcomes[i].Err
		}
		w.wrote(syncrun.OperationRefund, outcome.Request, outcome.Response)
		if failure != nil {
			d.settleMoved(w, failure)
			d.giveBack(ctx, w, credits[w.entity.ID].Refunded)
			continue
		}
		w.settle(d.Now())
		w.trace("refund", w.payment.Amount.String()+" "+string(w.payment.Currency), "booked as "+outcome.ID)
	}
}

// giveBack takes a refund that is known not to stand in the books out of what the
// memo takes. When that fails it stays taken until the memo is settled.
func (d *delivery) giveBack(ctx context.Context, w *work, refunded money.Amount) {
	if w.run.Intent.IsOpen() {
		return
	}
	if err := d.claimRefund(ctx, w, refunded); err != nil {
		d.Log.WarnContext(ctx, "giving up an unused refund failed", "run_id", w.run.ID, "error", err)
	}
}

// settleMoved ends a work by a fault of its settlement. A refusal because less
// is due than was planned is planned anew.
func (d *delivery) settleMoved(w *work, err error) {
	if fault.Is(err, fault.CodePaymentExceedsDue) {
		w.settle(d.Now())
		w.fail(movedOn(err))
		return
	}
	d.settleFault(w, err)
}

// movedOn is a refusal because less is due, or left, than was planned: somebody
// was quicker, and the next plan takes it into account.
func movedOn(err error) error {
	if fault.Is(err, fault.CodePaymentExceedsDue) {
		return fault.Wrap(fault.CodeConflict, "What is due changed in the meantime; it is looked at again.", err)
	}
	return err
}
