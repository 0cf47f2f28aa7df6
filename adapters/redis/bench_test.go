package redis_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	goredis "github.com/redis/go-redis/v9"

	"byte8.io/ledger/adapters/redis"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// clock is a time that only tests move, for budgets and the server alike.
type clock struct {
	mu     sync.Mutex
	at     time.Time
	server *miniredis.Miniredis
}

func newClock(server *miniredis.Miniredis) *clock {
	c := &clock{at: time.Date(2026, 5, 1, 9, 30, 0, 0, time.UTC), server: server}
	if server != nil {
		server.SetTime(c.at)
		server.ClockTTL(true)
	}
	return c
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	if c.server != nil {
		c.server.SetTime(c.at)
	}
}

// pause lets the time pass that is waited for.
func (c *clock) pause(ctx context.Context, d time.Duration) error {
	c.advance(d)
	return ctx.Err()
}

func connect(t *testing.T, addr string) *goredis.Client {
	t.Helper()
	client := goredis.NewClient(&goredis.Options{Addr: addr, DialTimeout: time.Second, DialerRetries: 1, MaxRetries: -1, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// bench makes budgets that share what there is to share.
type bench struct {
	clock *clock
	beats *beats
	addr  string
}

// beats are what budgets want to do later, which only tests have them do.
type beats struct {
	mu   sync.Mutex
	next map[int]func()
	n    int
}

func (b *beats) after(_ time.Duration, do func()) func() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = map[int]func(){}
	}
	b.n++
	n := b.n
	b.next[n] = do
	return func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		_, isLeft := b.next[n]
		delete(b.next, n)
		return isLeft
	}
}

func (b *beats) strike() {
	b.mu.Lock()
	due := b.next
	b.next = nil
	b.mu.Unlock()
	for _, do := range due {
		do()
	}
}

func (b bench) budget(t *testing.T) *redis.Budget {
	t.Helper()
	return redis.NewBudget(connect(t, b.addr), redis.Options{Now: b.clock.now, Pause: b.clock.pause, After: b.beats.after})
}

// benches are a server, and the lack of one: the rules are the same.
func benches(t *testing.T) map[string]bench {
	t.Helper()
	server := miniredis.RunT(t)
	gone := miniredis.RunT(t)
	addr := gone.Addr()
	gone.Close()
	return map[string]bench{
		"shared": {clock: newClock(server), beats: &beats{}, addr: server.Addr()},
		"alone":  {clock: newClock(nil), beats: &beats{}, addr: addr},
	}
}

func perMinute(n int) books.Limits { return books.Limits{PerMinute: n} }

// take takes n times and ends each call; it returns how many were taken and the
// wait named by the last refusal.
func take(t *testing.T, b *redis.Budget, limits books.Limits, n int) (taken int, wait time.Duration) {
	t.Helper()
	for range n {
		call, err := b.Take(t.Context(), "org", limits, false)
		if err != nil {
			wait = refused(t, err)
			continue
		}
		taken++
		call.Done(t.Context(), ports.BudgetSeen{})
	}
	return taken, wait
}

func refused(t *testing.T, err error) time.Duration {
	t.Helper()
	if !fault.Is(err, fault.CodeRateLimited) {
		t.Fatalf("error %v, want rate_limited", err)
	}
	return fault.Of(err).Wait
}

func mustTake(t *testing.T, b *redis.Budget, limits books.Limits) ports.BudgetCall {
	t.Helper()
	call, err := b.Take(t.Context(), "org", limits, false)
	if err != nil {
		t.Fatal(err)
	}
	return call
}
