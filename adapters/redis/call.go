package redis

import (
	"context"
	"sync"
	"time"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/ports"
)

// call is one call under way. While it is, it says so at every beat, so that the
// place of a call whose process was killed comes free soon.
type call struct {
	budget       *Budget
	organisation string
	limits       books.Limits
	// open is the part of the limits that the call may use up.
	open books.Limits
	id   string

	mu    sync.Mutex
	ended bool
	// beats is how often the call may still say that it is under way.
	beats int
	// stop ends the wait for the next beat.
	stop func() bool
}

// keep begins to beat; it goes on after ctx has ended, until the call is done.
func (c *call) keep(ctx context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.beats = maxBeats
	c.beatLater(context.WithoutCancel(ctx))
}

func (c *call) beatLater(ctx context.Context) {
	c.stop = c.budget.after(beat, func() { c.beat(ctx) })
}

func (c *call) beat(ctx context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended || c.beats == 0 {
		return
	}
	b := c.budget
	b.own.hold(c.organisation, c.id, b.now())
	if b.isServerUp() {
		if err := b.shared.hold(ctx, c.organisation, c.id); err != nil {
			b.serverFailed(ctx, err)
		}
	}
	c.beats--
	c.beatLater(ctx)
}

// Done implements ports.BudgetCall. Only the first counts; it works after ctx
// has ended.
func (c *call) Done(ctx context.Context, seen ports.BudgetSeen) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	c.ended = true
	if c.stop != nil {
		c.stop()
	}
	b := c.budget
	b.own.done(c.organisation, c.id, c.limits, seen, b.now())
	if !b.isServerUp() {
		return
	}
	ctx = context.WithoutCancel(ctx)
	if err := b.shared.done(ctx, c.organisation, c.id, c.limits, seen); err != nil {
		b.serverFailed(ctx, err)
	}
}

// after does something later, unless it is stopped before.
func after(d time.Duration, do func()) (stop func() bool) { return time.AfterFunc(d, do).Stop }
