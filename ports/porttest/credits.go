package porttest

import (
	"strconv"
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

var creditPromises = []promise{
	{"ClaimCredit/counts for the invoice's other memos, whatever becomes of its run", claimsCredit},
	{"ClaimCredit/keeps the sums to their limits", limitsCredit},
	{"ClaimCredit/takes turns", claimsCreditInTurn},
	{"ClaimCredit/is for the holder of the run, and for an invoice with an xref", claimsOwnCredit},
	{"SumCredits/adds nothing of another organisation, store or tenant", sumsNoForeignCredits},
	{"DropCredits/forgets what the claim stored, and not what a later one did", dropsCredits},
	{"ListInvoiceRuns/lists the runs of the binding's invoices, oldest first", listsInvoiceRuns},
}

// invoiceNumber is the Magento id of the invoice that the memos refund.
const invoiceNumber = 900

// linked links the invoice to the books.
func (w *world) linked(t *testing.T) {
	t.Helper()
	need(t, "PutXref", w.Runs.PutXref(t.Context(), w.xref(func(x *syncrun.Xref) { x.Key, x.EntityID = strconv.Itoa(invoiceNumber), w.id("entity") })))
}

// claimedMemo is a claimed run of a credit memo.
func (w *world) claimedMemo(t *testing.T) syncrun.Run {
	t.Helper()
	w.added(t, func(r *syncrun.Run) {
		r.Event, r.EntityType = commerce.EventCreditMemoCreated, commerce.EntityCreditMemo
	})
	return w.claimOne(t)
}

// memo is a run of a credit memo that refunds an invoice, as it ended.
func (w *world) memo(t *testing.T, invoiceID int64, gross string, status syncrun.Status) syncrun.Run {
	t.Helper()
	run := w.claimedMemo(t)
	run.ParentID, run.ProviderEntityID = invoiceID, "note-"+run.ID
	run.MagentoTotals = &books.Totals{Net: money.Of(gross), Gross: money.Of(gross)}
	w.record(t, w.outcome(run, status))
	return run
}

// credit is a memo's claim on the invoice, within limits.
func (w *world) credit(run syncrun.Run, gross, grossLimit, refunded, refundLimit string) ports.CreditClaim {
	limit := func(s string) *money.Amount {
		if s == "" {
			return nil
		}
		a := money.Of(s)
		return &a
	}
	return ports.CreditClaim{
		Lease: lease(run), Scope: w.scope(), InvoiceID: invoiceNumber, MemoID: run.MagentoID,
		Credit:     ports.Credit{Gross: money.Of(gross), Refunded: money.Of(refunded)},
		GrossLimit: limit(grossLimit), RefundLimit: limit(refundLimit),
	}
}

func (w *world) wantCredits(t *testing.T, scope ports.XrefScope, memoID int64, gross, refunded string) {
	t.Helper()
	got := must(w.Runs.SumCredits(t.Context(), scope, invoiceNumber, memoID))(t, "SumCredits")
	same(t, "what the other memos take", got, ports.Credit{Gross: money.Of(gross), Refunded: money.Of(refunded)})
}

func claimsCredit(t *testing.T, w *world) {
	w.linked(t)
	w.wantCredits(t, w.scope(), 0, "0", "0")
	var runs []syncrun.Run
	for _, status := range []syncrun.Status{syncrun.StatusSucceeded, syncrun.StatusHeld, syncrun.StatusFailed} {
		run := w.claimedMemo(t)
		need(t, "ClaimCredit", w.Runs.ClaimCredit(t.Context(), w.credit(run, "10.10", "100", "0", "")))
		need(t, "ClaimCredit", w.Runs.ClaimCredit(t.Context(), w.credit(run, "10.0001", "100", "3.50", "100")))
		w.wantCredits(t, w.scope(), run.MagentoID, money.Of("10.0001").Mul(money.Int(int64(len(runs)))).String(), money.Of("3.50").Mul(money.Int(int64(len(runs)))).String())
		w.record(t, w.outcome(run, status))
		runs = append(runs, run)
	}
	w.wantCredits(t, w.scope(), 0, "30.0003", "10.50")
}

func limitsCredit(t *testing.T, w *world) {
	w.linked(t)
	first, second := w.claimedMemo(t), w.claimedMemo(t)
	need(t, "ClaimCredit", w.Runs.ClaimCredit(t.Context(), w.credit(first, "60", "100", "50", "70")))
	for _, tooMuch := range []ports.CreditClaim{
		w.credit(second, "40.01", "100", "0", ""),
		w.credit(second, "40", "100", "20.01", "70"),
	} {
		wantFault(t, "ClaimCredit of too much", w.Runs.ClaimCredit(t.Context(), tooMuch), fault.CodeConflict)
	}
	w.wantCredits(t, w.scope(), first.MagentoID, "0", "0")
	need(t, "ClaimCredit", w.Runs.ClaimCredit(t.Context(), w.credit(second, "40", "100", "20", "70")))
	need(t, "ClaimCredit again", w.Runs.ClaimCredit(t.Context(), w.credit(second, "40", "100", "20", "70")))
	need(t, "ClaimCredit of a note that stands", w.Runs.ClaimCredit(t.Context(), w.credit(second, "41", "", "20", "70")))
	w.wantCredits(t, w.scope(), 0, "101", "70")
}

func claimsCreditInTurn(t *testing.T, w *world) {
	w.linked(t)
	const memos = 6
	claims := make([]ports.CreditClaim, memos)
	for i := range claims {
		claims[i] = w.credit(w.claimedMemo(t), "40", "100", "0", "")
	}
	errs := make([]error, memos)
	together(memos, func(i int) { errs[i] = w.Runs.ClaimCredit(t.Context(), claims[i]) })
	taken := 0
	for _, err := range errs {
		if err == nil {
			taken++
			continue
		}
		wantFault(t, "ClaimCredit of too much", err, fault.CodeConflict)
	}
	if taken != 2 {
		t.Errorf("%d memos of 40 took their part of 100, want 2", taken)
	}
	w.wantCredits(t, w.scope(), 0, "80", "0")
}

func claimsOwnCredit(t *testing.T, w *world) {
	run := w.claimedMemo(t)
	wantFault(t, "ClaimCredit on an invoice without an xref", w.Runs.ClaimCredit(t.Context(), w.credit(run, "1", "9", "0", "")), fault.CodeConflict)
	w.linked(t)
	lost := w.credit(run, "1", "9", "0", "")
	lost.Lease.Claims--
	wantFault(t, "ClaimCredit with an old lease", w.Runs.ClaimCredit(t.Context(), lost), fault.CodeConflict)
	foreign := w.credit(run, "1", "9", "0", "")
	foreign.Lease.TenantID = w.stranger(t).tenant
	wantFault(t, "ClaimCredit for a stranger's run", w.Runs.ClaimCredit(t.Context(), foreign), fault.CodeInvalid)
	w.record(t, w.outcome(run, syncrun.StatusSucceeded))
	wantFault(t, "ClaimCredit of an ended run", w.Runs.ClaimCredit(t.Context(), w.credit(run, "1", "9", "0", "")), fault.CodeConflict)
	w.wantCredits(t, w.scope(), 0, "0", "0")
}

func sumsNoForeignCredits(t *testing.T, w *world) {
	w.linked(t)
	need(t, "ClaimCredit", w.Runs.ClaimCredit(t.Context(), w.credit(w.claimedMemo(t), "1", "9", "1", "9")))
	stranger := w.stranger(t)
	for _, change := range []func(*ports.XrefScope){
		func(s *ports.XrefScope) { s.OrganisationID = "org-2" },
		func(s *ports.XrefScope) { s.StoreID = "store-2" },
		func(s *ports.XrefScope) { s.Provider = binding.FreeAgent },
		func(s *ports.XrefScope) { s.TenantID = stranger.tenant },
	} {
		scope := w.scope()
		change(&scope)
		w.wantCredits(t, scope, 0, "0", "0")
	}
}

func dropsCredits(t *testing.T, w *world) {
	w.linked(t)
	first, second := w.claimedMemo(t), w.claimedMemo(t)
	for _, run := range []syncrun.Run{first, second} {
		need(t, "ClaimCredit", w.Runs.ClaimCredit(t.Context(), w.credit(run, "10", "100", "0", "")))
	}
	late := lease(first)
	late.Claims--
	foreign := lease(first)
	foreign.TenantID = w.stranger(t).tenant
	need(t, "DropCredits", w.Runs.DropCredits(t.Context(), []ports.Lease{late, foreign}))
	w.wantCredits(t, w.scope(), 0, "20", "0")
	need(t, "DropCredits", w.Runs.DropCredits(t.Context(), []ports.Lease{lease(first)}))
	w.wantCredits(t, w.scope(), 0, "10", "0")
	need(t, "DropCredits again", w.Runs.DropCredits(t.Context(), []ports.Lease{lease(first)}))
}

func listsInvoiceRuns(t *testing.T, w *world) {
	created := w.added(t, func(r *syncrun.Run) { r.MagentoID = invoiceNumber })
	claimed := w.claimOne(t)
	o := w.outcome(claimed, syncrun.StatusSkipped)
	o.Run.SkipReason = syncrun.SkipUnpaidInvoice
	w.record(t, o)
	paid := w.added(t, func(r *syncrun.Run) {
		r.MagentoID, r.Event, r.CreatedAt = invoiceNumber, commerce.EventInvoicePaid, created.CreatedAt.Add(time.Second)
	})
	other := w.added(t, func(r *syncrun.Run) { r.MagentoID = invoiceNumber + 1 })
	w.added(t, func(r *syncrun.Run) {
		r.MagentoID, r.Event, r.EntityType = invoiceNumber, commerce.EventCreditMemoCreated, commerce.EntityCreditMemo
	})
	got := must(w.Runs.ListInvoiceRuns(t.Context(), w.tenant, w.binding.ID, []int64{invoiceNumber, invoiceNumber + 1, 4711}))(t, "ListInvoiceRuns")
	want := map[int64][]ports.InvoiceRun{
		invoiceNumber: {
			{ID: created.ID, Event: created.Event, Status: syncrun.StatusSkipped, SkipReason: syncrun.SkipUnpaidInvoice, CreatedAt: created.CreatedAt},
			{ID: paid.ID, Event: paid.Event, Status: syncrun.StatusQueued, CreatedAt: paid.CreatedAt},
		},
		invoiceNumber + 1: {{ID: other.ID, Event: other.Event, Status: syncrun.StatusQueued, CreatedAt: other.CreatedAt}},
	}
	same(t, "ListInvoiceRuns", got, want)
	for name, ask := range map[string]func() (map[int64][]ports.InvoiceRun, error){
		"another binding": func() (map[int64][]ports.InvoiceRun, error) {
			return w.Runs.ListInvoiceRuns(t.Context(), w.tenant, "binding_unknown", []int64{invoiceNumber})
		},
		"a stranger": func() (map[int64][]ports.InvoiceRun, error) {
			return w.Runs.ListInvoiceRuns(t.Context(), w.stranger(t).tenant, w.binding.ID, []int64{invoiceNumber})
		},
	} {
		if got := must(ask())(t, "ListInvoiceRuns"); len(got) != 0 {
			t.Errorf("%s sees %v", name, got)
		}
	}
}
