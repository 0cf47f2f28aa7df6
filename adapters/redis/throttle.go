package redis

import (
	"context"
	_ "embed" // for the script
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// The waits between tries that are no longer free.
const (
	firstWait   = time.Second
	longestWait = 15 * time.Minute
	// forgetAfter is when a key is forgotten, counted from its last try.
	forgetAfter = time.Hour
)

//go:embed try.lua
var trySource string

// takeBackSource undoes one try of a key. Arguments: the free tries, as they
// were counted with.
const takeBackSource = `
local count = tonumber(redis.call('HGET', KEYS[1], 'count') or 0)
if count > 0 then
  count = redis.call('HINCRBY', KEYS[1], 'count', -1)
  if count < tonumber(redis.call('HGET', KEYS[1], 'free')) then
    redis.call('HSET', KEYS[1], 'until', 0)
  end
end
return count`

// Throttle implements [ports.Throttle] by the server's clock. While the server
// cannot be reached nothing is let through.
type Throttle struct {
	client          redis.UniversalClient
	tries, takeBack *redis.Script
}

var _ ports.Throttle = (*Throttle)(nil)

// NewThrottle makes a throttle over a client, which stays the caller's to close.
func NewThrottle(client redis.UniversalClient) *Throttle {
	return &Throttle{client: client, tries: redis.NewScript(trySource), takeBack: redis.NewScript(takeBackSource)}
}

// Try implements [ports.Throttle].
func (t *Throttle) Try(ctx context.Context, key string, free int) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, serverAnswerTime)
	defer cancel()
	wait, err := t.tries.Run(ctx, t.client, []string{triesKey(key)}, free, firstWait.Milliseconds(), longestWait.Milliseconds(), forgetAfter.Milliseconds()).Int64()
	if err != nil {
		return 0, uncounted(err)
	}
	return time.Duration(wait) * time.Millisecond, nil
}

// TakeBack implements [ports.Throttle].
func (t *Throttle) TakeBack(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, serverAnswerTime)
	defer cancel()
	if err := t.takeBack.Run(ctx, t.client, []string{triesKey(key)}).Err(); err != nil {
		return uncounted(err)
	}
	return nil
}

// Forget implements [ports.Throttle].
func (t *Throttle) Forget(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, serverAnswerTime)
	defer cancel()
	if err := t.client.Del(ctx, triesKey(key)).Err(); err != nil {
		return uncounted(err)
	}
	return nil
}

func triesKey(key string) string { return "ledger:tries:{" + key + "}" }

func uncounted(err error) error {
	return fault.Wrap(fault.CodeOverloaded, "Tries cannot be counted now.", fmt.Errorf("counting tries: %w", err))
}
