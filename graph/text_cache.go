package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/lru"
)

// longestCached is how long an operation may be to be kept. Clients' own
// operations are shorter; longer ones would let strangers fill the memory.
const longestCached = 16 << 10

// shortTexts keeps what belongs to short operations.
type shortTexts[T any] struct{ recent *lru.LRU[T] }

var _ graphql.Cache[string] = shortTexts[string]{}

func newShortTexts[T any](size int) shortTexts[T] { return shortTexts[T]{lru.New[T](size)} }

// Get implements [graphql.Cache].
func (c shortTexts[T]) Get(ctx context.Context, key string) (T, bool) { return c.recent.Get(ctx, key) }

// Add implements [graphql.Cache]. The value may be the text itself.
func (c shortTexts[T]) Add(ctx context.Context, key string, value T) {
	text, isText := any(value).(string)
	if len(key) > longestCached || (isText && len(text) > longestCached) {
		return
	}
	c.recent.Add(ctx, key, value)
}
