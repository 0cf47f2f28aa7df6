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
	// statementsAtOnce is how many statements store events at the same time: while
	// one waits for the disk, another one gathers.
	statementsAtOnce = 2
	// mostTogether and mostBytesTogether bound what one statement stores.
	mostTogether      = 64
	mostBytesTogether = 1 << 20
	// longestTogether bounds a statement that stores the events of several callers,
	// none of whom may end it for the others.
	longestTogether = 20 * time.Second
)

// gatherer stores events that arrive while others are being stored together, with
// one statement and one commit. Nobody waits for others to come: an event goes out
// at once unless statementsAtOnce are under way.
type gatherer struct {
	// store stores events and answers each; an error is that of them all.
	store func(ctx context.Context, arrivals []*arrival) error

	mu       sync.Mutex
	waiting  []*arrival
	underWay int
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
	if g.underWay < statementsAtOnce {
		g.underWay++
		go g.work() //nolint:contextcheck // for every caller, each with a context
	}
	g.mu.Unlock()
	select {
	case <-a.done:
		return a, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// work stores what waits until nothing does.
func (g *gatherer) work() {
	for {
		g.mu.Lock()
		batch := g.take()
		if len(batch) == 0 {
			g.underWay--
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		g.storeAll(batch)
		for _, a := range batch {
			close(a.done)
		}
	}
}

// take takes what waits and fits one statement: a token is in it once.
func (g *gatherer) take() []*arrival {
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
