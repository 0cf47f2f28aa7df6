package xero

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limiter keeps the fixed windows and the calls in flight. A window opens with
// the first call after the former one closed.
type limiter struct {
	mu      sync.Mutex
	limits  Limits
	tenants map[string]*usage
	app     window
	busiest int // most calls in flight at once for one organisation
}

type usage struct {
	minute   window
	day      window
	inFlight int
}

type window struct {
	closes time.Time
	calls  int
}

func (w *window) roll(now time.Time, length time.Duration) {
	if !now.Before(w.closes) {
		*w = window{closes: now.Add(length)}
	}
}

func (w *window) full(limit int) bool { return limit >= 0 && w.calls >= limit }

func (w *window) remaining(limit int) string {
	if limit < 0 {
		return strconv.Itoa(math.MaxInt32)
	}
	return strconv.Itoa(max(0, limit-w.calls))
}

func newLimiter(limits Limits) *limiter {
	return &limiter{limits: limits, tenants: map[string]*usage{}}
}

// admit counts a call and returns what is left, as headers; release must be
// called when the call ends. A call over a limit is refused and not counted.
func (l *limiter) admit(tenant string, now time.Time) (left http.Header, release func(), refused *answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.tenants[tenant]
	if u == nil {
		u = &usage{}
		l.tenants[tenant] = u
	}
	u.minute.roll(now, time.Minute)
	u.day.roll(now, 24*time.Hour)
	l.app.roll(now, time.Minute)

	var a answer
	switch {
	case l.limits.Concurrent >= 0 && u.inFlight >= l.limits.Concurrent:
		a = throttled("concurrent", 0)
	case l.app.full(l.limits.AppMinute):
		a = throttled("appminute", l.app.closes.Sub(now))
	case u.day.full(l.limits.Day):
		a = throttled("day", u.day.closes.Sub(now))
	case u.minute.full(l.limits.Minute):
		a = throttled("minute", u.minute.closes.Sub(now))
	default:
		u.minute.calls++
		u.day.calls++
		l.app.calls++
		u.inFlight++
		l.busiest = max(l.busiest, u.inFlight)
		return l.left(u), func() { l.release(u) }, nil
	}
	for key, values := range l.left(u) {
		a.header[key] = values
	}
	return nil, nil, &a
}

func (l *limiter) left(u *usage) http.Header {
	h := http.Header{}
	h.Set("X-MinLimit-Remaining", u.minute.remaining(l.limits.Minute))
	h.Set("X-DayLimit-Remaining", u.day.remaining(l.limits.Day))
	h.Set("X-AppMinLimit-Remaining", l.app.remaining(l.limits.AppMinute))
	return h
}

func (l *limiter) release(u *usage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	u.inFlight--
}

func (l *limiter) set(limits Limits) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limits = limits
}

func (l *limiter) current() Limits {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limits
}

func (l *limiter) maxInFlight() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.busiest
}

// throttled is a 429. Its body is not JSON, and the concurrent one names no
// time to wait.
func throttled(limit string, wait time.Duration) answer {
	h := http.Header{"Content-Type": {"text/html"}}
	h.Set("X-Rate-Limit-Problem", limit)
	if limit != "concurrent" {
		h.Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
	}
	return answer{status: http.StatusTooManyRequests, header: h}
}
