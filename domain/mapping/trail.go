package mapping

import (
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
)

// trail is the rules consulted so far, in order.
type trail []syncrun.Step

func (t *trail) note(rule, input, result string) {
	*t = append(*t, syncrun.Step{Rule: rule, Input: input, Result: result})
}

// refuse notes the fault as the rule's result and returns it.
func (t *trail) refuse(rule, input string, f *fault.Error) *fault.Error {
	t.note(rule, input, string(f.Code))
	return f
}

// skip notes that a filter leaves the document out and returns the reason.
func (t *trail) skip(rule, input string, reason syncrun.SkipReason) syncrun.SkipReason {
	t.note(rule, input, "skip: "+string(reason))
	return reason
}
