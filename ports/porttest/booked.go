package porttest

import (
	"testing"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

var bookedPromises = []promise{
	{"FindBooked/finds invoices with the provider's totals", findsBooked},
	{"FindBooked/has the newest run speak", findsBookedLast},
	{"FindBooked/finds nothing for a stranger or of another binding", findsNothingBookedElsewhere},
}

// inBooks is a run of an invoice that ended in the books with a total. One of a
// payment does not know the currency.
func (w *world) inBooks(t *testing.T, gross string, change ...func(*syncrun.Run)) syncrun.Run {
	t.Helper()
	w.added(t, change...)
	run := w.claimOne(t)
	run.ProviderEntityID = "invoice-" + run.ID
	if run.Event == commerce.EventInvoiceCreated {
		run.Currency = "EUR"
	}
	run.ProviderTotals = &books.Totals{Net: money.Of(gross), Gross: money.Of(gross)}
	w.record(t, w.outcome(run, syncrun.StatusSucceeded))
	return run
}

func (w *world) findBooked(t *testing.T, bindingID string, ids ...int64) map[int64]ports.BookedInvoice {
	t.Helper()
	return must(w.Runs.FindBooked(t.Context(), w.tenant, bindingID, ids))(t, "FindBooked")
}

func bookedAs(run syncrun.Run) ports.BookedInvoice {
	return ports.BookedInvoice{EntityID: run.ProviderEntityID, Totals: *run.ProviderTotals, Currency: run.Currency}
}

func findsBooked(t *testing.T, w *world) {
	one, another := w.inBooks(t, "10.10"), w.inBooks(t, "20.20")
	unknown := w.finished(t, syncrun.StatusSucceeded)
	memo := w.memo(t, one.MagentoID, "30", syncrun.StatusSucceeded)
	same(t, "FindBooked", w.findBooked(t, w.binding.ID, one.MagentoID, unknown.MagentoID, memo.MagentoID), map[int64]ports.BookedInvoice{one.MagentoID: bookedAs(one)})
	same(t, "FindBooked of the other", w.findBooked(t, w.binding.ID, another.MagentoID), map[int64]ports.BookedInvoice{another.MagentoID: bookedAs(another)})
	same(t, "FindBooked of none", w.findBooked(t, w.binding.ID), map[int64]ports.BookedInvoice{})
}

func findsBookedLast(t *testing.T, w *world) {
	first := w.inBooks(t, "10.10")
	second := w.inBooks(t, "20.20", sameDocument(first))
	w.finished(t, syncrun.StatusSucceeded, sameDocument(first))
	w.inBooks(t, "30.30", sameDocument(first), func(r *syncrun.Run) { r.Event = commerce.EventInvoicePaid })
	same(t, "FindBooked", w.findBooked(t, w.binding.ID, first.MagentoID), map[int64]ports.BookedInvoice{first.MagentoID: bookedAs(second)})
}

func findsNothingBookedElsewhere(t *testing.T, w *world) {
	run := w.inBooks(t, "10.10")
	same(t, "FindBooked of another binding", w.findBooked(t, "binding_unknown", run.MagentoID), map[int64]ports.BookedInvoice{})
	same(t, "FindBooked by a stranger", w.stranger(t).findBooked(t, w.binding.ID, run.MagentoID), map[int64]ports.BookedInvoice{})
}
