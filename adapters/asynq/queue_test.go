package asynq_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"byte8.io/ledger/adapters/asynq"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

const tenant = access.TenantID("a8d4e2e0-1c4e-11ef-9262-0242ac120002")

// patience is how long a nudge may take on a machine that is busy otherwise.
const patience = 20 * time.Second

// nextDatabase numbers the databases of the real server, so that tests that run
// at the same time do not meet. The first half of a server's 16 is this package's.
var nextDatabase atomic.Int32

// servers are the two kinds of Redis. Each call makes an empty one.
func servers(t *testing.T) map[string]func(*testing.T) string {
	t.Helper()
	kinds := map[string]func(*testing.T) string{"embedded": embedded}
	switch real := os.Getenv("TEST_REDIS_URL"); {
	case real != "":
		kinds["redis"] = func(t *testing.T) string {
			t.Helper()
			return database(t, real)
		}
	case os.Getenv("REQUIRE_SERVICES") != "":
		t.Fatal("TEST_REDIS_URL is not set, and REQUIRE_SERVICES is")
	}
	return kinds
}

func embedded(t *testing.T) string {
	t.Helper()
	server, err := asynq.StartEmbedded(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server.URL()
}

func database(t *testing.T, url string) string {
	t.Helper()
	base := url[:strings.LastIndexByte(url, '/')]
	own := fmt.Sprintf("%s/%d", base, nextDatabase.Add(1)%8)
	if err := client(t, own).FlushDB(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	return own
}

func client(t *testing.T, url string) *redis.Client {
	t.Helper()
	c, err := asynq.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func queue(t *testing.T, url string) *asynq.Queue {
	t.Helper()
	return over(t, client(t, url), slog.New(slog.DiscardHandler))
}

// over is a queue that is closed before its client.
func over(t *testing.T, c *redis.Client, log *slog.Logger) *asynq.Queue {
	t.Helper()
	q := asynq.NewQueue(t.Context(), c, log)
	t.Cleanup(func() { _ = q.Close() })
	return q
}

// arrivals collects nudges as kind, tenant and id.
type arrivals chan string

func (a arrivals) handlers() asynq.Handlers {
	take := func(kind string) func(context.Context, access.TenantID, string) {
		return func(_ context.Context, tenant access.TenantID, id string) {
			a <- kind + " " + string(tenant) + " " + id
		}
	}
	return asynq.Handlers{Binding: take("binding"), Store: take("store")}
}

func (a arrivals) expect(t *testing.T, want ...string) {
	t.Helper()
	missing := map[string]int{}
	for _, w := range want {
		missing[w]++
	}
	deadline := time.After(patience)
	for range want {
		select {
		case got := <-a:
			if missing[got]--; missing[got] < 0 {
				t.Fatalf("arrived unasked: %s", got)
			}
		case <-deadline:
			t.Fatalf("did not arrive: %v", missing)
		}
	}
}

// start runs a worker until the test ends and checks that it then stops.
func start(t *testing.T, url string, handlers asynq.Handlers, opts asynq.WorkerOptions) {
	t.Helper()
	worker, err := asynq.NewWorker(url, handlers, opts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- worker.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(patience):
			t.Error("the worker did not stop")
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestANudgeArrives(t *testing.T) {
	t.Parallel()
	for kind, open := range servers(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url := open(t)
			got := make(arrivals, 10)
			start(t, url, got.handlers(), asynq.WorkerOptions{})
			q := queue(t, url)
			must(t, q.NudgeBinding(t.Context(), tenant, "bnd_1"))
			must(t, q.NudgeStore(t.Context(), tenant, "sto_1"))
			got.expect(t, "binding "+string(tenant)+" bnd_1", "store "+string(tenant)+" sto_1")
		})
	}
}

func TestRepeatedNudgesArrive(t *testing.T) {
	t.Parallel()
	for kind, open := range servers(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url := open(t)
			got := make(arrivals, 20)
			q := queue(t, url)
			start(t, url, got.handlers(), asynq.WorkerOptions{Concurrency: 3})
			for range 10 {
				must(t, q.NudgeBinding(t.Context(), tenant, "bnd_1"))
				got.expect(t, "binding "+string(tenant)+" bnd_1")
			}
		})
	}
}

func TestAnEmptiedServerTakesNudgesAgain(t *testing.T) {
	t.Parallel()
	for kind, open := range servers(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url := open(t)
			got := make(arrivals, 10)
			block, busy := make(chan struct{}), make(chan struct{})
			handlers := got.handlers()
			handlers.Store = func(context.Context, access.TenantID, string) {
				close(busy)
				<-block
			}
			start(t, url, handlers, asynq.WorkerOptions{})
			q := queue(t, url)
			must(t, q.NudgeBinding(t.Context(), tenant, "bnd_1"))
			got.expect(t, "binding "+string(tenant)+" bnd_1")
			must(t, q.NudgeStore(t.Context(), tenant, "sto_1"))
			<-busy

			must(t, client(t, url).FlushDB(t.Context()).Err())
			must(t, client(t, url).ScriptFlush(t.Context()).Err())
			close(block)
			must(t, q.NudgeBinding(t.Context(), tenant, "bnd_2"))
			got.expect(t, "binding "+string(tenant)+" bnd_2")
		})
	}
}

func TestAHandlerThatPanicsHarmsNothing(t *testing.T) {
	t.Parallel()
	for kind, open := range servers(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url := open(t)
			got := make(arrivals, 10)
			handlers := got.handlers()
			handlers.Store = func(context.Context, access.TenantID, string) { panic("boom") }
			start(t, url, handlers, asynq.WorkerOptions{Concurrency: 1})
			q := queue(t, url)
			must(t, q.NudgeStore(t.Context(), tenant, "sto_1"))
			must(t, q.NudgeBinding(t.Context(), tenant, "bnd_1"))
			got.expect(t, "binding "+string(tenant)+" bnd_1")
			if n, err := client(t, url).ZCard(t.Context(), "asynq:{nudges}:archived").Result(); err != nil || n != 0 {
				t.Errorf("%d archived, %v", n, err)
			}
		})
	}
}

func TestAWorkerLetsHandlersFinish(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		grace time.Duration
		want  error
	}{
		"in time": {patience, nil}, "out of time": {50 * time.Millisecond, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := embedded(t)
			busy, finish := make(chan struct{}), make(chan struct{})
			ended := make(chan error, 1)
			handlers := asynq.Handlers{Binding: func(ctx context.Context, _ access.TenantID, _ string) {
				close(busy)
				select {
				case <-finish:
				case <-ctx.Done():
				}
				ended <- ctx.Err()
			}}
			worker, err := asynq.NewWorker(url, handlers, asynq.WorkerOptions{ShutdownTimeout: tc.grace})
			must(t, err)
			ctx, stop := context.WithCancel(t.Context())
			ran := make(chan error, 1)
			go func() { ran <- worker.Run(ctx) }()
			must(t, queue(t, url).NudgeBinding(t.Context(), tenant, "bnd_1"))
			<-busy
			stop()
			if tc.want == nil {
				close(finish)
			}
			must(t, <-ran)
			select {
			case got := <-ended:
				if !errors.Is(got, tc.want) {
					t.Errorf("the handler's context ended with %v, want %v", got, tc.want)
				}
			default:
				t.Error("Run returned before the handler did")
			}
		})
	}
}

func TestAWorkerOutlivesItsServer(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	url := "redis://" + server.Addr()
	got := make(arrivals, 10)
	start(t, url, got.handlers(), asynq.WorkerOptions{})
	q := queue(t, url)
	must(t, q.NudgeBinding(t.Context(), tenant, "bnd_1"))
	got.expect(t, "binding "+string(tenant)+" bnd_1")
	server.Close()
	must(t, q.NudgeBinding(t.Context(), tenant, "bnd_2"))
	must(t, server.Restart())
	deadline := time.After(patience)
	for {
		must(t, q.NudgeBinding(t.Context(), tenant, "bnd_3"))
		select {
		case arrived := <-got:
			if arrived == "binding "+string(tenant)+" bnd_3" {
				return
			}
		case <-time.After(100 * time.Millisecond):
		case <-deadline:
			t.Fatal("no nudge arrived after the server came back")
		}
	}
}

func TestNudgesForOneIDThatWaitAreSentAsOne(t *testing.T) {
	t.Parallel()
	for kind, open := range servers(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url := open(t)
			const asked = 5000
			q := queue(t, url)
			for range asked {
				must(t, q.NudgeBinding(t.Context(), tenant, "bnd_1"))
			}
			must(t, q.NudgeStore(t.Context(), tenant, "sto_1"))
			must(t, q.Close())
			sent, err := asynq.Depth(t.Context(), client(t, url))
			if err != nil || sent < 2 || sent > asked/5 {
				t.Errorf("%d nudges were sent, %v; want from 2 to %d", sent, err, asked/5)
			}
			got := make(arrivals, asked)
			start(t, url, got.handlers(), asynq.WorkerOptions{Concurrency: 1})
			want := map[string]bool{"binding " + string(tenant) + " bnd_1": true, "store " + string(tenant) + " sto_1": true}
			for range sent {
				select {
				case arrived := <-got:
					delete(want, arrived)
				case <-time.After(patience):
					t.Fatal("nudges did not arrive")
				}
			}
			if len(want) != 0 {
				t.Errorf("did not arrive: %v", want)
			}
		})
	}
}

func TestANudgeNeverWaits(t *testing.T) {
	t.Parallel()
	closed := miniredis.RunT(t)
	gone := "redis://" + closed.Addr()
	closed.Close()
	for name, url := range map[string]string{"refuses": gone, "never answers": silent(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var said lines
			q := over(t, client(t, url), slog.New(slog.NewTextHandler(&said, nil)))
			began := time.Now()
			var err error
			taken := 0
			for ; taken < 100_000 && err == nil; taken++ {
				err = q.NudgeBinding(t.Context(), tenant, fmt.Sprintf("bnd_%d", taken))
			}
			if fault.KindOf(err) != fault.Unavailable {
				t.Errorf("after %d nudges: %v, want one too many", taken, err)
			}
			if took := time.Since(began); took > patience/4 {
				t.Errorf("%d nudges took %s", taken, took)
			}
			began = time.Now()
			must(t, q.Close())
			must(t, q.Close())
			if took := time.Since(began); took > patience/2 {
				t.Errorf("closing took %s", took)
			}
			if said.count.Load() == 0 {
				t.Error("nothing was said about nudges that were not sent")
			}
		})
	}
}

// lines counts what is written.
type lines struct{ count atomic.Int32 }

func (l *lines) Write(p []byte) (int, error) {
	l.count.Add(1)
	return len(p), nil
}

// silent is the address of a server that takes connections and says nothing.
func silent(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return "redis://" + listener.Addr().String()
}

func TestAWorkerWithoutServerIsQuiet(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	var dials atomic.Int32
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			dials.Add(1)
			_ = conn.Close()
		}
	}()
	start(t, "redis://"+listener.Addr().String(), make(arrivals).handlers(), asynq.WorkerOptions{Concurrency: 4})
	time.Sleep(time.Second)
	if n := dials.Load(); n == 0 || n > 100 {
		t.Errorf("%d connections in a second", n)
	}
}
