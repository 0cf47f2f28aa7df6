package ports

import (
	"context"
	"time"
)

// PointsTaken is the answer to who asks for points.
type PointsTaken struct {
	// Wait is how long until there are enough; zero when they were taken.
	Wait time.Duration
	// Available is how many are left, as far as this process knows.
	Available int
}

// Points are what callers spend on operations. Each key has a bucket that is
// full at first and filled again at a constant rate.
type Points interface {
	// Take takes points from a key's bucket, or none and says how long to wait.
	// All processes share the buckets. It never fails: while the count cannot be
	// asked, everything is let through.
	Take(ctx context.Context, key string, points int) PointsTaken
	// Burst is how many points a full bucket holds, and Rate how many a second
	// come back.
	Burst() int
	Rate() int
}
