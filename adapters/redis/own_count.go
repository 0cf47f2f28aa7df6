package redis

import (
	"slices"
	"sync"
	"time"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/ports"
)

// ownCount counts the calls of this process by the rules of the scripts.
type ownCount struct {
	mu            sync.Mutex
	organisations map[string]*ownCalls
}

// ownCalls are one organisation's calls.
type ownCalls struct {
	// minute holds when each call of the last minute began, oldest first.
	minute   []ownCall
	inFlight map[string]time.Time
	day      int
	dayEnds  time.Time
	parked   time.Time
}

type ownCall struct {
	id string
	at time.Time
}

func newOwnCount() *ownCount { return &ownCount{organisations: map[string]*ownCalls{}} }

// take takes room unless this process alone has used it up. The day is asked
// about only when nobody else counts it: another process may have learned
// meanwhile that a new one began.
func (o *ownCount) take(organisation, id string, limits books.Limits, now time.Time, isAlone bool) verdict {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.at(organisation, now)
	wait := c.parked.Sub(now)
	if isAlone && limits.PerDay > 0 && c.day >= limits.PerDay {
		wait = max(wait, c.dayEnds.Sub(now))
	}
	if n := len(c.minute); limits.PerMinute > 0 && n >= limits.PerMinute {
		wait = max(wait, c.minute[n-limits.PerMinute].at.Add(window).Sub(now))
	}
	if wait > 0 {
		return verdict{wait: wait}
	}
	if limit := inFlightLimit(limits); limit > 0 && len(c.inFlight) >= limit {
		return verdict{wait: time.Millisecond, isBusy: true}
	}
	c.minute = append(c.minute, ownCall{id: id, at: now})
	c.inFlight[id] = now.Add(hold)
	c.day++
	return verdict{}
}

// hold keeps a call in flight for longer.
func (o *ownCount) hold(organisation, id string, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.at(organisation, now).inFlight[id] = now.Add(hold)
}

// giveBack undoes a take whose call will not be made.
func (o *ownCount) giveBack(organisation, id string, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.at(organisation, now)
	c.minute = slices.DeleteFunc(c.minute, func(call ownCall) bool { return call.id == id })
	delete(c.inFlight, id)
	c.day = max(c.day-1, 0)
}

func (o *ownCount) done(organisation, id string, limits books.Limits, seen ports.BudgetSeen, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.at(organisation, now)
	delete(c.inFlight, id)
	if until := now.Add(seen.ParkFor); seen.ParkFor > 0 && until.After(c.parked) {
		c.parked = until
	}
	if limits.PerMinute > 0 && seen.MinuteLeft != nil {
		for range limits.PerMinute - *seen.MinuteLeft - len(c.minute) {
			c.minute = append(c.minute, ownCall{at: now})
		}
	}
	if limits.PerDay > 0 && seen.DayLeft != nil {
		c.day = max(limits.PerDay-*seen.DayLeft, 0) + len(c.inFlight)
		if soon := now.Add(spentDay); *seen.DayLeft == 0 && soon.Before(c.dayEnds) {
			c.dayEnds = soon
		}
	}
}

func (o *ownCount) used(organisation string, now time.Time) used {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := o.at(organisation, now)
	return used{minute: len(c.minute), day: c.day, inFlight: len(c.inFlight), parkedFor: max(c.parked.Sub(now), 0)}
}

// at is an organisation's calls without those that count no longer.
func (o *ownCount) at(organisation string, now time.Time) *ownCalls {
	c := o.organisations[organisation]
	if c == nil {
		c = &ownCalls{inFlight: map[string]time.Time{}}
		o.organisations[organisation] = c
	}
	c.minute = slices.DeleteFunc(c.minute, func(call ownCall) bool { return !call.at.After(now.Add(-window)) })
	for id, ends := range c.inFlight {
		if !ends.After(now) {
			delete(c.inFlight, id)
		}
	}
	if !c.dayEnds.After(now) {
		c.day, c.dayEnds = 0, now.Add(day)
	}
	return c
}
