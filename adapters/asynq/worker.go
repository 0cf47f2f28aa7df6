package asynq

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"byte8.io/ledger/domain/access"
)

const (
	// defaultCheckInterval finds a nudge within some 10 ms and asks Redis about a
	// hundred times a second for it.
	defaultCheckInterval = 10 * time.Millisecond
	// delayedTaskCheckInterval is how often asynq forwards delayed tasks.
	delayedTaskCheckInterval = 250 * time.Millisecond

	defaultConcurrency     = 16
	defaultShutdownTimeout = 20 * time.Second
)

// Handlers act on nudges. A handler returns when nothing is left to do for now;
// there is nobody to report an error to. It obeys its context, which ends when
// the time to shut down is over and not when Redis goes away. Two nudges for
// one id may arrive at the same time.
type Handlers struct {
	Binding func(ctx context.Context, tenant access.TenantID, bindingID string)
	Store   func(ctx context.Context, tenant access.TenantID, storeID string)
}

// WorkerOptions tune a worker.
type WorkerOptions struct {
	// Concurrency is how many handlers run at once; 16 when zero.
	Concurrency int
	// CheckInterval is how often an idle worker looks for nudges; 10 ms when
	// zero. Looking costs an in-process server more than a real one.
	CheckInterval time.Duration
	// ShutdownTimeout is how long handlers may go on after the end of Run's
	// context; 20 s when zero.
	ShutdownTimeout time.Duration
	// Log tells of Redis's failures and of handlers that panicked; nothing is
	// logged when nil.
	Log *slog.Logger
}

// Worker takes nudges and hands them to handlers.
type Worker struct {
	client   *redis.Client
	server   *asynq.Server
	handlers Handlers
	log      *slog.Logger
	running  sync.WaitGroup
}

// NewWorker makes a worker with a connection of its own to a Redis address.
// Redis need not be there yet.
func NewWorker(redisURL string, handlers Handlers, opts WorkerOptions) (*Worker, error) {
	client, err := Open(redisURL)
	if err != nil {
		return nil, err
	}
	client.AddHook(pauseOnFailure{})
	if opts.Concurrency <= 0 {
		opts.Concurrency = defaultConcurrency
	}
	if opts.CheckInterval <= 0 {
		opts.CheckInterval = defaultCheckInterval
	}
	if opts.ShutdownTimeout <= 0 {
		opts.ShutdownTimeout = defaultShutdownTimeout
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	return &Worker{
		client: client, handlers: handlers, log: opts.Log,
		server: asynq.NewServerFromRedisClient(client, asynq.Config{
			Concurrency:              opts.Concurrency,
			Queues:                   map[string]int{queueName: 1},
			TaskCheckInterval:        opts.CheckInterval,
			DelayedTaskCheckInterval: delayedTaskCheckInterval,
			ShutdownTimeout:          opts.ShutdownTimeout,
			Logger:                   logger{opts.Log},
			LogLevel:                 asynq.WarnLevel,
		}),
	}, nil
}

// Run takes nudges until ctx ends. It then takes no more, gives the handlers
// under way the shutdown time, ends their context and waits for them. A worker
// runs once.
func (w *Worker) Run(ctx context.Context) error {
	defer w.client.Close()
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	w.clearArchive(ctx)
	if err := w.server.Start(w.handler(work)); err != nil {
		return fmt.Errorf("starting the worker: %w", err)
	}
	<-ctx.Done()
	w.server.Shutdown()
	stop()
	w.running.Wait()
	return nil
}

// handler runs under work instead of the task's own context, which asynq ends
// when it cannot renew the task's lease in Redis. It reports success whatever
// happens: asynq would archive the task otherwise, and nobody reads the archive.
func (w *Worker) handler(work context.Context) asynq.HandlerFunc {
	return func(_ context.Context, task *asynq.Task) error {
		w.running.Add(1)
		defer w.running.Done()
		defer func() {
			if reason := recover(); reason != nil {
				w.log.ErrorContext(work, "a handler panicked",
					slog.String("nudge", task.Type()), slog.Any("reason", reason), slog.String("stack", string(debug.Stack())))
			}
		}()
		w.handle(work, task)
		return nil
	}
}

func (w *Worker) handle(ctx context.Context, task *asynq.Task) {
	var n nudge
	if err := json.Unmarshal(task.Payload(), &n); err != nil {
		w.log.ErrorContext(ctx, "a nudge cannot be read", slog.String("nudge", task.Type()), slog.Any("error", err))
		return
	}
	switch task.Type() {
	case bindingNudge:
		w.handlers.Binding(ctx, n.TenantID, n.ID)
	case storeNudge:
		w.handlers.Store(ctx, n.TenantID, n.ID)
	default:
		w.log.ErrorContext(ctx, "a nudge is of no known kind", slog.String("nudge", task.Type()))
	}
}

// clearArchive drops what asynq archived when workers were killed. It does no
// harm when it fails.
func (w *Worker) clearArchive(ctx context.Context) {
	inspector := asynq.NewInspectorFromRedisClient(w.client)
	if n, err := inspector.DeleteAllArchivedTasks(queueName); err == nil && n > 0 {
		w.log.InfoContext(ctx, "dropped nudges that killed workers left behind", slog.Int("count", n))
	}
}
