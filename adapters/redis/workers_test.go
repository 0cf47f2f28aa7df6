package redis_test

import (
	"os"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	goredis "github.com/redis/go-redis/v9"

	"byte8.io/ledger/adapters/redis"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/ports"
)

// servers are the addresses of an in-process server and, where there is one, of
// a real one.
func servers(t *testing.T) map[string]string {
	t.Helper()
	urls := map[string]string{"embedded": "redis://" + miniredis.RunT(t).Addr()}
	switch real := os.Getenv("TEST_REDIS_URL"); {
	case real != "":
		urls["redis"] = real
	case os.Getenv("REQUIRE_SERVICES") != "":
		t.Fatal("TEST_REDIS_URL is not set, and REQUIRE_SERVICES is")
	}
	return urls
}

// gauge counts calls under way.
type gauge struct {
	mu                   sync.Mutex
	taken, flying, flown int
}

func (g *gauge) begin() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.taken++
	g.flying++
	g.flown = max(g.flown, g.flying)
}

func (g *gauge) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.flying--
}

func TestManyWorkersOfTwoProcesses(t *testing.T) {
	t.Parallel()
	for kind, url := range servers(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			opts, err := goredis.ParseURL(url)
			if err != nil {
				t.Fatal(err)
			}
			opts.DB = 15
			client := goredis.NewClient(opts)
			t.Cleanup(func() { _ = client.Close() })
			organisation := "org-" + time.Now().Format(time.RFC3339Nano)
			limits := books.Limits{Concurrent: 5, PerMinute: 60, PerDay: 5000}
			budgets := []*redis.Budget{redis.NewBudget(client, redis.Options{}), redis.NewBudget(client, redis.Options{})}

			var calls gauge
			var group sync.WaitGroup
			for i := range 80 {
				group.Go(func() {
					call, err := budgets[i%2].Take(t.Context(), organisation, limits, false)
					if err != nil {
						if wait := refused(t, err); wait <= 0 || wait > 61*time.Second {
							t.Errorf("wait %s", wait)
						}
						return
					}
					calls.begin()
					time.Sleep(time.Millisecond)
					calls.end()
					call.Done(t.Context(), ports.BudgetSeen{})
				})
			}
			group.Wait()
			if calls.taken != 60 || calls.flown > 4 {
				t.Errorf("%d taken and %d in flight, want 60 and at most 4", calls.taken, calls.flown)
			}
			left, err := budgets[0].Left(t.Context(), organisation, limits)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(ports.BudgetLeft{MinuteLeft: 0, DayLeft: 4940}, left); diff != "" {
				t.Errorf("left (-want +got):\n%s", diff)
			}
		})
	}
}
