package porttest

import (
	"testing"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
)

var creditPromises = []promise{
	{"SumCredits/adds the credit memos of the invoice that are in the books", sumsCredits},
	{"SumCredits/leaves one run's memo out", sumsOtherCredits},
	{"SumCredits/counts a memo with several runs once", sumsMemosOnce},
	{"SumCredits/adds nothing for a stranger or of another binding", sumsNoForeignCredits},
}

// memo is a run of a credit memo that refunds an invoice, as it ended.
func (w *world) memo(t *testing.T, invoiceID int64, gross string, status syncrun.Status, change ...func(*syncrun.Run)) syncrun.Run {
	t.Helper()
	w.added(t, func(r *syncrun.Run) {
		r.Event, r.EntityType = commerce.EventCreditMemoCreated, commerce.EntityCreditMemo
	})
	run := w.claimOne(t)
	run.ParentID, run.ProviderEntityID = invoiceID, "note-"+run.ID
	run.MagentoTotals = &books.Totals{Net: money.Of(gross), Gross: money.Of(gross)}
	for _, c := range change {
		c(&run)
	}
	w.record(t, w.outcome(run, status))
	return run
}

func (w *world) wantCredits(t *testing.T, bindingID string, invoiceID int64, except, want string) {
	t.Helper()
	got := must(w.Runs.SumCredits(t.Context(), w.tenant, bindingID, invoiceID, except))(t, "SumCredits")
	if !got.Equal(money.Of(want)) {
		t.Errorf("SumCredits gave %s, want %s", got, want)
	}
}

func sumsCredits(t *testing.T, w *world) {
	w.wantCredits(t, w.binding.ID, 900, "", "0")
	w.memo(t, 900, "10.10", syncrun.StatusSucceeded)
	w.memo(t, 900, "0.0001", syncrun.StatusFailed)
	w.memo(t, 900, "20.20", syncrun.StatusHeld, func(r *syncrun.Run) {
		r.ProviderTotals = &books.Totals{Net: money.Of("20.21"), Gross: money.Of("20.21")}
	})
	w.memo(t, 901, "400", syncrun.StatusSucceeded)
	w.memo(t, 900, "800", syncrun.StatusHeld, func(r *syncrun.Run) { r.ProviderEntityID = "" })
	w.memo(t, 900, "1600", syncrun.StatusSkipped, func(r *syncrun.Run) { r.ProviderEntityID = "" })
	w.wantCredits(t, w.binding.ID, 900, "", "30.3101")
	w.wantCredits(t, w.binding.ID, 902, "", "0")
	w.memo(t, 0, "3200", syncrun.StatusSucceeded)
	w.wantCredits(t, w.binding.ID, 0, "", "0")
}

func sumsOtherCredits(t *testing.T, w *world) {
	w.memo(t, 900, "1", syncrun.StatusSucceeded)
	mine := w.memo(t, 900, "2", syncrun.StatusFailed)
	w.wantCredits(t, w.binding.ID, 900, mine.ID, "1")
	again := w.repeat(mine)
	w.accept(t, again)
	w.wantCredits(t, w.binding.ID, 900, again.ID, "1")
}

func sumsMemosOnce(t *testing.T, w *world) {
	mine := w.memo(t, 900, "2", syncrun.StatusFailed)
	w.accept(t, w.repeat(mine))
	again := w.claimOne(t)
	again.ParentID, again.ProviderEntityID, again.MagentoTotals = mine.ParentID, mine.ProviderEntityID, mine.MagentoTotals
	w.record(t, w.outcome(again, syncrun.StatusSucceeded))
	w.wantCredits(t, w.binding.ID, 900, "", "2")
}

func sumsNoForeignCredits(t *testing.T, w *world) {
	w.memo(t, 900, "1", syncrun.StatusSucceeded)
	w.wantCredits(t, "binding_unknown", 900, "", "0")
	w.stranger(t).wantCredits(t, w.binding.ID, 900, "", "0")
}
