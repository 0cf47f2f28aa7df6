package asynq

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const (
	dialTimeout = time.Second
	// answerTimeout is longer than a nudge waits, for the worker's own calls.
	answerTimeout = 3 * time.Second
)

// Open makes a client for a redis:// or rediss:// address. It fails fast: one
// dial of a second and no retries, because whoever calls it can do without
// Redis. It connects when it is first used.
func Open(redisURL string) (*redis.Client, error) {
	opts, err := redis.ParseURL(redisURL)
	if err != nil {
		return nil, fmt.Errorf("reading the Redis address: %w", withoutPassword(err))
	}
	opts.DialTimeout, opts.DialerRetries = dialTimeout, 1
	opts.ReadTimeout, opts.WriteTimeout, opts.PoolTimeout = answerTimeout, answerTimeout, dialTimeout
	opts.MaxRetries = -1
	opts.ContextTimeoutEnabled = true
	opts.DisableIdentity = true
	opts.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return redis.NewClient(opts), nil
}

// withoutPassword takes the address, and with it a password, out of an error of
// net/url.
func withoutPassword(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// MemoryPolicyWarning is what an operator should know of the server's memory
// policy; empty when all is well. Any policy but noeviction lets the server
// drop nudges and half-done tasks when its memory is full.
func MemoryPolicyWarning(ctx context.Context, client redis.UniversalClient) string {
	const wanted = "noeviction"
	found, err := client.ConfigGet(ctx, "maxmemory-policy").Result()
	switch policy := found["maxmemory-policy"]; {
	case err != nil || policy == "":
		return "Redis does not say its maxmemory-policy; make sure that it is " + wanted + "."
	case policy != wanted:
		return "Redis has maxmemory-policy " + policy + " and may drop work when its memory is full; set it to " + wanted + "."
	}
	return ""
}
