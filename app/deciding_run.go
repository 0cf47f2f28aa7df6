package app

import (
	"context"
	"slices"

	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// leavesChip reports whether a finished run leaves its document's chip as an
// earlier run decided it: a payment left out by policy, of an invoice in the books.
func leavesChip(run syncrun.Run) bool {
	return run.Status == syncrun.StatusSkipped && run.SkipReason == syncrun.SkipPaymentMethodNotMapped && run.ProviderEntityID != ""
}

// nameDecider makes the chip of a run that leaves it name the run that decided
// it: the document's newest one that succeeded. Where there is none, because the
// run brought the invoice into the books itself, or history was removed, the
// chip names the run.
func (d *delivery) nameDecider(ctx context.Context, o *ports.Outcome) {
	if o.State == nil || !leavesChip(o.Run) {
		return
	}
	runs, err := d.Runs.ListRuns(ctx, o.Run.TenantID, ports.RunFilter{
		BindingID: o.Run.BindingID, EntityType: o.Run.EntityType, MagentoID: o.Run.MagentoID, Statuses: []syncrun.Status{syncrun.StatusSucceeded},
	}, ports.Page{First: MaxPage})
	if err != nil {
		d.Log.WarnContext(ctx, "the run that decided a chip was not found", "run_id", o.Run.ID, "error", err)
		return
	}
	if i := slices.IndexFunc(runs.Rows, func(r syncrun.Run) bool { return r.ID != o.Run.ID }); i >= 0 {
		o.State.RunID, o.Callback.State.RunID = runs.Rows[i].ID, runs.Rows[i].ID
	}
}
