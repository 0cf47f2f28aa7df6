package redis

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"

	"byte8.io/ledger/ports"
)

const (
	// leaseShare is the part of the bucket that a process takes ahead at once, so
	// that most operations ask nobody.
	leaseShare = 50
	// pointsAnswerTime is how long an operation waits for the server.
	pointsAnswerTime = 100 * time.Millisecond
	// maxPurses is how many keys' points are kept in the process before idle ones
	// are dropped, and purseIdle when a key is idle.
	maxPurses = 10_000
	purseIdle = time.Minute
)

// PointsOptions are the size of the buckets.
type PointsOptions struct {
	// Burst is how many points a full bucket holds; Rate how many a second come
	// back. Both are above 0.
	Burst, Rate int
	// Now is the clock of this process.
	Now func() time.Time
	// Log tells when the server is gone.
	Log *slog.Logger
}

// Points implements [ports.Points] with a bucket a key on one Redis server. A
// process takes a fiftieth of a bucket ahead and spends that by itself; a key
// without points is refused by the process until some are back. What is taken
// ahead and not spent is lost with the process.
type Points struct {
	limiter *redis_rate.Limiter
	limit   redis_rate.Limit
	lease   int
	now     func() time.Time
	log     *slog.Logger
	// restsUntil is in Unix nanoseconds: the server failed and is left alone.
	restsUntil atomic.Int64
	uncounted  atomic.Int64

	mu     sync.Mutex
	purses map[string]*purse
}

// purse is what this process holds of a key's points.
type purse struct {
	mu sync.Mutex
	// held were taken ahead; remote was left on the server at asked.
	held, remote int
	asked        time.Time
	// emptyUntil is when enough points will be back for what was refused last.
	emptyUntil time.Time
	used       atomic.Int64
}

var _ ports.Points = (*Points)(nil)

// NewPoints makes the buckets over a client, which stays the caller's to close.
func NewPoints(client redis.UniversalClient, opts PointsOptions) *Points {
	return &Points{
		limiter: redis_rate.NewLimiter(client), limit: redis_rate.Limit{Rate: opts.Rate, Burst: opts.Burst, Period: time.Second},
		lease: opts.Burst / leaseShare, now: opts.Now, log: opts.Log, purses: map[string]*purse{},
	}
}

// Burst implements [ports.Points].
func (p *Points) Burst() int { return p.limit.Burst }

// Rate implements [ports.Points].
func (p *Points) Rate() int { return p.limit.Rate }

// Uncounted is how many operations were let through because the server did not
// answer.
func (p *Points) Uncounted() int64 { return p.uncounted.Load() }

// Take implements [ports.Points]. An operation that costs more than a full
// bucket takes a full one.
func (p *Points) Take(ctx context.Context, key string, points int) ports.PointsTaken {
	points = min(points, p.limit.Burst)
	purse, now := p.purse(key), p.now()
	purse.mu.Lock()
	defer purse.mu.Unlock()
	if purse.held < points {
		if wait := purse.emptyUntil.Sub(now); wait > 0 {
			return ports.PointsTaken{Wait: wait, Available: p.available(purse, now)}
		}
		if !p.fetch(ctx, key, purse, points, now) {
			return ports.PointsTaken{Available: p.available(purse, now)}
		}
	}
	if missing := points - purse.held; missing > 0 {
		wait := time.Duration(missing) * time.Second / time.Duration(p.limit.Rate)
		purse.emptyUntil = now.Add(wait)
		return ports.PointsTaken{Wait: wait, Available: p.available(purse, now)}
	}
	purse.held -= points
	return ports.PointsTaken{Available: p.available(purse, now)}
}

// fetch takes points ahead, or as many as there are. False means that nobody
// can count now.
func (p *Points) fetch(ctx context.Context, key string, purse *purse, points int, now time.Time) bool {
	if now.UnixNano() < p.restsUntil.Load() {
		p.uncounted.Add(1)
		return false
	}
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), pointsAnswerTime)
	defer cancel()
	got, err := p.limiter.AllowAtMost(asking, "ledger:points:{"+key+"}", p.limit, max(points-purse.held, p.lease))
	if err != nil {
		p.uncounted.Add(1)
		p.restsUntil.Store(now.Add(restAfterFailure).UnixNano())
		p.log.WarnContext(ctx, "callers' points cannot be counted; everybody is let through meanwhile", slog.Any("error", err))
		return false
	}
	purse.held += got.Allowed
	purse.remote, purse.asked = got.Remaining, now
	return true
}

// available counts what came back since the server was asked.
func (p *Points) available(purse *purse, now time.Time) int {
	if purse.asked.IsZero() {
		return p.limit.Burst
	}
	back := now.Sub(purse.asked).Seconds() * float64(p.limit.Rate)
	return min(p.limit.Burst, purse.held+purse.remote+int(min(back, float64(p.limit.Burst))))
}

func (p *Points) purse(key string) *purse {
	now := p.now().UnixNano()
	p.mu.Lock()
	defer p.mu.Unlock()
	found, ok := p.purses[key]
	if !ok {
		p.dropIdle(now)
		found = &purse{}
		p.purses[key] = found
	}
	found.used.Store(now)
	return found
}

// dropIdle makes room for one more purse.
func (p *Points) dropIdle(now int64) {
	if len(p.purses) < maxPurses {
		return
	}
	for key, one := range p.purses {
		if now-one.used.Load() > int64(purseIdle) {
			delete(p.purses, key)
		}
	}
	for key := range p.purses {
		if len(p.purses) < maxPurses {
			return
		}
		delete(p.purses, key)
	}
}
