package redis

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

const (
	defaultMaxWait = 5 * time.Second
	// busyPause is how often a place in flight is asked for again.
	busyPause = 20 * time.Millisecond
	// busyWait is the wait that is named when no place became free in time.
	busyWait = time.Second
	// restAfterFailure is how long the server is left alone after it failed, so
	// that calls are not held up by it one by one.
	restAfterFailure = 2 * time.Second
)

// Options tune a budget. The zero value is for production.
type Options struct {
	// MaxWait is how long Take waits at most; 5 s when zero.
	MaxWait time.Duration
	// Now is the clock of this process; time.Now when nil.
	Now func() time.Time
	// Pause waits, or returns the context's error; a timer when nil.
	Pause func(ctx context.Context, d time.Duration) error
	// After does something later, unless it is stopped before; a timer when nil.
	After func(d time.Duration, do func()) (stop func() bool)
	// Log tells when the server is gone; nothing is logged when nil.
	Log *slog.Logger
}

// Budget implements ports.Budget for all processes on one Redis server.
//
// In no 60 seconds are there more calls than the limit of a minute, and one of
// the provider's places in flight stays free. A call whose process was killed
// ends after 10 s, one that is never ended after 2 minutes. What answers say of the limits corrects the counts, so that
// calls of others are counted in.
//
// While the server cannot be reached, each process keeps to the limits by its
// own calls; no call ever waits for Redis to come back.
type Budget struct {
	shared  *sharedCount
	own     *ownCount
	maxWait time.Duration
	now     func() time.Time
	pause   func(ctx context.Context, d time.Duration) error
	after   func(d time.Duration, do func()) (stop func() bool)
	log     *slog.Logger

	// name and calls make the ids of calls.
	name  string
	calls atomic.Uint64
	// restsUntil is in Unix nanoseconds.
	restsUntil atomic.Int64
}

var _ ports.Budget = (*Budget)(nil)

// NewBudget makes a budget over a client, which stays the caller's to close.
func NewBudget(client redis.UniversalClient, opts Options) *Budget {
	b := &Budget{
		shared: newSharedCount(client), own: newOwnCount(),
		maxWait: opts.MaxWait, now: opts.Now, pause: opts.Pause, after: opts.After, log: opts.Log, name: rand.Text(),
	}
	if b.maxWait <= 0 {
		b.maxWait = defaultMaxWait
	}
	if b.now == nil {
		b.now = time.Now
	}
	if b.pause == nil {
		b.pause = pause
	}
	if b.after == nil {
		b.after = after
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	return b
}

// Take implements ports.Budget. A wait longer than MaxWait is reported at once.
// Bulk work is counted against 85 % of the limits and waits for that much room.
func (b *Budget) Take(ctx context.Context, organisation string, limits books.Limits, isBulk bool) (ports.BudgetCall, error) {
	c := &call{
		budget: b, organisation: organisation, limits: limits, open: limits,
		id: b.name + ":" + strconv.FormatUint(b.calls.Add(1), 10),
	}
	if isBulk {
		c.open = bulkLimits(limits)
	}
	deadline := b.now().Add(b.maxWait)
	for {
		v := b.try(ctx, c)
		if v.wait <= 0 && ctx.Err() == nil {
			c.keep(ctx)
			return c, nil
		}
		if v.wait <= 0 {
			c.Done(ctx, ports.BudgetSeen{})
			return nil, throttled(busyWait)
		}
		wait, named := v.wait, v.wait
		if v.isBusy {
			wait, named = busyPause, busyWait
		}
		if b.now().Add(wait).After(deadline) || b.pause(ctx, wait) != nil {
			return nil, throttled(named)
		}
	}
}

// Left implements ports.Budget. A limit that the provider does not have leaves
// the greatest 32-bit number.
func (b *Budget) Left(ctx context.Context, organisation string, limits books.Limits) (ports.BudgetLeft, error) {
	if b.isServerUp() {
		u, err := b.shared.used(ctx, organisation)
		if err == nil {
			return u.left(limits, b.now()), nil
		}
		b.serverFailed(ctx, err)
	}
	now := b.now()
	return b.own.used(organisation, now).left(limits, now), nil
}

// try asks this process's count first and the shared one then. When the shared
// one cannot be asked, the first stands.
func (b *Budget) try(ctx context.Context, c *call) verdict {
	isUp := b.isServerUp()
	if v := b.own.take(c.organisation, c.id, c.open, b.now(), !isUp); v.wait > 0 {
		return v
	}
	if !isUp {
		return verdict{}
	}
	v, err := b.shared.take(ctx, c.organisation, c.id, c.open)
	if err == nil && v.wait > 0 {
		b.own.giveBack(c.organisation, c.id, b.now())
		return v
	}
	if err == nil {
		return verdict{}
	}
	b.serverFailed(ctx, err)
	b.own.giveBack(c.organisation, c.id, b.now())
	return b.own.take(c.organisation, c.id, c.open, b.now(), true)
}

func (b *Budget) isServerUp() bool { return b.now().UnixNano() >= b.restsUntil.Load() }

// serverFailed leaves the server alone for a while, unless it is the caller who
// gave up.
func (b *Budget) serverFailed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	b.restsUntil.Store(b.now().Add(restAfterFailure).UnixNano())
	b.log.WarnContext(ctx, "the shared call budget cannot be reached; this process counts alone", slog.Any("error", err))
}

func throttled(wait time.Duration) error {
	return fault.New(fault.CodeRateLimited, "The organisation's call budget is used up for now.").WithWait(wait)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
