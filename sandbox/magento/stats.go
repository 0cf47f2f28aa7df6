package magento

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"sync"
)

// Call counts the answers of one status that one route gave.
type Call struct {
	Route  string `json:"route"`
	Status int    `json:"status"`
	Count  int    `json:"count"`
}

// Stats count what has happened since the server was made.
type Stats struct {
	// Calls to the REST API, by route and status.
	Calls []Call `json:"calls"`
	// Reads is the number of canonical documents handed out.
	Reads int `json:"reads"`
	// Callbacks counts the sync-state calls taken, by sync status.
	Callbacks map[string]int `json:"callbacks"`
	// Refusals counts the calls without an acceptable token, by reason.
	Refusals map[Refusal]int `json:"refusals"`
	// Deliveries counts the events posted to the ledger, by answer; no answer counts as "0".
	Deliveries map[string]int `json:"deliveries"`
	// LostEvents is the number of events that could not be enqueued for want of credentials.
	LostEvents int `json:"lostEvents"`
	// Scheduled is the number of occurrences whose time has not come: sales, payments, refunds and saves.
	Scheduled int `json:"scheduled"`
	// Faults is the number of injected faults that struck.
	Faults int `json:"faults"`
}

type callKey struct {
	route  string
	status int
}

type counters struct {
	mu         sync.Mutex
	calls      map[callKey]int
	reads      int
	callbacks  map[string]int
	refusals   map[Refusal]int
	deliveries map[string]int
	lost       int
	faults     int
}

func newCounters() *counters {
	return &counters{
		calls:      map[callKey]int{},
		callbacks:  map[string]int{},
		refusals:   map[Refusal]int{},
		deliveries: map[string]int{},
	}
}

func (c *counters) call(route string, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[callKey{route, status}]++
}

func (c *counters) read() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
}

func (c *counters) callback(status string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.callbacks[status]++
}

func (c *counters) refuse(reason Refusal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refusals[reason]++
}

func (c *counters) delivered(result delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deliveries[strconv.Itoa(result.status)]++
}

func (c *counters) lose() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost++
}

func (c *counters) fault() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults++
}

// Stats returns a copy of the counts.
func (s *Server) Stats() Stats {
	s.till.mu.Lock()
	scheduled := len(s.till.scheduled)
	s.till.mu.Unlock()
	c := s.stats
	c.mu.Lock()
	defer c.mu.Unlock()
	stats := Stats{
		Calls:      make([]Call, 0, len(c.calls)),
		Reads:      c.reads,
		Callbacks:  maps.Clone(c.callbacks),
		Refusals:   maps.Clone(c.refusals),
		Deliveries: maps.Clone(c.deliveries),
		LostEvents: c.lost,
		Scheduled:  scheduled,
		Faults:     c.faults,
	}
	for key, count := range c.calls {
		stats.Calls = append(stats.Calls, Call{Route: key.route, Status: key.status, Count: count})
	}
	slices.SortFunc(stats.Calls, func(a, b Call) int {
		return cmp.Or(cmp.Compare(a.Route, b.Route), cmp.Compare(a.Status, b.Status))
	})
	return stats
}
