package redis

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/live"
	"byte8.io/ledger/ports"
)

const (
	// changesChannel carries every change to every process that has watchers.
	changesChannel = "ledger:changes"
	// outboxSize is how many calls of Publish may wait to be sent.
	outboxSize = 4096
	// subscribeTime is how long a new watcher waits for the connection.
	subscribeTime = 2 * time.Second
	// flushTime bounds telling what is left when the process ends.
	flushTime = 500 * time.Millisecond
)

// Changes tells processes of changes through a Redis channel. A process has one
// connection for all of its watchers, which the first one opens.
//
// What cannot be sent, because Redis is away or too much waits, is made good:
// as soon as it can be told, the watchers of all processes get a gap. So do
// those of a process whose connection broke.
type Changes struct {
	client *redis.Client
	hub    *live.Hub
	log    *slog.Logger
	outbox chan []live.Change
	// owed is set when changes were not told.
	owed atomic.Bool

	ending context.Context //nolint:containedctx // the life of the goroutines
	end    context.CancelFunc
	ended  sync.WaitGroup

	mu        sync.Mutex
	listening bool
	// up is closed while changes are received, and replaced when they are not.
	up chan struct{}
}

var _ ports.Changes = (*Changes)(nil)

// NewChanges begins to send what is published, until it is closed; the end of
// the context does not end it. The caller closes it.
func NewChanges(ctx context.Context, client *redis.Client, log *slog.Logger) *Changes {
	ending, end := context.WithCancel(context.WithoutCancel(ctx))
	c := &Changes{
		client: client, hub: live.NewHub(), log: log, outbox: make(chan []live.Change, outboxSize),
		ending: ending, end: end, up: make(chan struct{}),
	}
	c.ended.Go(c.send)
	return c
}

// Publish implements [ports.Changes].
func (c *Changes) Publish(_ context.Context, changes ...live.Change) {
	if len(changes) == 0 {
		return
	}
	select {
	case c.outbox <- changes:
	default:
		c.owed.Store(true)
	}
}

// Subscribe implements [ports.Changes].
func (c *Changes) Subscribe(ctx context.Context, tenant access.TenantID, wants func(live.Change) bool) (ports.ChangeStream, error) {
	// Watching comes first: should the connection break meanwhile, there is a gap.
	watcher := c.hub.Watch(tenant, wants)
	up := c.listen()
	timer := time.NewTimer(subscribeTime)
	defer timer.Stop()
	select {
	case <-up:
		return watcher, nil
	case <-ctx.Done():
		watcher.Close()
		return nil, fmt.Errorf("waiting for Redis: %w", ctx.Err())
	case <-c.ending.Done():
	case <-timer.C:
	}
	watcher.Close()
	return nil, fault.New(fault.CodeOverloaded, "Changes cannot be received now.")
}

// Close tells what is left, ends every stream with a gap and returns when
// nothing runs any more.
func (c *Changes) Close() error {
	c.mu.Lock()
	c.end()
	c.mu.Unlock()
	c.ended.Wait()
	return nil
}
