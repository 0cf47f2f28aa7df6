package live

import (
	"context"
	"errors"
	"sync"

	"byte8.io/ledger/domain/access"
)

// MaxWaiting is how many things may have changed for one watcher before it
// looks. One that lags further behind has missed changes.
const MaxWaiting = 1024

// ErrGap reports that changes may have been missed. Who watched begins again,
// and reads again what it shows.
var ErrGap = errors.New("changes may have been missed")

// Hub hands changes to the watchers of one process. It never waits for one.
type Hub struct {
	mu       sync.Mutex
	watchers map[access.TenantID]map[*Watcher]struct{}
}

// NewHub makes a hub that nobody watches.
func NewHub() *Hub { return &Hub{watchers: map[access.TenantID]map[*Watcher]struct{}{}} }

// Watch makes a watcher of the tenant's changes that wants reports true for,
// from now on. The caller closes it.
func (h *Hub) Watch(tenant access.TenantID, wants func(Change) bool) *Watcher {
	w := &Watcher{hub: h, tenant: tenant, wants: wants, wake: make(chan struct{}, 1), places: map[Change]int{}}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watchers[tenant] == nil {
		h.watchers[tenant] = map[*Watcher]struct{}{}
	}
	h.watchers[tenant][w] = struct{}{}
	return w
}

// Deliver hands each change to the watchers of its tenant.
func (h *Hub) Deliver(changes []Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, change := range changes {
		for w := range h.watchers[change.TenantID] {
			w.add(change)
		}
	}
}

// Break tells every watcher that changes may have been missed.
func (h *Hub) Break() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, watchers := range h.watchers {
		for w := range watchers {
			w.lose()
		}
	}
}

// Watchers is how many watch.
func (h *Hub) Watchers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, watchers := range h.watchers {
		n += len(watchers)
	}
	return n
}

func (h *Hub) remove(w *Watcher) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.watchers[w.tenant], w)
	if len(h.watchers[w.tenant]) == 0 {
		delete(h.watchers, w.tenant)
	}
}

// Watcher gathers the changes one subscriber has not looked at. Changes of one
// thing become one.
type Watcher struct {
	hub    *Hub
	tenant access.TenantID
	wants  func(Change) bool
	wake   chan struct{}

	mu      sync.Mutex
	waiting []Change
	// places is where in waiting each thing is.
	places map[Change]int
	lost   bool
}

// Next waits for changes and takes all there are, oldest first. It fails with
// [ErrGap] once any may have been missed, and with the context's error.
func (w *Watcher) Next(ctx context.Context) ([]Change, error) {
	for {
		if changes, err := w.take(); err != nil || len(changes) > 0 {
			return changes, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-w.wake:
		}
	}
}

// Close ends the watching. It may be called more than once.
func (w *Watcher) Close() { w.hub.remove(w) }

func (w *Watcher) take() ([]Change, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lost {
		return nil, ErrGap
	}
	taken := w.waiting
	w.waiting = nil
	clear(w.places)
	return taken, nil
}

func (w *Watcher) add(change Change) {
	if !w.wants(change) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	place, isThere := w.places[change.thing()]
	switch {
	case w.lost:
		return
	case isThere:
		if w.waiting[place].Status != change.Status {
			w.waiting[place].Status = ""
		}
		return
	case len(w.waiting) == MaxWaiting:
		w.forget()
	default:
		w.places[change.thing()] = len(w.waiting)
		w.waiting = append(w.waiting, change)
	}
	w.signal()
}

func (w *Watcher) lose() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.forget()
	w.signal()
}

// forget drops what waits, so that a watcher that never looks holds nothing.
func (w *Watcher) forget() {
	w.lost, w.waiting = true, nil
	clear(w.places)
}

func (w *Watcher) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}
