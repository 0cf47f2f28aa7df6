package ports

import (
	"context"
	"time"
)

// Throttle slows down whoever tries again and again, for all processes alike.
type Throttle interface {
	// Try counts a try under a key, or says how long to wait before the next one;
	// a try that has to wait is not counted. The first tries are free; each one
	// after them makes the next wait twice as long, from a second to 15 minutes.
	// A key is forgotten an hour after its last try.
	//
	// Tries are counted before their outcome is known, so that many at once are
	// slowed down like many in a row.
	Try(ctx context.Context, key string, free int) (wait time.Duration, err error)
	// TakeBack undoes one counted try, and any wait once the tries are free again.
	TakeBack(ctx context.Context, key string) error
	// Forget forgets the tries under a key.
	Forget(ctx context.Context, key string) error
}
