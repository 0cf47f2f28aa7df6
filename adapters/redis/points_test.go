package redis_test

import (
	"bytes"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"byte8.io/ledger/adapters/redis"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/ports"
)

// pointsBench makes buckets of 1,000 points, of which 100 a second come back.
func pointsBench(t *testing.T, c *clock, addr string, log *bytes.Buffer) *redis.Points {
	t.Helper()
	return redis.NewPoints(connect(t, addr), redis.PointsOptions{Burst: 1000, Rate: 100, Now: c.now, Log: slog.New(slog.NewTextHandler(log, nil))})
}

// caller is one of a tenant of its own.
func caller(name string) ports.PointsKey {
	return ports.PointsKey{TenantID: access.TenantID("tenant of " + name), Caller: name}
}

func TestCallersShareTheirTenantsBucket(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	c := newClock(server)
	points := redis.NewPoints(connect(t, server.Addr()), redis.PointsOptions{
		Burst: 1000, Rate: 100, TenantBurst: 2000, TenantRate: 50, Now: c.now, Log: slog.New(slog.DiscardHandler),
	})
	of := func(tenant access.TenantID, caller int) ports.PointsKey {
		return ports.PointsKey{TenantID: tenant, Caller: "api_key:" + strconv.Itoa(caller)}
	}
	if got := points.Take(t.Context(), of("a", 0), 900); got.Wait != 0 || got.Available != 100 || got.IsShared {
		t.Errorf("a first caller: %+v", got)
	}
	if got := points.Take(t.Context(), of("a", 1), 1000); got.Wait != 0 || got.Available != 0 {
		t.Errorf("a second caller: %+v", got)
	}
	// The tenant has 100 points left, and 50 a second come back.
	if got := points.Take(t.Context(), of("a", 2), 300); got.Wait != 4*time.Second || !got.IsShared || got.Available != 100 {
		t.Errorf("a third caller: %+v", got)
	}
	if got := points.Take(t.Context(), of("b", 2), 1000); got.Wait != 0 {
		t.Errorf("another tenant: %+v", got)
	}
	c.advance(4 * time.Second)
	before := server.CommandCount()
	if got := points.Take(t.Context(), of("a", 2), 300); got.Wait != 0 {
		t.Errorf("the third caller after its wait: %+v", got)
	}
	// One script: the time, two reads and two writes in it.
	if n := server.CommandCount() - before; n > 6 {
		t.Errorf("%d commands for one answer", n)
	}
	c.advance(40 * time.Second)
	if got := points.Take(t.Context(), of("a", 1), 1000); got.Wait != 0 {
		t.Errorf("the second caller: %+v", got)
	}
	if got := points.Take(t.Context(), of("a", 1), 100); got.Wait != time.Second || got.IsShared {
		t.Errorf("the second caller, whose own bucket is empty: %+v", got)
	}
}

func TestPointsRunOutAndComeBack(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	c := newClock(server)
	points := pointsBench(t, c, server.Addr(), &bytes.Buffer{})
	for i := range 10 {
		if got := points.Take(t.Context(), caller("a"), 100); got.Wait != 0 || got.Available != 900-100*i {
			t.Fatalf("take %d: %+v", i, got)
		}
	}
	got := points.Take(t.Context(), caller("a"), 100)
	if got.Wait != time.Second || got.Available != 0 {
		t.Errorf("an empty bucket: %+v", got)
	}
	if got := points.Take(t.Context(), caller("b"), 100); got.Wait != 0 {
		t.Errorf("another key: %+v", got)
	}
	c.advance(time.Second)
	if got := points.Take(t.Context(), caller("a"), 100); got.Wait != 0 {
		t.Errorf("a second later: %+v", got)
	}
	c.advance(time.Hour)
	if got := points.Take(t.Context(), caller("a"), 5000); got.Wait != 0 {
		t.Errorf("more than a full bucket: %+v", got)
	}
}

func TestProcessesShareBuckets(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	c := newClock(server)
	var taken atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		points := pointsBench(t, c, server.Addr(), &bytes.Buffer{})
		for range 4 {
			all.Go(func() {
				for range 100 {
					if points.Take(t.Context(), caller("a"), 7).Wait == 0 {
						taken.Add(7)
					}
				}
			})
		}
	}
	all.Wait()
	// Each process may hold a lease of 20 points that it did not spend.
	if n := taken.Load(); n > 1000 || n < 1000-4*20-7 {
		t.Errorf("%d points were taken of 1000", n)
	}
}

func TestMostOperationsAskNoServer(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	c := newClock(server)
	points := pointsBench(t, c, server.Addr(), &bytes.Buffer{})
	points.Take(t.Context(), caller("warm"), 1)
	before := server.CommandCount()
	for range 200 {
		points.Take(t.Context(), caller("a"), 1)
	}
	// Each fetch is one script with the time, a read and a write in it.
	if n := server.CommandCount() - before; n > 4*10 {
		t.Errorf("%d commands for 200 operations", n)
	}
	for points.Take(t.Context(), caller("a"), 50).Wait == 0 {
	}
	before = server.CommandCount()
	for range 100 {
		points.Take(t.Context(), caller("a"), 50)
	}
	if n := server.CommandCount() - before; n > 0 {
		t.Errorf("%d commands for 100 refusals", n)
	}
}

func TestWithoutAServerEverybodyIsLetThrough(t *testing.T) {
	t.Parallel()
	gone := miniredis.RunT(t)
	addr := gone.Addr()
	gone.Close()
	var log bytes.Buffer
	points := pointsBench(t, newClock(nil), addr, &log)
	for i := range 50 {
		if got := points.Take(t.Context(), caller(strconv.Itoa(i)), 1000); got.Wait != 0 {
			t.Fatalf("take %d: %+v", i, got)
		}
	}
	if points.Uncounted() != 50 || strings.Count(log.String(), "cannot be counted") != 1 {
		t.Errorf("%d uncounted; log %s", points.Uncounted(), &log)
	}
}
