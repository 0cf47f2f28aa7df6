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
)

// pointsBench makes buckets of 1,000 points, of which 100 a second come back.
func pointsBench(t *testing.T, c *clock, addr string, log *bytes.Buffer) *redis.Points {
	t.Helper()
	return redis.NewPoints(connect(t, addr), redis.PointsOptions{Burst: 1000, Rate: 100, Now: c.now, Log: slog.New(slog.NewTextHandler(log, nil))})
}

func TestPointsRunOutAndComeBack(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	c := newClock(server)
	points := pointsBench(t, c, server.Addr(), &bytes.Buffer{})
	for i := range 10 {
		if got := points.Take(t.Context(), "a", 100); got.Wait != 0 || got.Available != 900-100*i {
			t.Fatalf("take %d: %+v", i, got)
		}
	}
	got := points.Take(t.Context(), "a", 100)
	if got.Wait != time.Second || got.Available != 0 {
		t.Errorf("an empty bucket: %+v", got)
	}
	if got := points.Take(t.Context(), "b", 100); got.Wait != 0 {
		t.Errorf("another key: %+v", got)
	}
	c.advance(time.Second)
	if got := points.Take(t.Context(), "a", 100); got.Wait != 0 {
		t.Errorf("a second later: %+v", got)
	}
	c.advance(time.Hour)
	if got := points.Take(t.Context(), "a", 5000); got.Wait != 0 {
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
					if points.Take(t.Context(), "a", 7).Wait == 0 {
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
	points.Take(t.Context(), "warm", 1)
	before := server.CommandCount()
	for range 200 {
		points.Take(t.Context(), "a", 1)
	}
	// Each fetch is one script with the time, a read and a write in it.
	if n := server.CommandCount() - before; n > 4*10 {
		t.Errorf("%d commands for 200 operations", n)
	}
	for points.Take(t.Context(), "a", 50).Wait == 0 {
	}
	before = server.CommandCount()
	for range 100 {
		points.Take(t.Context(), "a", 50)
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
		if got := points.Take(t.Context(), strconv.Itoa(i), 1000); got.Wait != 0 {
			t.Fatalf("take %d: %+v", i, got)
		}
	}
	if points.Uncounted() != 50 || strings.Count(log.String(), "cannot be counted") != 1 {
		t.Errorf("%d uncounted; log %s", points.Uncounted(), &log)
	}
}
