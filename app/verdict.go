package app

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
)

// verdict is what becomes of a document under some settings.
type verdict struct {
	outcome PreviewOutcome
	// isWritten reports that nothing is in the way of any of it, and isLeftOut that
	// a rule leaves it, or its payment, out.
	isWritten, isLeftOut bool
	// why says it in words.
	why string
	// requests are what is written, and parts name what is likely to differ.
	requests []byte
	parts    []part
}

// part is one property of what is written, in words.
type part struct{ name, value string }

// verdictOn is what becomes of a work.
func (f *foresight) verdictOn(w *work) verdict {
	v := verdict{outcome: f.outcomeOf(w), isLeftOut: w.run.Status == syncrun.StatusSkipped}
	v.isWritten = v.outcome == PreviewWrite && w.err == nil && !v.isLeftOut
	requests := f.prospectOf(w).requests
	if len(requests) == 0 && w.contact != nil {
		if changed, err := f.provider.RenderContact(*w.contact); err == nil {
			requests = append(requests, changed)
		}
	}
	for _, r := range requests {
		v.requests = append(append(v.requests, r.Path...), r.Body...)
	}
	v.why = f.why(w, v)
	if v.outcome == PreviewWrite {
		v.parts = partsOf(w)
	}
	return v
}

// why says in words what becomes of a work.
func (f *foresight) why(w *work, v verdict) string {
	var reason string
	switch {
	case w.err != nil:
		reason = string(fault.CodeOf(w.err))
	case v.isLeftOut:
		reason = string(w.run.SkipReason)
	}
	switch {
	case v.isWritten:
		return "written"
	case v.outcome == PreviewWrite && v.isLeftOut:
		return "written, its payment left out: " + reason
	case v.outcome == PreviewWrite:
		return "written in part: " + reason
	case v.isLeftOut:
		return "left out: " + reason
	case v.outcome == PreviewHold:
		return "held: " + reason
	case v.outcome == PreviewFail:
		return "failed: " + reason
	}
	return "nothing to write"
}

func (v verdict) isSame(o verdict) bool {
	return v.outcome == o.outcome && v.why == o.why && bytes.Equal(v.requests, o.requests)
}

// against says two verdicts in words, with the parts in which they differ.
func (v verdict) against(o verdict) (before, after string) {
	return v.text(o), o.text(v)
}

func (v verdict) text(o verdict) string {
	words := []string{v.why}
	for i, p := range v.parts {
		if len(v.parts) == len(o.parts) && p == o.parts[i] || p.value == "" {
			continue
		}
		words = append(words, p.name+" "+p.value)
	}
	return strings.Join(words, ", ")
}

// partsOf are the properties of what a work writes, always in the same order.
func partsOf(w *work) []part {
	var number, account, item, paid string
	var lines []books.Line
	switch {
	case w.document != nil:
		number, lines = w.document.Number, w.document.Lines
	case w.note != nil:
		number, lines = w.note.Number, w.note.Lines
	case w.item != nil:
		item = w.item.Code
		lines = []books.Line{{AccountCode: w.item.AccountCode, TaxType: w.item.TaxType}}
	}
	if w.payment != nil {
		account, paid = w.payment.AccountID, w.payment.Amount.String()
	}
	parts := []part{
		{"number", number},
		{"item", item},
		{"on accounts", ofLines(lines, func(l books.Line) string { return l.AccountCode })},
		{"with tax types", ofLines(lines, func(l books.Line) string { return l.TaxType })},
		{"paid", paid},
		{"into account", account},
	}
	if d := w.document; d != nil {
		parts = append(parts, part{"status", string(d.Status)}, part{"dated", d.Date.String()}, part{"due", d.DueDate.String()})
	}
	if n := w.note; n != nil {
		parts = append(parts, part{"status", string(n.Status)}, part{"dated", n.Date.String()})
	}
	if w.contact != nil && len(w.contact.Names) > 0 {
		parts = append(parts, part{"for contact", w.contact.Names[0]})
	}
	return append(parts, part{"in lines", fmt.Sprint(len(lines))})
}

// ofLines is the distinct values of lines, in order.
func ofLines(lines []books.Line, value func(books.Line) string) string {
	var out []string
	for _, l := range lines {
		if v := value(l); v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return strings.Join(out, ", ")
}
