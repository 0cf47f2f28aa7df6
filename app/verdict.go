package app

import (
	"bytes"
	"fmt"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
)

// Foreseen is what becomes of a document under some settings.
type Foreseen struct {
	Outcome PreviewOutcome
	// SkipReason is why a rule leaves the document out, or its payment alone where
	// the document is written.
	SkipReason syncrun.SkipReason
	// ErrorCode is what is in the way of the document, or of what follows it where
	// the document is written.
	ErrorCode fault.Code
}

func (f Foreseen) isWhole() bool {
	return f.Outcome == PreviewWrite && f.SkipReason == "" && f.ErrorCode == ""
}

// verdict is what becomes of a document, with what is written.
type verdict struct {
	Foreseen
	requests []byte
	written  books.Written
}

// verdictOn is what becomes of a work.
func (f *foresight) verdictOn(w *work) verdict {
	s := f.prospectOf(w)
	v := verdict{Foreseen: Foreseen{Outcome: f.outcomeOf(w)}}
	if w.run.Status == syncrun.StatusSkipped {
		v.SkipReason = w.run.SkipReason
	}
	if w.err != nil {
		v.ErrorCode = fault.CodeOf(w.err)
	}
	requests := s.requests
	if len(requests) == 0 && w.contact != nil {
		if changed, err := f.provider.RenderContact(*w.contact); err == nil {
			requests = append(requests, changed)
		}
	}
	for _, r := range requests {
		v.requests = append(append(v.requests, r.Path...), r.Body...)
	}
	v.written = writtenBy(w, s)
	return v
}

// writtenBy is what a work writes, without the ids in the books that link its
// parts: those follow from the parts.
func writtenBy(w *work, s *prospect) books.Written {
	out := books.Written{Contact: w.contact, Item: w.item}
	if w.document != nil {
		invoice := *w.document
		invoice.ContactID = ""
		out.Invoice = &invoice
	}
	if w.note != nil {
		note := *w.note
		note.ContactID = ""
		out.CreditNote = &note
	}
	if w.payment != nil {
		payment := *w.payment
		payment.InvoiceID = ""
		out.Payment = &payment
	}
	if s.refund != nil {
		refund := *s.refund
		refund.CreditNoteID = ""
		out.Refund = &refund
	}
	if s.allocation != nil {
		allocation := *s.allocation
		allocation.InvoiceID, allocation.CreditNoteID = "", ""
		out.Allocation = &allocation
	}
	return out
}

func (v verdict) isSame(o verdict) bool {
	return v.Foreseen == o.Foreseen && bytes.Equal(v.requests, o.requests)
}

// changesTo is what is written otherwise under the other verdict; nothing where
// either writes nothing.
func (v verdict) changesTo(o verdict) ([]books.Change, error) {
	if v.Outcome != PreviewWrite || o.Outcome != PreviewWrite {
		return nil, nil
	}
	changes, err := books.Diff(v.written, o.written)
	if err != nil {
		return nil, fmt.Errorf("comparing what is written: %w", err)
	}
	return changes, nil
}
