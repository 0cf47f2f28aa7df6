package mapping_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/money"
)

// TestSettlementSurvivesCrashes carries a plan out with crashes after any step
// and asks for a new one each time: the note's money is moved once, and no more
// goes back than came in.
func TestSettlementSurvivesCrashes(t *testing.T) {
	t.Parallel()
	req := propertyRequest(t)
	memo := commerce.CreditMemo{IncrementID: "000000012", Currency: "GBP", CreatedAt: time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)}
	rapid.Check(t, func(rt *rapid.T) {
		credit := money.Minor(rapid.Int64Range(1, 5_000).Draw(rt, "credit"), 2)
		due := money.Minor(rapid.Int64Range(0, 5_000).Draw(rt, "due"), 2)
		received := money.Minor(rapid.Int64Range(0, 5_000).Draw(rt, "received"), 2)
		paidBack := money.Minor(rapid.Int64Range(0, 2_000).Draw(rt, "paid back by other notes"), 2)
		note := mapping.CreditState{ID: "cn-1", Remaining: credit, TakesPayments: true}
		invoice := mapping.PayableInvoice{ID: "inv-1", Number: "000000101", Due: due, Currency: "GBP", TakesPayments: true, Received: received, PaidBack: paidBack}
		allocated, refunded := money.Zero, money.Zero
		for range 10 {
			plan := mapping.Settle(req, note, &invoice, mapping.Route{AccountID: "acc-8"}, memo)
			if plan.Fault != nil {
				rt.Fatalf("refused: %v", plan.Fault)
			}
			checkSettlement(rt, plan, note, &invoice)
			if note.Remaining.IsZero() {
				break
			}
			if plan.Allocate.Sign() > 0 {
				allocated = allocated.Add(plan.Allocate)
				note.Remaining, note.IsAllocated = note.Remaining.Sub(plan.Allocate), true
				invoice.Due = invoice.Due.Sub(plan.Allocate)
				if rapid.Bool().Draw(rt, "crashes after the allocation") {
					continue
				}
			}
			if plan.Refund != nil {
				refunded = refunded.Add(plan.Refund.Amount)
				note.Remaining = note.Remaining.Sub(plan.Refund.Amount)
				note.Refunds, note.Refunded = append(note.Refunds, plan.Refund.Reference), refunded
			}
		}
		set := money.Min(credit, due)
		back := money.Min(credit.Sub(set), received.Sub(paidBack))
		if back.Sign() < 0 {
			back = money.Zero
		}
		if !allocated.Equal(set) || !refunded.Equal(back) {
			rt.Fatalf("of %s with %s due and %s received, less %s, %s is allocated and %s paid back", credit, due, received, paidBack, allocated, refunded)
		}
	})
}
