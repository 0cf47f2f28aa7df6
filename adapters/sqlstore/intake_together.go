package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/lib/pq"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

const (
	// patience is how long a statement may take before another one starts beside
	// it. How many there may be is the pool's to say.
	patience = 25 * time.Millisecond
	// breath is how long the next statement waits for the callers of the one
	// before, if they were several: they have just been answered and come again.
	breath = 200 * time.Microsecond
	// mostTogether and mostBytesTogether bound what one statement stores.
	mostTogether      = 64
	mostBytesTogether = 1 << 20
	// longestTogether bounds a statement that stores the events of several callers:
	// one of them may wait for a lock, and then the others need not.
	longestTogether = 2 * time.Second
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
	if len(g.waiting) > 0 && g.underWay <= g.slow {
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

// storeAll stores a batch. Where one of it may hold the others up or fail them,
// each goes by itself and beside what comes next.
func (g *gatherer) storeAll(batch []*arrival) {
	if len(batch) == 1 {
		g.storeAlone(batch[0], nil)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(batch[0].ctx), longestTogether)
	defer cancel()
	err := g.try(ctx, batch)
	for _, a := range batch {
		if mayBeOfOne(err) {
			go g.storeAlone(a, err)
			continue
		}
		a.end(err)
	}
}

// storeAlone stores an event by itself, after a try together with others or none.
func (g *gatherer) storeAlone(a *arrival, before error) {
	err := g.try(a.ctx, []*arrival{a})
	if errors.Is(before, context.DeadlineExceeded) && fault.Is(a.err, fault.CodeUnauthenticated) {
		// The first try may have been committed after all, and used the token up.
		err = before
	}
	a.end(err)
}

// try stores a batch. A panic is an error of its callers, as it would be in each.
func (g *gatherer) try(ctx context.Context, batch []*arrival) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("storing events panicked: %v\n%s", cause, debug.Stack())
		}
	}()
	return g.store(ctx, batch)
}

// end tells the caller what became of the event: err, or what its statement said.
func (a *arrival) end(err error) {
	if err != nil {
		a.err = err
	}
	close(a.done)
}

// mayBeOfOne reports whether an error of a statement may be due to one of its
// rows: a value, a constraint, a conflict with another statement or a long wait
// for one.
func mayBeOfOne(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	f, ok := errors.AsType[*pq.Error](err)
	if !ok {
		return false
	}
	const lockNotAvailable, queryCanceled = "55P03", "57014"
	return slices.Contains([]string{"22", "23", "40"}, string(f.Code.Class())) || f.Code == lockNotAvailable || f.Code == queryCanceled
}
