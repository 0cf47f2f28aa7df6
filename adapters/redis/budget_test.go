package redis_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/ports"
)

func TestNoMoreCallsAMinuteThanTheLimit(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bench.budget(t)
			taken, wait := take(t, b, perMinute(60), 80)
			if taken != 60 || wait != 61*time.Second {
				t.Fatalf("%d taken, wait %s; want 60 and 1m1s", taken, wait)
			}
			bench.clock.advance(50 * time.Second)
			if taken, wait := take(t, b, perMinute(60), 1); taken != 0 || wait != 11*time.Second {
				t.Errorf("after 50 s: %d taken, wait %s", taken, wait)
			}
			if _, err := b.Take(t.Context(), "another", perMinute(60), false); err != nil {
				t.Errorf("another organisation: %v", err)
			}
			bench.clock.advance(11 * time.Second)
			if taken, _ := take(t, b, perMinute(60), 80); taken != 60 {
				t.Errorf("a minute later: %d taken", taken)
			}
		})
	}
}

// Sliding the log must hold for calls that are spread as well: the calls of any
// 60 seconds are counted.
func TestNoWindowHoldsMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bench.budget(t)
			var at []time.Time
			for range 400 {
				if call, err := b.Take(t.Context(), "org", perMinute(10), false); err == nil {
					at = append(at, bench.clock.now())
					call.Done(t.Context(), ports.BudgetSeen{})
				}
				bench.clock.advance(1700 * time.Millisecond)
			}
			for i := 10; i < len(at); i++ {
				if gap := at[i].Sub(at[i-10]); gap <= time.Minute {
					t.Fatalf("calls %d to %d lie within %s", i-10, i, gap)
				}
			}
			if len(at) < 100 {
				t.Errorf("only %d calls in %s", len(at), 400*1700*time.Millisecond)
			}
		})
	}
}

func TestAShortWaitIsWaited(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bench.budget(t)
			take(t, b, perMinute(2), 2)
			bench.clock.advance(57 * time.Second)
			before := bench.clock.now()
			mustTake(t, b, perMinute(2))
			if waited := bench.clock.now().Sub(before); waited != 4*time.Second {
				t.Errorf("waited %s, want 4s", waited)
			}
		})
	}
}

func TestTheWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bench.budget(t)
			take(t, b, perMinute(1), 1)
			bench.clock.advance(58 * time.Second)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := b.Take(ctx, "org", perMinute(1), false)
			refused(t, err)
			bench.clock.advance(time.Minute)
			if taken, _ := take(t, b, perMinute(1), 1); taken != 1 {
				t.Error("giving up used the budget up")
			}
		})
	}
}

func TestOnePlaceInFlightStaysFree(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, limits := bench.budget(t), books.Limits{Concurrent: 5}
			calls := make([]ports.BudgetCall, 0, 4)
			for range 4 {
				calls = append(calls, mustTake(t, b, limits))
			}
			_, err := b.Take(t.Context(), "org", limits, false)
			if wait := refused(t, err); wait != time.Second {
				t.Errorf("wait %s", wait)
			}
			bench.beats.strike()
			calls[0].Done(t.Context(), ports.BudgetSeen{})
			calls[0].Done(t.Context(), ports.BudgetSeen{})
			mustTake(t, b, limits)
			_, err = b.Take(t.Context(), "org", limits, false)
			refused(t, err)
		})
	}
}

func TestTheOnlyPlaceIsUsed(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, limits := bench.budget(t), books.Limits{Concurrent: 1}
			call := mustTake(t, b, limits)
			_, err := b.Take(t.Context(), "org", limits, false)
			refused(t, err)
			call.Done(t.Context(), ports.BudgetSeen{})
			mustTake(t, b, limits)
		})
	}
}

func TestAKilledProcesssPlaceComesFree(t *testing.T) {
	t.Parallel()
	bench := benches(t)["shared"]
	killed, other, limits := bench.budget(t), bench.budget(t), books.Limits{Concurrent: 5}
	for range 4 {
		mustTake(t, killed, limits)
	}
	bench.clock.advance(4 * time.Second)
	_, err := other.Take(t.Context(), "org", limits, false)
	refused(t, err)
	bench.clock.advance(time.Second)
	for range 4 {
		mustTake(t, other, limits)
	}
}

func TestALongCallKeepsItsPlace(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, limits := bench.budget(t), books.Limits{Concurrent: 2}
			call := mustTake(t, b, limits)
			for range 30 {
				bench.clock.advance(3 * time.Second)
				bench.beats.strike()
			}
			_, err := b.Take(t.Context(), "org", limits, false)
			refused(t, err)
			call.Done(t.Context(), ports.BudgetSeen{})
			bench.beats.strike()
			mustTake(t, b, limits).Done(t.Context(), ports.BudgetSeen{})
		})
	}
}

func TestACallThatIsNeverEndedComesFree(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, limits := bench.budget(t), books.Limits{Concurrent: 2}
			mustTake(t, b, limits)
			for range 40 {
				bench.clock.advance(3 * time.Second)
				bench.beats.strike()
			}
			mustTake(t, b, limits)
		})
	}
}

func TestParking(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bench.budget(t)
			first, second := mustTake(t, b, perMinute(60)), mustTake(t, b, perMinute(60))
			first.Done(t.Context(), ports.BudgetSeen{ParkFor: 90 * time.Second})
			second.Done(t.Context(), ports.BudgetSeen{ParkFor: 10 * time.Second})
			if taken, wait := take(t, b, perMinute(60), 1); taken != 0 || wait != 90*time.Second {
				t.Errorf("%d taken, wait %s; want 1m30s", taken, wait)
			}
			left, err := b.Left(t.Context(), "org", perMinute(60))
			if err != nil || left.ParkedUntil == nil || !left.ParkedUntil.Equal(bench.clock.now().Add(90*time.Second)) {
				t.Errorf("left %+v, %v", left, err)
			}
			bench.clock.advance(90 * time.Second)
			mustTake(t, b, perMinute(60))
		})
	}
}

func TestTheDay(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, limits := bench.budget(t), books.Limits{PerDay: 100}
			if taken, wait := take(t, b, limits, 101); taken != 100 || wait != 24*time.Hour {
				t.Fatalf("%d taken, wait %s", taken, wait)
			}
			bench.clock.advance(24 * time.Hour)
			call := mustTake(t, b, limits)
			call.Done(t.Context(), ports.BudgetSeen{DayLeft: new(2)})
			if taken, _ := take(t, b, limits, 5); taken != 2 {
				t.Errorf("%d taken of the 2 the provider says are left", taken)
			}
		})
	}
}

func TestASpentDayIsAskedAboutAgain(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, limits := bench.budget(t), books.Limits{PerDay: 100}
			mustTake(t, b, limits).Done(t.Context(), ports.BudgetSeen{DayLeft: new(0)})
			if taken, wait := take(t, b, limits, 1); taken != 0 || wait != time.Hour {
				t.Fatalf("%d taken, wait %s", taken, wait)
			}
			bench.clock.advance(time.Hour)
			mustTake(t, b, limits).Done(t.Context(), ports.BudgetSeen{DayLeft: new(99)})
			if left, err := b.Left(t.Context(), "org", limits); err != nil || left.DayLeft != 99 {
				t.Errorf("left %+v, %v", left, err)
			}
		})
	}
}

func TestCallsOfOthersUseTheMinuteUp(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bench.budget(t)
			mustTake(t, b, perMinute(60)).Done(t.Context(), ports.BudgetSeen{MinuteLeft: new(5)})
			if taken, _ := take(t, b, perMinute(60), 10); taken != 5 {
				t.Errorf("%d taken of the 5 the provider says are left", taken)
			}
			bench.clock.advance(61 * time.Second)
			mustTake(t, b, perMinute(60)).Done(t.Context(), ports.BudgetSeen{MinuteLeft: new(70)})
			if left, err := b.Left(t.Context(), "org", perMinute(60)); err != nil || left.MinuteLeft != 59 {
				t.Errorf("left %+v, %v", left, err)
			}
		})
	}
}

func TestLeft(t *testing.T) {
	t.Parallel()
	for name, bench := range benches(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bench.budget(t)
			limits := books.Limits{Concurrent: 5, PerMinute: 60, PerDay: 5000}
			mustTake(t, b, limits)
			mustTake(t, b, limits).Done(t.Context(), ports.BudgetSeen{})
			got, err := b.Left(t.Context(), "org", limits)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(ports.BudgetLeft{MinuteLeft: 58, DayLeft: 4998, InFlight: 1}, got); diff != "" {
				t.Errorf("left (-want +got):\n%s", diff)
			}
			got, err = b.Left(t.Context(), "unlimited", books.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(ports.BudgetLeft{MinuteLeft: math.MaxInt32, DayLeft: math.MaxInt32}, got); diff != "" {
				t.Errorf("left without limits (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTwoProcessesShare(t *testing.T) {
	t.Parallel()
	bench := benches(t)["shared"]
	one, two := bench.budget(t), bench.budget(t)
	if taken, _ := take(t, one, perMinute(60), 45); taken != 45 {
		t.Fatalf("%d taken", taken)
	}
	if taken, wait := take(t, two, perMinute(60), 45); taken != 15 || wait != 61*time.Second {
		t.Errorf("the second took %d, wait %s; want the 15 left", taken, wait)
	}
	bench.clock.advance(2 * time.Minute)
	mustTake(t, one, perMinute(60)).Done(t.Context(), ports.BudgetSeen{ParkFor: time.Minute})
	if taken, wait := take(t, two, perMinute(60), 1); taken != 0 || wait != time.Minute {
		t.Errorf("the second does not know of the parking: %d taken, wait %s", taken, wait)
	}
}

func TestAServerThatGoesAndComesBack(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	clock := newClock(nil)
	server.SetTime(clock.now())
	b := bench{clock: clock, beats: &beats{}, addr: server.Addr()}.budget(t)
	held := mustTake(t, b, books.Limits{Concurrent: 2, PerMinute: 60})
	if taken, _ := take(t, b, perMinute(60), 29); taken != 29 {
		t.Fatalf("%d taken", taken)
	}
	server.Close()
	if taken, _ := take(t, b, perMinute(60), 60); taken != 30 {
		t.Errorf("without a server %d were taken, want the 30 left", taken)
	}
	held.Done(t.Context(), ports.BudgetSeen{})

	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	server.FlushAll()
	clock.advance(3 * time.Second)
	if taken, _ := take(t, b, perMinute(60), 10); taken != 0 {
		t.Errorf("an emptied server gave %d calls beyond the limit", taken)
	}
	clock.advance(time.Minute)
	server.SetTime(clock.now())
	if taken, _ := take(t, b, perMinute(60), 80); taken != 60 {
		t.Errorf("%d taken in the next minute", taken)
	}
	left, err := bench{clock: clock, beats: &beats{}, addr: server.Addr()}.budget(t).Left(t.Context(), "org", perMinute(60))
	if err != nil || left.MinuteLeft != 0 {
		t.Errorf("the server was not asked again: left %+v, %v", left, err)
	}
}
