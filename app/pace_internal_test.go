package app

import (
	"testing"
	"time"

	"byte8.io/ledger/domain/books"
)

func TestPartBatchesGather(t *testing.T) {
	t.Parallel()
	limits := books.Limits{PerMinute: 60}
	tests := map[string]struct {
		left   int
		limits books.Limits
		calls  int
		want   time.Duration
	}{
		"nobody counts":                {0, books.Limits{}, 3, 0},
		"the budget full":              {60, limits, 3, 0},
		"a quarter of it used":         {45, limits, 3, 500 * time.Millisecond},
		"half of it used":              {30, limits, 3, time.Second},
		"more used, after one call":    {29, limits, 1, time.Second},
		"more used, after three calls": {29, limits, 3, 4 * time.Second},
		"the budget spent":             {0, limits, 20, 5 * time.Second},
		"more left than there is":      {90, limits, 3, 0},
		"less left than there was":     {-5, limits, 0, time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := pacer{next: map[string]time.Time{}}
			now := time.Unix(1_000_000, 0)
			began := now.Add(-500 * time.Millisecond)
			if got := p.pause("b", tt.left, tt.limits, Delivered{Runs: 3, Calls: tt.calls}, began, now); got != tt.want {
				t.Errorf("pause = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestFullBatchesKeepTheSpeedOfTheBudget(t *testing.T) {
	t.Parallel()
	limits := books.Limits{PerMinute: 60}
	p := pacer{next: map[string]time.Time{}}
	began := time.Unix(1_000_000, 0)
	start := began
	calls := 0
	step := func(took time.Duration, did Delivered) {
		now := began.Add(took)
		began = now.Add(p.pause("b", 30, limits, did, began, now))
		calls += did.Calls
	}
	full := Delivered{Runs: 50, IsFull: true, Calls: 1}
	for range 100 {
		step(200*time.Millisecond, full)
	}
	if elapsed := began.Sub(start); elapsed != 94*time.Second {
		t.Errorf("100 quick calls took %v, want 94 s: 100 less the 6 that may come early", elapsed)
	}
	step(5*time.Second, full)
	for range 10 {
		step(200*time.Millisecond, full)
	}
	if elapsed := began.Sub(start); elapsed != 105*time.Second {
		t.Errorf("after a slow one %d calls took %v, want 105 s", calls, elapsed)
	}
	step(200*time.Millisecond, Delivered{Runs: 50, IsFull: true, Calls: 3})
	if elapsed := began.Sub(start); elapsed != 108*time.Second {
		t.Errorf("after a batch of 3 calls %v have gone by, want 108 s", elapsed)
	}
	if got := p.pause("other", 30, limits, full, began, began); got != 0 {
		t.Errorf("another binding pauses %v", got)
	}
}
