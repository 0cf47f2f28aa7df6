package asynq

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

const (
	// nudgeTimeout is how long a nudge may hold up whoever sends it.
	nudgeTimeout = time.Second
	// restAfterFailure is how long no nudge is sent after one failed: with Redis
	// gone, intake is held up once in this time and not at every event.
	restAfterFailure = time.Second
)

// Queue implements ports.Queue. An error is overloaded and need only be logged.
type Queue struct {
	client *asynq.Client
	now    func() time.Time
	// restsUntil is in Unix nanoseconds.
	restsUntil atomic.Int64
}

var _ ports.Queue = (*Queue)(nil)

// NewQueue makes a queue over a client of [Open], which stays the caller's to
// close.
func NewQueue(client redis.UniversalClient, now func() time.Time) *Queue {
	return &Queue{client: asynq.NewClientFromRedisClient(client), now: now}
}

// NudgeBinding implements ports.Queue.
func (q *Queue) NudgeBinding(ctx context.Context, tenant access.TenantID, bindingID string) error {
	return q.nudge(ctx, bindingNudge, tenant, bindingID)
}

// NudgeStore implements ports.Queue.
func (q *Queue) NudgeStore(ctx context.Context, tenant access.TenantID, storeID string) error {
	return q.nudge(ctx, storeNudge, tenant, storeID)
}

func (q *Queue) nudge(ctx context.Context, kind string, tenant access.TenantID, id string) error {
	if q.now().UnixNano() < q.restsUntil.Load() {
		return fault.New(fault.CodeOverloaded, "The queue failed a moment ago and is not asked again yet.")
	}
	task, err := newTask(kind, tenant, id)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, nudgeTimeout)
	defer cancel()
	if _, err := q.client.EnqueueContext(ctx, task); err != nil {
		q.restsUntil.Store(q.now().Add(restAfterFailure).UnixNano())
		return fault.Wrap(fault.CodeOverloaded, "The queue does not answer.", err)
	}
	return nil
}
