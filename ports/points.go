package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
)

// PointsTaken is the answer to who asks for points.
type PointsTaken struct {
	// Wait is how long until there are enough; zero when they were taken.
	Wait time.Duration
	// Available is how many are left, as far as this process knows; IsShared that
	// the tenant's bucket has fewer than the caller's.
	Available int
	IsShared  bool
}

// PointsKey names a caller within its tenant.
type PointsKey struct {
	TenantID access.TenantID
	Caller   string
}

// Points are what callers spend on operations. Each caller has a bucket that is
// full at first and filled again at a constant rate, and all callers of a tenant
// share a larger one: more keys give a tenant no more points.
type Points interface {
	// Take takes points from both buckets, or none and says how long to wait for
	// the one that takes longer. All processes share the buckets. It never fails:
	// while the count cannot be asked, everything is let through.
	Take(ctx context.Context, key PointsKey, points int) PointsTaken
	// Burst is how many points a caller's full bucket holds, and Rate how many a
	// second come back.
	Burst() int
	Rate() int
}
