package redis

import (
	"math"
	"time"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/ports"
)

const (
	// window is a minute and a second: calls do not arrive as evenly as they
	// leave, and the provider counts arrivals.
	window = 61 * time.Second
	// day is how long a call counts towards the day.
	day = 24 * time.Hour
	// spentDay is how long an answer that nothing is left of the day is
	// believed. It does not say when the provider's day ends, so that a call is
	// tried again after it.
	spentDay = time.Hour
	// hold is how long a call stays in flight that does not say so again, which
	// it does at every beat. A killed worker's call is out of the way by the time
	// its runs are claimed again.
	hold = 10 * time.Second
	beat = 3 * time.Second
	// maxBeats bounds a call that is never ended to two minutes.
	maxBeats = int((2*time.Minute - hold) / beat)
	// reservePercent is the part of a minute's and a day's calls that bulk work
	// leaves to live work.
	reservePercent = 15
)

// verdict is the answer to who asks for room; a wait of zero means it is taken.
type verdict struct {
	wait time.Duration
	// isBusy reports that only the calls in flight are too many, so that the
	// wait is not known.
	isBusy bool
}

// used is what is used of an organisation's limits.
type used struct {
	minute, day, inFlight int
	parkedFor             time.Duration
}

// inFlightLimit keeps one of the provider's places free, for calls that are
// counted nowhere: a person's, or another app's. Zero is no limit.
func inFlightLimit(limits books.Limits) int {
	if limits.Concurrent > 1 {
		return limits.Concurrent - 1
	}
	return limits.Concurrent
}

// bulkLimits are the limits as bulk work sees them: without the reserve, but
// never so small that it does not move at all.
func bulkLimits(limits books.Limits) books.Limits {
	limits.PerMinute = withoutReserve(limits.PerMinute)
	limits.PerDay = withoutReserve(limits.PerDay)
	return limits
}

func withoutReserve(limit int) int {
	if limit <= 0 {
		return limit
	}
	return max(limit*(100-reservePercent)/100, 1)
}

func (u used) left(limits books.Limits, now time.Time) ports.BudgetLeft {
	out := ports.BudgetLeft{MinuteLeft: left(limits.PerMinute, u.minute), DayLeft: left(limits.PerDay, u.day), InFlight: u.inFlight}
	if u.parkedFor > 0 {
		until := now.Add(u.parkedFor)
		out.ParkedUntil = &until
	}
	return out
}

func left(limit, used int) int {
	if limit <= 0 {
		return math.MaxInt32
	}
	return max(limit-used, 0)
}
