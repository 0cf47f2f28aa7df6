package app

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
)

const (
	// keyCacheLife is how long a key is taken to be what it was: so long may one
	// that another process ends go on working here.
	keyCacheLife = 2 * time.Second
	// keyCacheSize bounds the keys that are kept; callers in use at once are fewer.
	keyCacheSize = 4096
)

// findAPIKey finds a key by its secret's digest. What it finds is at most
// keyCacheLife old, and newer than any end of the key in this process. Unknown
// secrets are not kept: guesses cannot push out what is known.
func (a *App) findAPIKey(ctx context.Context, digest string) (access.APIKey, error) {
	now := a.Now()
	key, changes, found := a.keys.find(digest, now)
	if found {
		return key, nil
	}
	key, err := a.Tenants.FindAPIKey(ctx, digest)
	if err == nil {
		a.keys.put(digest, key, changes, now)
	}
	return key, err
}
