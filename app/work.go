package app

import (
	"sync/atomic"
	"time"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/ports"
)

// work is one claimed run on its way through a delivery.
type work struct {
	run       syncrun.Run
	lease     ports.Lease
	startedAt time.Time
	// lost is set when another worker claimed the run.
	lost atomic.Bool

	invoice  commerce.Invoice
	document *books.Invoice
	contact  *books.Contact
	// entity is the invoice or credit note once it is in the books.
	entity ports.BookEntity
	// isFirstTry reports that the run came without an intent: nothing of it was
	// ever sent.
	isFirstTry bool
	// created reports that it got there in this pass and by a first try, so that
	// nothing can stand on it yet.
	created bool
	memo    commerce.CreditMemo
	// parent is the invoice a memo refunds, as it stands in the books.
	parent   *ports.FoundInvoice
	note     *books.CreditNote
	item     *books.Item
	customer commerce.Customer
	product  commerce.Product
	received commerce.Payment
	// booked is the invoice to be paid as our runs saw it last, for a payment
	// that is tried without a look at the books.
	booked  *ports.BookedInvoice
	payment *books.Payment
	// before is the intent the run came with; it is restored when nothing was sent.
	before *syncrun.Intent
	// warning is what a person should look at although the work succeeded.
	warning string

	ended bool
	err   error
	// lookAgain is set when a look-up found nothing and one more must follow.
	lookAgain bool
	xrefs     []syncrun.Xref
	request   []byte
	response  []byte
	// writes is what was sent and answered where a pass writes more than once.
	writes []written
}

// lookupLag is how long a look-up that found nothing waits for the next one.
const lookupLag = 3 * time.Second

func newWork(run syncrun.Run, now time.Time) *work {
	run.Trace = nil
	return &work{
		run: run, startedAt: now, before: run.Intent, isFirstTry: run.Intent == nil,
		lease: ports.Lease{TenantID: run.TenantID, RunID: run.ID, Claims: run.Claims},
	}
}

func (w *work) trace(rule, input, result string) {
	w.run.Trace = append(w.run.Trace, syncrun.Step{Rule: rule, Input: input, Result: result})
}

func (w *work) fail(err error) { w.ended, w.err = true, err }

func (w *work) skip(reason syncrun.SkipReason) {
	w.ended = true
	w.run.Status, w.run.SkipReason = syncrun.StatusSkipped, reason
}

func (w *work) succeed() {
	w.ended = true
	w.run.Status = syncrun.StatusSucceeded
}

// contactID is where the document about to be sent names its contact; nil when
// there is no such document.
func (w *work) contactID() *string {
	switch {
	case w.document != nil:
		return &w.document.ContactID
	case w.note != nil:
		return &w.note.ContactID
	}
	return nil
}

// name makes the entity in the books part of the run.
func (w *work) name(e ports.BookEntity) {
	w.run.ProviderEntityID, w.run.ProviderReference, w.run.ProviderURL = e.ID, e.Number, e.URL
}

// foundTotals takes the provider's totals from a look-up, for a document whose
// own answer was lost.
func (w *work) foundTotals(t books.Totals) {
	if w.run.ProviderTotals == nil {
		w.run.ProviderTotals = &t
	}
}

// settle closes the intent: a definite answer came.
func (w *work) settle(now time.Time) {
	w.run.Lookups = 0
	if w.run.Intent != nil {
		closed := *w.run.Intent
		closed.SettledAt = &now
		w.run.Intent = &closed
	}
}

// nextEpoch is the epoch of the write about to be intended. It moves once the
// fate of the run's last write is known, and with every other operation.
func (w *work) nextEpoch(operation syncrun.Operation) int {
	switch {
	case w.run.Intent == nil:
		return 1
	case w.run.Intent.IsOpen() && w.run.Intent.Operation == operation:
		return w.run.Intent.Epoch
	}
	return w.run.Intent.Epoch + 1
}

// outcome is what to store of the work.
func (w *work) outcome(now time.Time, newID func(string) string) (ports.Outcome, syncrun.Decision) {
	run := w.run
	var decision syncrun.Decision
	switch {
	case w.err != nil:
		decision = w.applyFault(&run, now)
	case w.lookAgain || !w.ended:
		run.Status, run.NextAttemptAt = syncrun.StatusUncertain, now.Add(lookupLag)
	default:
		run.ErrorCode, run.Message = "", w.warning
	}
	request, response := w.evidence()
	if !run.Status.IsOpen() {
		run.FinishedAt = &now
	}
	if run.StartedAt == nil {
		run.StartedAt = &w.startedAt
	}
	out := ports.Outcome{
		Lease: w.lease, Run: run, Xrefs: w.xrefs,
		Attempt: &syncrun.Attempt{
			ID: newID("att"), RunID: run.ID, TenantID: run.TenantID, Number: run.Claims, StartedAt: w.startedAt, FinishedAt: now,
			Outcome: run.Status, ErrorCode: run.ErrorCode, Message: run.Message, Request: request, Response: response,
		},
	}
	if !run.Status.IsOpen() {
		state := chipOf(run, now)
		out.State = &state
		out.Callback = &syncrun.Callback{ID: newID("cbk"), State: state, Status: syncrun.CallbackPending, NextAttemptAt: now, CreatedAt: now, TraceParent: run.TraceParent}
		out.Message = webhook.OfRun(run, now)
	}
	return out, decision
}

func (w *work) applyFault(run *syncrun.Run, now time.Time) syncrun.Decision {
	f := fault.Of(w.err)
	decision := syncrun.Next(*run, f, now)
	run.Status, run.ErrorCode, run.Message = decision.Status, f.Code, f.Message
	if decision.Counts {
		run.Attempts++
	}
	if decision.Status == syncrun.StatusFailed && f.Kind().Class() == fault.Soon {
		run.Message = "Given up after about a day: " + f.Message
	}
	if !decision.At.IsZero() {
		run.NextAttemptAt = decision.At
	}
	return decision
}

// chipOf is the chip a finished run leaves. A payment left out by policy
// leaves its invoice's chip Synced.
func chipOf(run syncrun.Run, now time.Time) syncrun.SyncState {
	if leavesChip(run) {
		run.Status = syncrun.StatusSucceeded
	}
	return syncrun.StateOf(run, now)
}
