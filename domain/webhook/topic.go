// Package webhook tells partners' addresses of what happens: the messages, the
// endpoints they go to, and what becomes of a delivery after each attempt.
package webhook

import "slices"

// Topic is what a message tells of. Topics are permanent.
type Topic string

// The topics.
const (
	RunSucceeded    Topic = "run.succeeded"
	RunSkipped      Topic = "run.skipped"
	RunHeld         Topic = "run.held"
	RunFailed       Topic = "run.failed"
	BindingUnlinked Topic = "binding.unlinked"
	BudgetLow       Topic = "budget.low"
)

// Topics lists every topic.
func Topics() []Topic {
	return []Topic{RunSucceeded, RunSkipped, RunHeld, RunFailed, BindingUnlinked, BudgetLow}
}

// IsKnown reports whether there is such a topic.
func (t Topic) IsKnown() bool { return slices.Contains(Topics(), t) }
