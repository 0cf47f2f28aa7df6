package redis_test

import (
	"crypto/rand"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	goredis "github.com/redis/go-redis/v9"

	"byte8.io/ledger/adapters/redis"
	"byte8.io/ledger/domain/fault"
)

func TestWaitsGrow(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	client := goredis.NewClient(&goredis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	throttle := redis.NewThrottle(client)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	server.SetTime(now)
	try := func(want time.Duration) {
		t.Helper()
		if got, err := throttle.Try(t.Context(), "key", 3); err != nil || got != want {
			t.Fatalf("Try: wait %s, %v, want %s", got, err, want)
		}
	}
	for range 3 {
		try(0)
	}
	for _, wait := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900} {
		try(wait * time.Second)
		now = now.Add(wait*time.Second - time.Millisecond)
		server.SetTime(now)
		try(time.Millisecond)
		now = now.Add(time.Millisecond)
		server.SetTime(now)
		try(0)
	}
	if err := throttle.Forget(t.Context(), "key"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		try(0)
	}
	try(time.Second)
	if err := throttle.TakeBack(t.Context(), "key"); err != nil {
		t.Fatal(err)
	}
	try(0)
	if got, err := throttle.Try(t.Context(), "another", 3); err != nil || got != 0 {
		t.Errorf("another key waits %s, %v", got, err)
	}
	if err := throttle.TakeBack(t.Context(), "unknown"); err != nil {
		t.Fatal(err)
	}
	server.FastForward(time.Hour)
	for range 3 {
		try(0)
	}
	server.Close()
	if _, err := throttle.Try(t.Context(), "key", 3); !fault.IsKind(err, fault.Unavailable) {
		t.Errorf("without a server: %v, want nobody let through", err)
	}
}

func TestManyTriesAtOnceAreCountedEach(t *testing.T) {
	t.Parallel()
	for kind, url := range servers(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			opts, err := goredis.ParseURL(url)
			if err != nil {
				t.Fatal(err)
			}
			client := goredis.NewClient(opts)
			t.Cleanup(func() { _ = client.Close() })
			throttle, key := redis.NewThrottle(client), rand.Text()
			var free atomic.Int64
			together(t, 40, func() error {
				wait, err := throttle.Try(t.Context(), key, 10)
				if wait == 0 {
					free.Add(1)
				}
				return err
			})
			if free.Load() != 10 {
				t.Errorf("%d of 40 tries at once went through, want 10", free.Load())
			}
		})
	}
}

func together(t *testing.T, n int, call func() error) {
	t.Helper()
	errs := make(chan error)
	for range n {
		go func() { errs <- call() }()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}
