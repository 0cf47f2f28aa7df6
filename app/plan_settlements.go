package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/mapping"
)

// planSettlement plans what becomes of a credit note's money, and returns how the
// memo's invoice stands. A fault ends the work.
func (p *planner) planSettlement(
	ctx context.Context, w *work, credit mapping.CreditState, due map[string]*mapping.PayableInvoice,
) (mapping.SettlementPlan, *mapping.PayableInvoice) {
	invoice, err := p.invoiceOf(ctx, w, due)
	if err != nil {
		w.fail(err)
		return mapping.SettlementPlan{}, nil
	}
	plan := mapping.Settle(p.request(w), credit, invoice, p.refundRoute(ctx, w), w.memo)
	w.run.Trace = append(w.run.Trace, plan.Trace...)
	if plan.Fault != nil {
		w.fail(plan.Fault)
		return plan, invoice
	}
	w.warning = plan.Warning
	return plan, invoice
}

// creditsSoFar is how the credit notes of this pass stand, by the provider's id,
// and the works whose notes are older.
func creditsSoFar(works []*work) (map[string]mapping.CreditState, []*work) {
	out := map[string]mapping.CreditState{}
	var older []*work
	for _, w := range works {
		if !w.created {
			older = append(older, w)
			continue
		}
		out[w.entity.ID] = mapping.CreditState{
			ID: w.entity.ID, Remaining: w.run.ProviderTotals.Gross, TakesPayments: w.note.Status == books.StatusAuthorised,
		}
	}
	return out, older
}

// invoiceOf is how the memo's invoice stands, less what this batch has set
// against it and with what other memos paid back; nil for a memo without one.
func (p *planner) invoiceOf(ctx context.Context, w *work, due map[string]*mapping.PayableInvoice) (*mapping.PayableInvoice, error) {
	if w.parent == nil {
		return nil, nil
	}
	if due[w.parent.Entity.ID] == nil {
		payable := payableOf(*w.parent)
		due[w.parent.Entity.ID] = &payable
	}
	others, err := p.Runs.SumCredits(ctx, p.xrefScope(), w.run.ParentID, w.run.MagentoID)
	if err != nil {
		return nil, fmt.Errorf("adding up other refunds: %w", err)
	}
	invoice := due[w.parent.Entity.ID]
	invoice.PaidBack = others.Refunded
	return invoice, nil
}

// refundRoute is the account that took the invoice's payment. While the shop
// does not say how it was paid there is none.
func (p *planner) refundRoute(ctx context.Context, w *work) mapping.Route {
	if w.parent == nil {
		return mapping.Route{}
	}
	payment, err := p.Shop.Payment(ctx, p.shop, w.run.ParentID)
	if err != nil {
		return mapping.Route{Fault: fault.Of(err)}
	}
	return mapping.RefundRoute(p.settings[w.run.SettingsVersion], p.ref, payment.Method)
}
