package magento

import (
	"crypto/sha256"
	"sync"
	"time"
)

const replaySweep = time.Minute

// replayCache remembers the ids of tokens until they expire.
type replayCache struct {
	mu        sync.Mutex
	expiries  map[[sha256.Size]byte]time.Time
	nextSweep time.Time
}

func newReplayCache() *replayCache {
	return &replayCache{expiries: map[[sha256.Size]byte]time.Time{}}
}

// burn reports whether jti is seen for the first time, and remembers it until expiry.
func (c *replayCache) burn(jti string, now, expiry time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.After(c.nextSweep) {
		for id, at := range c.expiries {
			if !at.After(now) {
				delete(c.expiries, id)
			}
		}
		c.nextSweep = now.Add(replaySweep)
	}
	id := sha256.Sum256([]byte(jti))
	if at, seen := c.expiries[id]; seen && at.After(now) {
		return false
	}
	if floor := now.Add(time.Second); expiry.Before(floor) {
		expiry = floor
	}
	c.expiries[id] = expiry
	return true
}
