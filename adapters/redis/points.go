package redis

import (
	"context"
	_ "embed" // for the script
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"byte8.io/ledger/ports"
)

//go:embed points.lua
var pointsSource string

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
	// Burst is how many points a caller's full bucket holds; Rate how many a
	// second come back. Both are above 0.
	Burst, Rate int
	// TenantBurst and TenantRate are the same of the bucket that all callers of a
	// tenant share. With a rate of 0 there is none.
	TenantBurst, TenantRate int
	// Now is the clock of this process.
	Now func() time.Time
	// Log tells when the server is gone.
	Log *slog.Logger
}

// bucketLimit is the size of a bucket.
type bucketLimit struct{ burst, rate int }

// wait is how long so many points take to come back.
func (l bucketLimit) wait(points int) time.Duration {
	return time.Duration(max(0, points)) * time.Second / time.Duration(l.rate)
}

// Points implements [ports.Points] with a bucket a caller and one a tenant on
// one Redis server, both asked by one script. A process takes a fiftieth of a
// caller's bucket ahead and spends that by itself; a caller without points is
// refused by the process until some are back. What is taken ahead and not spent
// is lost with the process.
type Points struct {
	client redis.UniversalClient
	script *redis.Script
	// limits are the caller's and, where it has one, the tenant's.
	limits []bucketLimit
	lease  int
	now    func() time.Time
	log    *slog.Logger
	// restsUntil is in Unix nanoseconds: the server failed and is left alone.
	restsUntil atomic.Int64
	uncounted  atomic.Int64

	mu     sync.Mutex
	purses map[ports.PointsKey]*purse
}

// purse is what this process holds of a caller's points.
type purse struct {
	mu sync.Mutex
	// held were taken ahead; remote was left in each bucket on the server at asked.
	held   int
	remote []int
	asked  time.Time
	// emptyUntil is when enough points will be back for what was refused last.
	emptyUntil time.Time
	used       atomic.Int64
}

var _ ports.Points = (*Points)(nil)

// NewPoints makes the buckets over a client, which stays the caller's to close.
func NewPoints(client redis.UniversalClient, opts PointsOptions) *Points {
	limits := []bucketLimit{{opts.Burst, opts.Rate}}
	if opts.TenantRate > 0 {
		limits = append(limits, bucketLimit{opts.TenantBurst, opts.TenantRate})
	}
	return &Points{
		client: client, script: redis.NewScript(pointsSource), limits: limits,
		lease: opts.Burst / leaseShare, now: opts.Now, log: opts.Log, purses: map[ports.PointsKey]*purse{},
	}
}

// Burst implements [ports.Points].
func (p *Points) Burst() int { return p.limits[0].burst }

// Rate implements [ports.Points].
func (p *Points) Rate() int { return p.limits[0].rate }

// Uncounted is how many operations were let through because the server did not
// answer.
func (p *Points) Uncounted() int64 { return p.uncounted.Load() }

// Take implements [ports.Points]. An operation that costs more than a full
// bucket takes a full one.
func (p *Points) Take(ctx context.Context, key ports.PointsKey, points int) ports.PointsTaken {
	for _, limit := range p.limits {
		points = min(points, limit.burst)
	}
	purse, now := p.purse(key), p.now()
	purse.mu.Lock()
	defer purse.mu.Unlock()
	if purse.held < points {
		if wait := purse.emptyUntil.Sub(now); wait > 0 {
			return p.taken(purse, now, wait)
		}
		if !p.fetch(ctx, key, purse, points, now) {
			return p.taken(purse, now, 0)
		}
	}
	if missing := points - purse.held; missing > 0 {
		wait := time.Duration(0)
		for i, limit := range p.limits {
			wait = max(wait, limit.wait(missing-purse.remote[i]))
		}
		purse.emptyUntil = now.Add(wait)
		return p.taken(purse, now, wait)
	}
	purse.held -= points
	return p.taken(purse, now, 0)
}

// fetch takes points ahead, as many as there are, where they are enough. False
// means that nobody can count now.
func (p *Points) fetch(ctx context.Context, key ports.PointsKey, purse *purse, points int, now time.Time) bool {
	if now.UnixNano() < p.restsUntil.Load() {
		p.uncounted.Add(1)
		return false
	}
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), pointsAnswerTime)
	defer cancel()
	missing := points - purse.held
	got, err := p.ask(asking, key, max(missing, p.lease), missing)
	if err != nil {
		p.uncounted.Add(1)
		p.restsUntil.Store(now.Add(restAfterFailure).UnixNano())
		p.log.WarnContext(ctx, "callers' points cannot be counted; everybody is let through meanwhile", slog.Any("error", err))
		return false
	}
	purse.held += got[0]
	purse.remote, purse.asked = got[1:], now
	return true
}

// ask takes points from the buckets, or none when there are fewer than the least.
// It returns how many were taken, and what is left in each.
func (p *Points) ask(ctx context.Context, key ports.PointsKey, points, least int) ([]int, error) {
	tenant := "ledger:points:{" + string(key.TenantID) + "}"
	keys, args := []string{tenant + ":" + key.Caller, tenant}[:len(p.limits)], []any{points, least}
	for _, limit := range p.limits {
		args = append(args, limit.burst, limit.rate)
	}
	answer, err := p.script.Run(ctx, p.client, keys, args...).Int64Slice()
	if err != nil {
		return nil, err
	}
	if len(answer) != 1+len(keys) {
		return nil, errors.New("the server's answer has another length")
	}
	out := make([]int, len(answer))
	for i, n := range answer {
		out[i] = int(n)
	}
	return out, nil
}

// taken counts what came back since the server was asked: in the bucket that has
// the least now.
func (p *Points) taken(purse *purse, now time.Time, wait time.Duration) ports.PointsTaken {
	out := ports.PointsTaken{Wait: wait, Available: p.limits[0].burst}
	if purse.asked.IsZero() {
		return out
	}
	for i, limit := range p.limits {
		back := min(now.Sub(purse.asked).Seconds()*float64(limit.rate), float64(limit.burst))
		if left := min(limit.burst, purse.held+purse.remote[i]+int(back)); left < out.Available {
			out.Available, out.IsShared = left, i > 0
		}
	}
	return out
}

func (p *Points) purse(key ports.PointsKey) *purse {
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
