package app

import (
	"context"
	"fmt"
	"slices"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// settleNotes decides what becomes of each credit note's money and does it:
// credit against what is due of the invoice, the rest back from the account
// that took the payment. How note and invoice stand is read before every plan,
// so that a pass that died half way is taken up where it stopped.
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
			plan := mapping.Settle(d.request(w), credits[w.entity.ID], invoiceOf(w, due), d.refundRoute(ctx, w), w.memo)
			w.run.Trace = append(w.run.Trace, plan.Trace...)
			if plan.Fault != nil {
				w.fail(plan.Fault)
				return
			}
			d.allocate(ctx, w, plan, due)
			if w.payment = plan.Refund; w.payment != nil {
				refunds = append(refunds, w)
			}
		})
	}
	d.refund(ctx, slices.DeleteFunc(refunds, func(w *work) bool { return w.ended || w.lost.Load() }))
	for _, w := range works {
		if !w.ended {
			w.settle(d.Now())
			w.succeed()
		}
	}
}

// creditStates is how the credit notes stand, by the provider's id. One that is
// gone ends its work.
func (d *delivery) creditStates(ctx context.Context, works []*work) map[string]mapping.CreditState {
	out := map[string]mapping.CreditState{}
	var older []*work
	for _, w := range works {
		if w.created {
			out[w.entity.ID] = mapping.CreditState{
				ID: w.entity.ID, Remaining: w.run.ProviderTotals.Gross, TakesPayments: w.note.Status == books.StatusAuthorised,
			}
			continue
		}
		w.note = nil
		older = append(older, w)
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
		state.Refunds = append(state.Refunds, r.Reference)
	}
	return state
}

// invoiceOf is how the memo's invoice stands, less what this batch has set
// against it; nil for a memo without one.
func invoiceOf(w *work, due map[string]*mapping.PayableInvoice) *mapping.PayableInvoice {
	if w.parent == nil {
		return nil
	}
	if due[w.parent.Entity.ID] == nil {
		payable := payableOf(*w.parent)
		due[w.parent.Entity.ID] = &payable
	}
	return due[w.parent.Entity.ID]
}

// refundRoute is the account that took the invoice's payment. When the shop
// does not say how it was paid, the default account is taken.
func (d *delivery) refundRoute(ctx context.Context, w *work) mapping.Route {
	if w.parent == nil {
		return mapping.Route{}
	}
	payment, err := d.Shop.Payment(ctx, d.shop, w.memo.InvoiceID)
	if err != nil {
		if !fault.Is(err, fault.CodeMagentoNotFound) {
			return mapping.Route{Fault: fault.Of(err)}
		}
		return mapping.Route{}
	}
	return mapping.PaymentRoute(d.settings[w.run.SettingsVersion], d.ref, payment.Method)
}

// allocate sets credit against the invoice, as planned.
func (d *delivery) allocate(ctx context.Context, w *work, plan mapping.SettlementPlan, due map[string]*mapping.PayableInvoice) {
	if plan.Allocate.Sign() <= 0 || w.lost.Load() {
		return
	}
	write := ports.AllocationWrite{
		Key:          syncrun.ProviderKey(w.run.TenantID, d.binding.Organisation.ID, w.run.EntityType, w.run.MagentoID, string(syncrun.OperationAllocation), w.run.Claims),
		CreditNoteID: w.entity.ID, InvoiceID: plan.InvoiceID, Amount: plan.Allocate, Date: plan.Date,
	}
	err := d.call(ctx, func(s session) error { return d.provider.Allocate(ctx, s, write) })
	if err != nil {
		w.fail(movedOn(fmt.Errorf("allocating the credit note: %w", err)))
		return
	}
	if invoice := due[plan.InvoiceID]; invoice != nil {
		invoice.Due = invoice.Due.Sub(plan.Allocate)
	}
}

// refund pays credit back, for many notes in one call.
func (d *delivery) refund(ctx context.Context, works []*work) {
	for _, together := range d.groups(works) {
		writes := make([]ports.PaymentWrite, len(together))
		for i, w := range together {
			writes[i] = ports.PaymentWrite{
				Key:     syncrun.ProviderKey(w.run.TenantID, d.binding.Organisation.ID, w.run.EntityType, w.run.MagentoID, string(syncrun.OperationRefund), w.run.Claims),
				Payment: *w.payment,
			}
		}
		outcomes, err := d.putPayments(ctx, writes)
		for i, w := range together {
			failure := err
			if err == nil {
				failure = outcomes[i].Err
			}
			if failure != nil {
				w.fail(movedOn(failure))
				continue
			}
			w.trace("refund", w.payment.Amount.String()+" "+string(w.payment.Currency), "booked as "+outcomes[i].ID)
		}
	}
}

// movedOn is a refusal because less is due, or left, than was planned: somebody
// was quicker, and the next plan takes it into account.
func movedOn(err error) error {
	if fault.Is(err, fault.CodePaymentExceedsDue) {
		return fault.Wrap(fault.CodeConflict, "What is due changed in the meantime; it is looked at again.", err)
	}
	return err
}
