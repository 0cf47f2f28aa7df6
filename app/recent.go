package app

import (
	"sync"
	"time"
)

// recent keeps values that were read a moment ago, by key, so that what is asked
// for often does not cost a read each time. Each is kept for a life, and all are
// dropped when there are too many.
type recent[K comparable, V any] struct {
	life time.Duration
	size int

	mu    sync.Mutex
	known map[K]recentValue[V]
	// changes counts the calls of forget. A read that began before a change may
	// have seen what was before it, and is not kept.
	changes int
}

type recentValue[V any] struct {
	value  V
	readAt time.Time
}

// find is the value that is kept for a key. With none, the caller reads it and
// puts it with the count of changes that is returned here.
func (r *recent[K, V]) find(key K, now time.Time) (value V, changes int, found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, ok := r.known[key]
	age := now.Sub(known.readAt)
	return known.value, r.changes, ok && age >= 0 && age < r.life
}

// put keeps a value whose read began at the given time and count of changes.
func (r *recent[K, V]) put(key K, value V, changes int, readAt time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if changes != r.changes {
		return
	}
	if len(r.known) >= r.size || r.known == nil {
		r.known = map[K]recentValue[V]{}
	}
	r.known[key] = recentValue[V]{value, readAt}
}

// forget is called after what the values tell of was changed, whatever became of
// the change.
func (r *recent[K, V]) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changes++
	r.known = nil
}
