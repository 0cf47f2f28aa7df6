package asynq_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
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
	return asynq.NewQueue(client(t, url), time.Now)
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
			var want []string
			for range 10 {
				must(t, q.NudgeBinding(t.Context(), tenant, "bnd_1"))
				want = append(want, "binding "+string(tenant)+" bnd_1")
			}
			start(t, url, got.handlers(), asynq.WorkerOptions{Concurrency: 3})
			got.expect(t, want...)
			must(t, q.NudgeBinding(t.Context(), tenant, "bnd_1"))
			got.expect(t, want[0])
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
	q := asynq.NewQueue(client(t, url), stepping(2*time.Second))
	must(t, q.NudgeBinding(t.Context(), tenant, "bnd_1"))
	got.expect(t, "binding "+string(tenant)+" bnd_1")
	server.Close()
	if err := q.NudgeBinding(t.Context(), tenant, "bnd_2"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("without a server: %v", err)
	}
	must(t, server.Restart())
	must(t, q.NudgeBinding(t.Context(), tenant, "bnd_3"))
	got.expect(t, "binding "+string(tenant)+" bnd_3")
}

// stepping is a clock that moves on whenever it is read.
func stepping(step time.Duration) func() time.Time {
	var readings atomic.Int64
	return func() time.Time { return time.Unix(0, readings.Add(int64(step))) }
}

func TestANudgeWithoutServerFailsFast(t *testing.T) {
	t.Parallel()
	closed := miniredis.RunT(t)
	gone := "redis://" + closed.Addr()
	closed.Close()
	for name, url := range map[string]string{"refuses": gone, "never answers": silent(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := asynq.NewQueue(client(t, url), func() time.Time { return time.Unix(0, 0) })
			for _, limit := range []time.Duration{5 * time.Second, 100 * time.Millisecond, 100 * time.Millisecond} {
				started := time.Now()
				err := q.NudgeBinding(t.Context(), tenant, "bnd_1")
				if fault.KindOf(err) != fault.Unavailable {
					t.Fatalf("error %v", err)
				}
				if took := time.Since(started); took > limit {
					t.Errorf("took %s, want at most %s", took, limit)
				}
			}
		})
	}
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
