package redis_test

import (
	"testing"
	"time"

	"byte8.io/ledger/adapters/redis"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/ports"
)

// takeBulk is take for bulk work.
func takeBulk(t *testing.T, b *redis.Budget, limits books.Limits, n int) (taken int, wait time.Duration) {
	t.Helper()
	for range n {
		call, err := b.Take(t.Context(), "org", limits, true)
		if err != nil {
			wait = refused(t, err)
			continue
		}
		taken++
		call.Done(t.Context(), ports.BudgetSeen{})
	}
	return taken, wait
}

func TestBulkLeavesAReserveOfTheMinute(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bench.budget(t)
			if taken, wait := takeBulk(t, b, perMinute(60), 60); taken != 51 || wait != 61*time.Second {
				t.Fatalf("bulk took %d, wait %s; want 51 and 1m1s", taken, wait)
			}
			if taken, _ := take(t, b, perMinute(60), 20); taken != 9 {
				t.Errorf("live work took %d of the 9 left", taken)
			}
			bench.clock.advance(61 * time.Second)
			if taken, _ := take(t, b, perMinute(60), 55); taken != 55 {
				t.Fatalf("live work took %d of 55", taken)
			}
			bench.clock.advance(30 * time.Second)
			if taken, wait := takeBulk(t, b, perMinute(60), 1); taken != 0 || wait != 31*time.Second {
				t.Errorf("bulk took %d of live work's reserve, wait %s", taken, wait)
			}
			bench.clock.advance(31 * time.Second)
			if taken, _ := takeBulk(t, b, perMinute(60), 60); taken != 51 {
				t.Errorf("bulk took %d of the next minute", taken)
			}
		})
	}
}

func TestBulkLeavesAReserveOfTheDay(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, limits := bench.budget(t), books.Limits{PerDay: 100}
			if taken, wait := takeBulk(t, b, limits, 90); taken != 85 || wait != 24*time.Hour {
				t.Fatalf("bulk took %d, wait %s; want 85 and a day", taken, wait)
			}
			if taken, _ := take(t, b, limits, 20); taken != 15 {
				t.Errorf("live work took %d of the 15 left", taken)
			}
		})
	}
}

func TestBulkHeedsWhatTheProviderSays(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, limits := bench.budget(t), books.Limits{PerMinute: 60, PerDay: 1000}
			mustTake(t, b, limits).Done(t.Context(), ports.BudgetSeen{MinuteLeft: new(9), DayLeft: new(900)})
			if taken, wait := takeBulk(t, b, limits, 1); taken != 0 || wait != 61*time.Second {
				t.Errorf("bulk took %d of the reserve of a minute, wait %s", taken, wait)
			}
			mustTake(t, b, limits).Done(t.Context(), ports.BudgetSeen{DayLeft: new(150)})
			bench.clock.advance(61 * time.Second)
			if taken, wait := takeBulk(t, b, limits, 1); taken != 0 || wait < 23*time.Hour {
				t.Errorf("bulk took %d of the reserve of a day, wait %s", taken, wait)
			}
			mustTake(t, b, limits)
		})
	}
}

func TestASpentDayParksAllWork(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, limits := bench.budget(t), books.Limits{PerMinute: 60, PerDay: 5000}
			mustTake(t, b, limits).Done(t.Context(), ports.BudgetSeen{ParkFor: 5 * time.Hour})
			if taken, wait := takeBulk(t, b, limits, 1); taken != 0 || wait != 5*time.Hour {
				t.Errorf("bulk took %d while parked, wait %s", taken, wait)
			}
			if taken, wait := take(t, b, limits, 1); taken != 0 || wait != 5*time.Hour {
				t.Errorf("live work took %d while parked, wait %s", taken, wait)
			}
			bench.clock.advance(5 * time.Hour)
			if taken, _ := takeBulk(t, b, limits, 1); taken != 1 {
				t.Error("bulk does not go on after the parking")
			}
		})
	}
}

func TestASmallLimitStillMovesBulk(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bench.budget(t)
			if taken, _ := takeBulk(t, b, perMinute(1), 2); taken != 1 {
				t.Errorf("%d taken of 1", taken)
			}
			if taken, _ := takeBulk(t, b, books.Limits{}, 100); taken != 100 {
				t.Errorf("%d of 100 taken without limits", taken)
			}
		})
	}
}

func TestTwoProcessesShareTheReserve(t *testing.T) {
	t.Parallel()
	bench := benches(t)["shared"]
	one, two := bench.budget(t), bench.budget(t)
	if taken, _ := takeBulk(t, one, perMinute(60), 40); taken != 40 {
		t.Fatalf("%d taken", taken)
	}
	if taken, wait := takeBulk(t, two, perMinute(60), 40); taken != 11 || wait != 61*time.Second {
		t.Errorf("the second took %d, wait %s; want the 11 left to bulk", taken, wait)
	}
	if taken, _ := take(t, one, perMinute(60), 20); taken != 9 {
		t.Errorf("live work took %d of the 9 left", taken)
	}
}
