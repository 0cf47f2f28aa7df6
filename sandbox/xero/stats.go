package xero

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Stats is what the sandbox has seen and holds.
type Stats struct {
	Calls             map[string]int `json:"calls"` // by method and route
	APICalls          int            `json:"apiCalls"`
	Statuses          map[string]int `json:"statuses"` // of every route but the consent screen
	Throttled         int            `json:"throttled"`
	Cut               int            `json:"cut"` // connections cut without an answer
	MaxInFlight       int            `json:"maxInFlight"`
	IdempotentReplays int            `json:"idempotentReplays"`
	TokenRefreshes    int            `json:"tokenRefreshes"`
	FaultsApplied     map[Kind]int   `json:"faultsApplied"`
	Invoices          int            `json:"invoices"`
	CreditNotes       int            `json:"creditNotes"`
	Allocations       int            `json:"allocations"` // those that stand
	Contacts          int            `json:"contacts"`
	Items             int            `json:"items"`
	Payments          int            `json:"payments"`
	// DuplicateReferences counts, for every Reference borne by more than one
	// invoice that is neither voided nor deleted, how many bear it.
	DuplicateReferences map[string]int `json:"duplicateReferences"`
	// DuplicateCreditNoteReferences is the same for credit notes. Several notes
	// for one invoice may rightly bear one Reference.
	DuplicateCreditNoteReferences map[string]int `json:"duplicateCreditNoteReferences"`
}

// tally counts calls and answers.
type tally struct {
	mu       sync.Mutex
	calls    map[string]int
	api      int
	statuses map[string]int
	cuts     int
}

func newTally() *tally {
	return &tally{calls: map[string]int{}, statuses: map[string]int{}}
}

func (t *tally) call(route string, api bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls[route]++
	if api {
		t.api++
	}
}

func (t *tally) status(code int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.statuses[strconv.Itoa(code)]++
}

func (t *tally) cut() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cuts++
}

// Stats returns the counts since the sandbox started.
func (s *Server) Stats() Stats {
	s.tally.mu.Lock()
	out := Stats{
		Calls:     maps.Clone(s.tally.calls),
		APICalls:  s.tally.api,
		Statuses:  maps.Clone(s.tally.statuses),
		Throttled: s.tally.statuses[strconv.Itoa(http.StatusTooManyRequests)],
		Cut:       s.tally.cuts,
	}
	s.tally.mu.Unlock()

	out.MaxInFlight = s.limiter.maxInFlight()
	out.IdempotentReplays = s.replays.replays()
	out.FaultsApplied = s.faults.counts()
	out.TokenRefreshes = s.vault.refreshCount()
	out.DuplicateReferences, out.DuplicateCreditNoteReferences = map[string]int{}, map[string]int{}
	for _, id := range s.tenantIDs {
		s.organisations[id].count(&out)
	}
	return out
}

func (v *vault) refreshCount() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.refreshes
}

// latency draws the time that a call takes.
type latency struct {
	mu     sync.Mutex
	bounds Latency
	random *rand.Rand
}

func newLatency(bounds Latency, seed uint64) *latency {
	return &latency{bounds: bounds, random: rand.New(rand.NewPCG(seed, seed))}
}

func (l *latency) draw() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bounds.Max <= l.bounds.Min {
		return l.bounds.Min
	}
	return l.bounds.Min + time.Duration(l.random.Int64N(int64(l.bounds.Max-l.bounds.Min)))
}

func (l *latency) set(bounds Latency) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bounds = bounds
}
