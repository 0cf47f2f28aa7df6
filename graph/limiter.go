package graph

import (
	"sync"

	"byte8.io/ledger/domain/access"
)

// limiter counts what each caller, and all of them, hold at once.
type limiter struct {
	what      string
	each, all int

	mu    sync.Mutex
	held  map[holder]int
	total int
}

type holder struct {
	tenant access.TenantID
	kind   access.Kind
	id     string
}

func newLimiter(what string, each, all int) *limiter {
	return &limiter{what: what, each: each, all: all, held: map[holder]int{}}
}

// take holds one more for the caller until the returned function is called.
func (l *limiter) take(p access.Principal) (func(), error) {
	who := holder{p.TenantID, p.Kind, p.ID}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[who] >= l.each || l.total >= l.all {
		return nil, refused(codeStreamLimit, "a caller may have %d %s at once and this process %d; end one before the next", l.each, l.what, l.all)
	}
	l.held[who]++
	l.total++
	return sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.total--
		if l.held[who]--; l.held[who] == 0 {
			delete(l.held, who)
		}
	}), nil
}
