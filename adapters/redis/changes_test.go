package redis_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	goredis "github.com/redis/go-redis/v9"

	"byte8.io/ledger/adapters/redis"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/live"
	"byte8.io/ledger/ports"
)

// process is the changes of one process on the server.
func process(t *testing.T, url string) *redis.Changes {
	t.Helper()
	opts, err := goredis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	opts.MaxRetries, opts.DialerRetries = -1, 1
	client := goredis.NewClient(opts)
	changes := redis.NewChanges(t.Context(), client, slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		if err := changes.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
		_ = client.Close()
	})
	return changes
}

func all(live.Change) bool { return true }

func subscribe(t *testing.T, c *redis.Changes, tenant access.TenantID) ports.ChangeStream {
	t.Helper()
	stream, err := c.Subscribe(t.Context(), tenant, all)
	if err != nil {
		t.Fatalf("subscribing: %v", err)
	}
	t.Cleanup(stream.Close)
	return stream
}

// next is the next changes, which come soon.
func next(t *testing.T, stream ports.ChangeStream) ([]live.Change, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return stream.Next(ctx)
}

// tenants are of this run alone: channels are shared by all that use a server.
func tenants() (a, b access.TenantID) {
	now := time.Now().Format(time.RFC3339Nano)
	return access.TenantID("a-" + now), access.TenantID("b-" + now)
}

func TestChangesCrossProcesses(t *testing.T) {
	t.Parallel()
	for kind, url := range servers(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			one, two := process(t, url), process(t, url)
			a, b := tenants()
			here, there, stranger := subscribe(t, one, a), subscribe(t, two, a), subscribe(t, two, b)
			change := live.Change{
				TenantID: a, Kind: live.KindState, StoreID: "sto_1", BindingID: "bnd_1", Provider: "xero", EntityType: "invoice", MagentoID: 7, Status: "synced",
			}
			one.Publish(t.Context(), change)
			last := live.Change{TenantID: b, Kind: live.KindRun, ID: "run_b", Status: "queued"}
			one.Publish(t.Context(), last)
			for name, stream := range map[string]ports.ChangeStream{"here": here, "there": there} {
				got, err := next(t, stream)
				if diff := cmp.Diff([]live.Change{change}, got); diff != "" || err != nil {
					t.Errorf("%s: error %v, changes (-want +got):\n%s", name, err, diff)
				}
			}
			if got, err := next(t, stranger); err != nil || !cmp.Equal([]live.Change{last}, got) {
				t.Errorf("the stranger got %v, %v", got, err)
			}
		})
	}
}

func TestABrokenConnectionIsAGap(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	changes := process(t, "redis://"+server.Addr())
	before := subscribe(t, changes, "tenant-a")
	server.Close()
	if _, err := next(t, before); !errors.Is(err, live.ErrGap) {
		t.Fatalf("after the server went: %v, want a gap", err)
	}
	if _, err := changes.Subscribe(t.Context(), "tenant-a", all); !fault.IsKind(err, fault.Unavailable) {
		t.Errorf("without a server: %v, want Unavailable", err)
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	var after ports.ChangeStream
	for deadline := time.Now().Add(10 * time.Second); after == nil; {
		stream, err := changes.Subscribe(t.Context(), "tenant-a", all)
		if err == nil {
			after = stream
		} else if time.Now().After(deadline) {
			t.Fatalf("subscribing after the restart: %v", err)
		}
	}
	defer after.Close()
	changes.Publish(t.Context(), live.Change{TenantID: "tenant-a", Kind: live.KindRun, ID: "run_1"})
	if got, err := next(t, after); err != nil || len(got) != 1 {
		t.Errorf("after the restart: %v, %v", got, err)
	}
}

func TestWhatCannotBeToldIsAGapForEveryProcess(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	// The publisher's way to the server is cut, the other process's is not.
	cut := miniredis.NewMiniRedis()
	if err := cut.Start(); err != nil {
		t.Fatal(err)
	}
	address := cut.Addr()
	cut.Close()
	publisher, watcher := process(t, "redis://"+address), process(t, "redis://"+server.Addr())
	stream := subscribe(t, watcher, "tenant-a")
	publisher.Publish(t.Context(), live.Change{TenantID: "tenant-b", Kind: live.KindRun, ID: "run_1"})
	time.Sleep(100 * time.Millisecond) // the message is refused meanwhile
	forward(t, address, server.Addr())
	if _, err := next(t, stream); !errors.Is(err, live.ErrGap) {
		t.Errorf("error %v, want a gap", err)
	}
}

// forward opens a way from one address to another.
func forward(t *testing.T, from, to string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := (&net.Dialer{}).Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				continue
			}
			go pipe(in, out)
			go pipe(out, in)
		}
	}()
}

func pipe(from, to net.Conn) {
	defer func() { _, _ = from.Close(), to.Close() }()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func TestPublishingNeverWaits(t *testing.T) {
	t.Parallel()
	deaf, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = deaf.Close() }()
	changes := process(t, "redis://"+deaf.Addr().String())
	start := time.Now()
	for i := range 20_000 {
		changes.Publish(t.Context(), live.Change{TenantID: "tenant-a", Kind: live.KindRun, ID: fmt.Sprintf("run_%d", i)})
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("20,000 calls took %s while the server does not answer", took)
	}
}

func TestClosingTellsWhatIsLeftAndEndsStreams(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	url := "redis://" + server.Addr()
	client := goredis.NewClient(&goredis.Options{Addr: server.Addr()})
	defer func() { _ = client.Close() }()
	ending := redis.NewChanges(t.Context(), client, slog.New(slog.DiscardHandler))
	own, other := subscribe(t, ending, "tenant-a"), subscribe(t, process(t, url), "tenant-a")
	for i := range 700 {
		ending.Publish(t.Context(), live.Change{TenantID: "tenant-a", Kind: live.KindRun, ID: fmt.Sprintf("run_%d", i)})
	}
	if err := ending.Close(); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for seen < 700 {
		got, err := next(t, other)
		if err != nil {
			t.Fatalf("after %d changes: %v", seen, err)
		}
		seen += len(got)
	}
	for {
		if _, err := next(t, own); err != nil {
			if !errors.Is(err, live.ErrGap) {
				t.Errorf("the ended process's stream: %v, want a gap", err)
			}
			break
		}
	}
	if _, err := ending.Subscribe(t.Context(), "tenant-a", all); !fault.IsKind(err, fault.Unavailable) {
		t.Errorf("subscribing after the end: %v", err)
	}
}
