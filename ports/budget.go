package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/books"
)

// Budget is what is left of a provider's limits for an organisation. All
// workers share it.
type Budget interface {
	// Take waits for room for one call and takes it: no more calls in flight, a
	// minute and a day than the limits allow. When there is none before the
	// context ends, or the wait is longer than a few seconds, it reports
	// rate_limited with the wait. The call must be ended with Done.
	//
	// Bulk work is refused while less than 15 % of a minute's or a day's calls
	// are left, so that live work always finds some.
	Take(ctx context.Context, organisation string, limits books.Limits, isBulk bool) (BudgetCall, error)
	// Left says what is left now.
	Left(ctx context.Context, organisation string, limits books.Limits) (BudgetLeft, error)
}

// BudgetCall is one call under way.
type BudgetCall interface {
	// Done ends the call and tells the budget what the answer said of the limits.
	Done(ctx context.Context, seen BudgetSeen)
}

// BudgetSeen is what an answer said of the limits; nil means it did not say.
type BudgetSeen struct {
	MinuteLeft *int
	DayLeft    *int
	// ParkFor is how long the provider asked us to stay away; zero for not at all.
	ParkFor time.Duration
}

// BudgetLeft is what is left of an organisation's limits.
type BudgetLeft struct {
	MinuteLeft  int
	DayLeft     int
	InFlight    int
	ParkedUntil *time.Time
}
