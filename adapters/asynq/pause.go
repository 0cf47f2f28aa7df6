package asynq

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
)

// failurePause is how long a worker's command waits before it reports that it
// failed.
const failurePause = 200 * time.Millisecond

// pauseOnFailure slows a worker down while Redis is gone or refuses. asynq asks for the
// next task again at once when asking failed, which would keep a processor busy.
type pauseOnFailure struct{}

var _ redis.Hook = pauseOnFailure{}

// DialHook implements redis.Hook and changes nothing.
func (pauseOnFailure) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessHook implements redis.Hook.
func (pauseOnFailure) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		return pauseAfter(ctx, next(ctx, cmd))
	}
}

// ProcessPipelineHook implements redis.Hook.
func (pauseOnFailure) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		return pauseAfter(ctx, next(ctx, cmds))
	}
}

// pauseAfter waits after an error, except for those that belong to a script's
// ordinary use: no value, and a script to be sent first.
func pauseAfter(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, redis.Nil) || redis.HasErrorPrefix(err, "NOSCRIPT") {
		return err
	}
	timer := time.NewTimer(failurePause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return err
}
