package asynq

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

const (
	// nudgeTimeout is how long sending one nudge may take.
	nudgeTimeout = time.Second
	// flushTimeout bounds sending what waits when the queue is closed.
	flushTimeout = time.Second
	// gatherTime is the rest after nudges were sent. Those for one id that come
	// meanwhile are sent as one.
	gatherTime = 5 * time.Millisecond
	// restAfterFailure is the rest after one could not be sent.
	restAfterFailure = time.Second
	// waitingLimit is how many ids may wait to be nudged.
	waitingLimit = 4096
)

// Queue implements ports.Queue. A nudge waits in the process until it is sent,
// behind whoever asks for it: what waits is lost with the process, or when Redis
// does not take it, and costs no more than the wait for the next sweep.
type Queue struct {
	client *asynq.Client
	log    *slog.Logger

	mu sync.Mutex
	// waiting are the nudges to be sent, each once.
	waiting map[waitingNudge]struct{}
	// wake has room for one: it is full while there may be waiting nudges.
	wake chan struct{}

	ending chan struct{}
	end    sync.Once
	ended  sync.WaitGroup
}

type waitingNudge struct {
	kind   string
	tenant access.TenantID
	id     string
}

var _ ports.Queue = (*Queue)(nil)

// NewQueue makes a queue over a client of [Open], which stays the caller's to
// close, after the queue. The caller closes the queue; the end of the context does
// not.
func NewQueue(ctx context.Context, client redis.UniversalClient, log *slog.Logger) *Queue {
	q := &Queue{
		client: asynq.NewClientFromRedisClient(client), log: log,
		waiting: map[waitingNudge]struct{}{}, wake: make(chan struct{}, 1), ending: make(chan struct{}),
	}
	q.ended.Go(func() { q.run(context.WithoutCancel(ctx)) })
	return q
}

// NudgeBinding implements ports.Queue. It never waits; the error is overloaded,
// when too many ids wait, and need only be logged.
func (q *Queue) NudgeBinding(_ context.Context, tenant access.TenantID, bindingID string) error {
	return q.add(waitingNudge{bindingNudge, tenant, bindingID})
}

// NudgeStore implements ports.Queue, as NudgeBinding does.
func (q *Queue) NudgeStore(_ context.Context, tenant access.TenantID, storeID string) error {
	return q.add(waitingNudge{storeNudge, tenant, storeID})
}

func (q *Queue) add(n waitingNudge) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, waits := q.waiting[n]; !waits && len(q.waiting) >= waitingLimit {
		return fault.New(fault.CodeOverloaded, "Too many nudges wait to be sent.")
	}
	q.waiting[n] = struct{}{}
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return nil
}

// Close sends what waits, for at most a second, and returns when nothing runs any
// more. Nudges that come after it are not sent.
func (q *Queue) Close() error {
	q.end.Do(func() { close(q.ending) })
	q.ended.Wait()
	return nil
}

// run sends nudges until the queue is closed.
func (q *Queue) run(ctx context.Context) {
	for {
		select {
		case <-q.wake:
		case <-q.ending:
			q.flush(ctx)
			return
		}
		rest := gatherTime
		if err := q.send(ctx); err != nil {
			q.log.WarnContext(ctx, "nudge failed; the sweeper will find the work", "error", err)
			rest = restAfterFailure
		}
		select {
		case <-time.After(rest):
		case <-q.ending:
		}
	}
}

func (q *Queue) flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, flushTimeout)
	defer cancel()
	if err := q.send(ctx); err != nil {
		q.log.WarnContext(ctx, "nudge failed; the sweeper will find the work", "error", err)
	}
}

// send sends what waits. After one that fails the others are lost with it.
func (q *Queue) send(ctx context.Context) error {
	for n := range q.take() {
		task, err := newTask(n.kind, n.tenant, n.id)
		if err != nil {
			return err
		}
		if err := q.enqueue(ctx, task); err != nil {
			return err
		}
	}
	return nil
}

func (q *Queue) enqueue(ctx context.Context, task *asynq.Task) error {
	ctx, cancel := context.WithTimeout(ctx, nudgeTimeout)
	defer cancel()
	_, err := q.client.EnqueueContext(ctx, task)
	return err
}

func (q *Queue) take() map[waitingNudge]struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.waiting
	q.waiting = map[waitingNudge]struct{}{}
	return taken
}

// Depth counts nudges that no worker has taken.
func Depth(ctx context.Context, client redis.UniversalClient) (int64, error) {
	depth, err := client.LLen(ctx, "asynq:{"+queueName+"}:pending").Result()
	if err != nil {
		return 0, fault.Wrap(fault.CodeOverloaded, "The queue does not answer.", err)
	}
	return depth, nil
}
