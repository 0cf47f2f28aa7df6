package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// claimNote takes the memo's part of its invoice before the note is sent. When
// another memo was quicker it is decided anew, with what is left.
func (d *delivery) claimNote(ctx context.Context, w *work) error {
	if w.parent == nil {
		return nil
	}
	claim := d.creditClaim(w, w.note.Totals().Gross)
	claim.GrossLimit = &w.parent.Totals.Gross
	if err := d.Runs.ClaimCredit(ctx, claim); err != nil {
		return fmt.Errorf("claiming the invoice's credit: %w", err)
	}
	return nil
}

// claimStanding takes the part of a note that was found in the books, whatever is
// left of the invoice: its claim may have been given up while it was not found.
func (d *delivery) claimStanding(ctx context.Context, w *work) {
	if w.ended || w.run.ParentID == 0 {
		return
	}
	if err := d.Runs.ClaimCredit(ctx, d.creditClaim(w, w.note.Totals().Gross)); err != nil {
		w.fail(fmt.Errorf("claiming the invoice's credit: %w", err))
	}
}

// claimRefund takes the memo's part of what was received before it is paid back.
// The amount is all that is paid back on the note, by whomever.
func (d *delivery) claimRefund(ctx context.Context, w *work, amount money.Amount) error {
	claim := d.creditClaim(w, w.run.ProviderTotals.Gross)
	received := payableOf(*w.parent).Received
	claim.Credit.Refunded, claim.RefundLimit = amount, &received
	if err := d.Runs.ClaimCredit(ctx, claim); err != nil {
		return fmt.Errorf("claiming the refund: %w", err)
	}
	return nil
}

func (d *delivery) creditClaim(w *work, gross money.Amount) ports.CreditClaim {
	return ports.CreditClaim{
		Lease: w.lease, Scope: d.xrefScope(), InvoiceID: w.run.ParentID, MemoID: w.run.MagentoID, Credit: ports.Credit{Gross: gross},
	}
}

// dropCredits gives up what memos took whose notes are not in the books after
// all. When that fails it stays taken, which holds later refunds at worst.
func (d *delivery) dropCredits(ctx context.Context) {
	var leases []ports.Lease
	for _, w := range d.works {
		if w.takesNothing() {
			leases = append(leases, w.lease)
		}
	}
	if len(leases) == 0 {
		return
	}
	if err := d.Runs.DropCredits(ctx, leases); err != nil {
		d.Log.WarnContext(ctx, "giving up unused credit failed", "binding_id", d.binding.ID, "error", err)
	}
}

// takesNothing reports that a memo ended and its credit note is known not to
// stand in the books.
func (w *work) takesNothing() bool {
	if w.run.ParentID == 0 || !w.ended || w.lost.Load() {
		return false
	}
	mayBeThere := w.run.Intent.IsOpen() && w.run.Intent.Operation == syncrun.OperationCreditNote
	isGone := fault.Is(w.err, fault.CodeRemovedInProvider)
	return isGone || w.run.ProviderEntityID == "" && !mayBeThere
}
