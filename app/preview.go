package app

import (
	"fmt"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// PreviewOutcome is what would become of a document.
type PreviewOutcome string

// The outcomes. A document of which anything would be sent is to be written,
// even when something is in the way of the rest, such as its payment.
const (
	PreviewWrite   PreviewOutcome = "WRITE"
	PreviewInBooks PreviewOutcome = "IN_BOOKS"
	PreviewSkip    PreviewOutcome = "SKIP"
	PreviewHold    PreviewOutcome = "HOLD"
	PreviewFail    PreviewOutcome = "FAIL"
)

// Preview is what would become of a document now.
type Preview struct {
	EntityType  commerce.EntityType
	MagentoID   int64
	IncrementID string
	Outcome     PreviewOutcome
	// SkipReason is set when a rule leaves the document out.
	SkipReason syncrun.SkipReason
	// Fault is what is in the way, of the document or of its payment or
	// settlement; nil when nothing is.
	Fault *fault.Error
	Trace []syncrun.Step
	// Requests are what would be sent, in order. An id that only an earlier one of
	// them gives stands as words in angle brackets.
	Requests []PreviewRequest
	// Totals of both sides; the books' as the provider computes them. Nil while
	// not known.
	MagentoTotals, ProviderTotals *books.Totals
	Currency                      money.Currency
	// Steps are what would happen, a sentence each.
	Steps []string
	// SettingsVersion is 0 when the settings were given.
	SettingsVersion int
}

// PreviewRequest is one request as the provider would get it.
type PreviewRequest = ports.ProviderRequest

// prospect is what would become of one work, as far as it was looked at.
type prospect struct {
	requests []ports.ProviderRequest
	steps    []string
	// allocation is what would be set of a credit note against an invoice.
	allocation *books.Allocation
	// refund is what would be paid back of one.
	refund *books.Payment
	// changes reports a write whose request depends on what the books hold.
	changes bool
}

func (s *prospect) say(format string, args ...any) {
	s.steps = append(s.steps, fmt.Sprintf(format, args...))
}

func (s *prospect) writes() bool { return s.changes || len(s.requests) > 0 }

// previewOf is the work as it would end.
func (f *foresight) previewOf(w *work) Preview {
	s := f.prospectOf(w)
	out := Preview{
		EntityType: w.run.EntityType, MagentoID: w.run.MagentoID, IncrementID: w.run.IncrementID, Outcome: f.outcomeOf(w),
		Trace: w.run.Trace, Requests: s.requests, MagentoTotals: w.run.MagentoTotals, ProviderTotals: w.run.ProviderTotals,
		Currency: w.run.Currency, SettingsVersion: w.run.SettingsVersion,
	}
	out.Steps = append(out.Steps, f.caveats()...)
	out.Steps = append(out.Steps, s.steps...)
	switch out.Outcome {
	case PreviewWrite:
	case PreviewSkip:
		out.SkipReason = w.run.SkipReason
		out.Steps = append(out.Steps, fmt.Sprintf("It would be left out: %s.", w.run.SkipReason))
	case PreviewInBooks:
		out.Steps = append(out.Steps, "Nothing would be written.")
	case PreviewHold:
		out.Steps = append(out.Steps, "It would wait, and nothing would be written.")
	case PreviewFail:
		out.Steps = append(out.Steps, "Nothing would be written, because it cannot be worked on.")
	}
	if w.err != nil {
		out.Fault = fault.Of(w.err)
		out.Steps = append(out.Steps, "In the way is: "+out.Fault.Message)
	}
	return out
}

func (f *foresight) outcomeOf(w *work) PreviewOutcome {
	switch {
	case f.prospectOf(w).writes():
		return PreviewWrite
	case w.err != nil && fault.Of(w.err).Kind().Class() == fault.Hold:
		return PreviewHold
	case w.err != nil:
		return PreviewFail
	case w.run.Status == syncrun.StatusSkipped && !leavesChip(w.run):
		return PreviewSkip
	}
	return PreviewInBooks
}

// caveats say on what a preview stands when it is not on what live work would.
func (f *foresight) caveats() []string {
	var out []string
	if f.binding.Status != binding.StatusActive {
		out = append(out, fmt.Sprintf("The binding is %s: no document is sent until it is active.", f.binding.Status))
	}
	if !f.ref.FetchedAt.IsZero() && f.ref.IsStale(f.Now()) {
		out = append(out, fmt.Sprintf("The organisation's reference data was read on %s and is used as it was.", f.ref.FetchedAt.UTC().Format(time.RFC1123)))
	}
	return out
}
