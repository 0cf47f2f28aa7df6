package xero

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kind names what a [Fault] does to a call; the package comment lists the
// effects.
type Kind string

// The kinds of fault.
const (
	Throttle429Minute     Kind = "429_minute"
	Throttle429Day        Kind = "429_day"
	Throttle429Concurrent Kind = "429_concurrent"
	Fail500Before         Kind = "500_before"
	Fail500After          Kind = "500_after"
	TimeoutAfter          Kind = "timeout_after"
	Slow                  Kind = "slow"
	ExpiredToken          Kind = "expired_token"
	HTMLError             Kind = "html_error"
	MalformedJSON         Kind = "malformed_json"
)

// Kinds lists every kind of fault.
func Kinds() []Kind {
	return []Kind{
		Throttle429Minute, Throttle429Day, Throttle429Concurrent, Fail500Before, Fail500After,
		TimeoutAfter, Slow, ExpiredToken, HTMLError, MalformedJSON,
	}
}

// Fault changes the next Count calls whose path begins with Path and whose
// method is Method. Path is below /api.xro/2.0, or an identity route such as
// /connect/token; an empty one means every call to the Accounting API, and an
// empty Method every method.
type Fault struct {
	Kind              Kind   `json:"kind"`
	Count             int    `json:"count"`
	Path              string `json:"path,omitempty"`
	Method            string `json:"method,omitempty"`
	DelayMS           int    `json:"delayMs,omitempty"`
	RetryAfterSeconds int    `json:"retryAfterSeconds,omitempty"`
}

func (f Fault) delay() time.Duration { return time.Duration(f.DelayMS) * time.Millisecond }

func (f Fault) matches(method, path string) bool {
	if f.Method != "" && !strings.EqualFold(f.Method, method) {
		return false
	}
	below, isAPI := strings.CutPrefix(path, apiBase)
	if isAPI && strings.HasPrefix(below, strings.TrimPrefix(f.Path, apiBase)) {
		return true
	}
	return f.Path != "" && strings.HasPrefix(path, f.Path)
}

// throttle is the 429 of the fault, if it is of that sort.
func (f Fault) throttle() (answer, bool) {
	wait := time.Duration(f.RetryAfterSeconds) * time.Second
	switch f.Kind {
	case Throttle429Minute:
		return throttled("minute", cmp.Or(wait, time.Minute)), true
	case Throttle429Day:
		return throttled("day", cmp.Or(wait, time.Hour)), true
	case Throttle429Concurrent:
		return throttled("concurrent", 0), true
	default:
		return answer{}, false
	}
}

// faultPlan is the queue of faults; the oldest that matches a call is its.
type faultPlan struct {
	mu      sync.Mutex
	faults  []*Fault
	applied map[Kind]int
}

func newFaultPlan() *faultPlan { return &faultPlan{applied: map[Kind]int{}} }

func (p *faultPlan) add(f Fault) error {
	if !slices.Contains(Kinds(), f.Kind) {
		return fmt.Errorf("unknown kind of fault %q", f.Kind)
	}
	if f.Count < 0 || f.DelayMS < 0 || f.RetryAfterSeconds < 0 {
		return fmt.Errorf("fault %q has a negative number", f.Kind)
	}
	f.Count = max(1, f.Count)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, &f)
	return nil
}

func (p *faultPlan) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
}

func (p *faultPlan) pending() []Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := []Fault{}
	for _, f := range p.faults {
		if f.Count > 0 {
			out = append(out, *f)
		}
	}
	return out
}

func (p *faultPlan) counts() map[Kind]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make(map[Kind]int, len(p.applied))
	for kind, n := range p.applied {
		out[kind] = n
	}
	return out
}

// reserve sets a fault aside for a call.
func (p *faultPlan) reserve(r *http.Request) *reservation {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.faults {
		if f.Count > 0 && f.matches(r.Method, r.URL.Path) {
			f.Count--
			return &reservation{plan: p, fault: f}
		}
	}
	return &reservation{}
}

// reservation is the fault set aside for one call, which is spent by fire and
// goes back to the plan by release if it never fired.
type reservation struct {
	plan  *faultPlan
	fault *Fault
	spent bool
}

// fire spends the fault if it is one of the kinds.
func (r *reservation) fire(kinds ...Kind) (Fault, bool) {
	if r.fault == nil || !slices.Contains(kinds, r.fault.Kind) {
		return Fault{}, false
	}
	r.plan.mu.Lock()
	defer r.plan.mu.Unlock()
	if !r.spent {
		r.spent = true
		r.plan.applied[r.fault.Kind]++
	}
	return *r.fault, true
}

func (r *reservation) release() {
	if r.fault == nil {
		return
	}
	r.plan.mu.Lock()
	defer r.plan.mu.Unlock()
	if !r.spent {
		r.fault.Count++
	}
}
