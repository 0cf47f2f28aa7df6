package sqlstore

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/lib/pq"

	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

const (
	// patience is how long a statement may take before another one starts beside
	// it, and mostAtOnce how many there may be.
	patience   = 25 * time.Millisecond
	mostAtOnce = 4
	// breath is how long the next statement waits for the callers of the one
	// before, if they were several: they have just been answered and come again.
	breath = 200 * time.Microsecond
	// mostTogether and mostBytesTogether bound what one statement stores.
	mostTogether      = 64
	mostBytesTogether = 1 << 20
	// longestTogether bounds a statement that stores the events of several callers,
	// none of whom may end it for the others.
	longestTogether = 20 * time.Second
)

// gatherer stores events that arrive while others are being stored together, with
// one statement and one commit. An event that comes alone goes out at once.
type gatherer struct {
	// store stores events and answers each; an error is that of them all.
	store func(ctx context.Context, arrivals []*arrival) error

	mu      sync.Mutex
	waiting []*arrival
	// underWay counts the statements, slow those among them that try the patience.
	underWay, slow int
}

// arrival is an event that arrived, and what became of it once done is closed.
type arrival struct {
	ctx   context.Context //nolint:containedctx // that of its caller, who waits
	token ports.TokenUse
	event syncrun.Event
	runs  []syncrun.Run

	done     chan struct{}
	accepted []ports.Accepted
	err      error
}

// accept stores an event. A caller who gives up does not learn whether it was
// stored; the event may be accepted again.
func (g *gatherer) accept(ctx context.Context, token ports.TokenUse, event syncrun.Event, runs []syncrun.Run) (*arrival, error) {
	a := &arrival{ctx: ctx, token: token, event: event, runs: runs, done: make(chan struct{}), accepted: make([]ports.Accepted, len(runs))}
	g.mu.Lock()
	g.waiting = append(g.waiting, a)
	g.beginIfFree() //nolint:contextcheck // for every caller, each with a context
	g.mu.Unlock()
	select {
	case <-a.done:
		return a, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// beginIfFree begins to store what waits unless a statement is under way that
// will soon be done. The lock is held.
func (g *gatherer) beginIfFree() {
	if len(g.waiting) > 0 && g.underWay <= g.slow && g.underWay < mostAtOnce {
		g.underWay++
		go g.work()
	}
}

func (g *gatherer) countSlow(change int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.slow += change
	g.beginIfFree()
}

// work stores what waits until nothing does.
func (g *gatherer) work() {
	for batch := g.take(); len(batch) > 0; batch = g.take() {
		slow := time.AfterFunc(patience, func() { g.countSlow(1) })
		g.storeAll(batch)
		if !slow.Stop() {
			g.countSlow(-1)
		}
		for _, a := range batch {
			close(a.done)
		}
		if len(batch) > 1 {
			time.Sleep(breath)
		}
	}
}

// take takes what waits and fits one statement: a token is in it once. Nothing
// ends the work.
func (g *gatherer) take() []*arrival {
	g.mu.Lock()
	defer g.mu.Unlock()
	var batch, left []*arrival
	tokens := map[ports.TokenUse]bool{}
	size := 0
	for _, a := range g.waiting {
		size += len(a.event.Body)
		token := ports.TokenUse{TenantID: a.token.TenantID, JTI: a.token.JTI}
		isRoom := len(batch) == 0 || len(batch) < mostTogether && size <= mostBytesTogether && !tokens[token]
		switch {
		case a.ctx.Err() != nil: // its caller has gone
		case isRoom:
			batch, tokens[token] = append(batch, a), true
		default:
			left = append(left, a)
		}
	}
	g.waiting = left
	if len(batch) == 0 {
		g.underWay--
	}
	return batch
}

// storeAll stores a batch; where one of it may be at fault, each by itself.
func (g *gatherer) storeAll(batch []*arrival) {
	if len(batch) == 1 {
		g.storeEach(batch)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(batch[0].ctx), longestTogether)
	defer cancel()
	err := g.store(ctx, batch)
	switch {
	case isOfOne(err):
		g.storeEach(batch)
	case err != nil:
		for _, a := range batch {
			a.err = err
		}
	}
}

func (g *gatherer) storeEach(batch []*arrival) {
	for i, a := range batch {
		if err := g.store(a.ctx, batch[i:i+1]); err != nil {
			a.err = err
		}
	}
}

// isOfOne reports whether an error of a statement may be due to one of its rows:
// a value, a constraint, or a conflict with another statement.
func isOfOne(err error) bool {
	f, ok := errors.AsType[*pq.Error](err)
	if !ok {
		return false
	}
	switch f.Code.Class() {
	case "22", "23", "40":
		return true
	}
	return false
}
