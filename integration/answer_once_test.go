package integration_test

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/adapters/sqlstore/sqlstoretest"
	"byte8.io/ledger/adapters/vault"
	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

// onceProcesses are processes on one database, with a clock that tests move.
type onceProcesses struct {
	db *sqlstore.DB
	// ring is the vault of the processes that start.
	ring *vault.Ring
	now  atomic.Int64
	ids  atomic.Int64
}

func newOnceProcesses(t *testing.T, dialect string) *onceProcesses {
	t.Helper()
	p := &onceProcesses{db: sqlstoretest.Open(t, dialect), ring: ringOf(t, 1)}
	p.now.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Unix())
	return p
}

// ringOf is a vault of keys, newest first.
func ringOf(t *testing.T, fills ...byte) *vault.Ring {
	t.Helper()
	encoded := make([]string, len(fills))
	for i, fill := range fills {
		encoded[i] = encodeKey([32]byte{fill})
	}
	keys, err := vault.ParseKeys(strings.Join(encoded, ","))
	must(t, err)
	ring, err := vault.New(keys)
	must(t, err)
	return ring
}

func (p *onceProcesses) start() *app.App {
	return app.New(app.Deps{
		Idempotency: sqlstore.NewIdempotency(p.db), Fingerprints: p.ring, Log: slog.New(slog.DiscardHandler),
		Now:   func() time.Time { return time.Unix(p.now.Load(), 0).UTC() },
		NewID: func(prefix string) string { return prefix + "_" + strconv.FormatInt(p.ids.Add(1), 10) },
	})
}

var (
	onceCaller = access.Principal{Kind: access.KindAPIKey, TenantID: "tenant-a", ID: "key_1", Scopes: access.Scopes{access.ScopeAdmin}}
	onceWrite  = app.RepeatableWrite{Form: "request", Key: "k", Digest: [32]byte{1}}
)

func TestOfManyAtOnceOneExecutes(t *testing.T) {
	t.Parallel()
	for _, dialect := range sqlstoretest.Dialects(t) {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			processes := newOnceProcesses(t, dialect)
			var executed, answered, told atomic.Int32
			var all sync.WaitGroup
			for range 16 {
				a := processes.start()
				all.Go(func() {
					known, err := a.AnswerOnce(t.Context(), onceCaller, onceWrite, func(context.Context) []byte {
						executed.Add(1)
						return []byte("the answer")
					})
					switch {
					case fault.Is(err, fault.CodeStillRunning):
						told.Add(1)
					case err != nil:
						t.Errorf("AnswerOnce: %v", err)
					case known != nil && string(known) == "the answer":
						answered.Add(1)
					}
				})
			}
			all.Wait()
			if executed.Load() != 1 || answered.Load()+told.Load() != 15 {
				t.Errorf("%d executed, %d answered, %d told to wait", executed.Load(), answered.Load(), told.Load())
			}
		})
	}
}

func TestAWriteUnderWayAndADeadOne(t *testing.T) {
	t.Parallel()
	for _, dialect := range sqlstoretest.Dialects(t) {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			processes := newOnceProcesses(t, dialect)
			begun, die := make(chan struct{}), make(chan struct{})
			first := make(chan error, 1)
			go func() {
				_, err := processes.start().AnswerOnce(t.Context(), onceCaller, onceWrite, func(context.Context) []byte {
					close(begun)
					<-die
					return []byte("too late")
				})
				first <- err
			}()
			<-begun
			never := func(context.Context) []byte { t.Error("executed beside the first"); return nil }
			_, err := processes.start().AnswerOnce(t.Context(), onceCaller, onceWrite, never)
			if !fault.Is(err, fault.CodeStillRunning) || fault.Of(err).Wait <= 0 {
				t.Errorf("meanwhile: %v", err)
			}
			processes.now.Add(60)
			another := onceWrite
			another.Digest = [32]byte{2}
			if _, err := processes.start().AnswerOnce(t.Context(), onceCaller, another, never); !fault.Is(err, fault.CodeIdempotencyMismatch) {
				t.Errorf("another body: %v", err)
			}
			known, err := processes.start().AnswerOnce(t.Context(), onceCaller, onceWrite, func(context.Context) []byte { return []byte("second") })
			if known != nil || err != nil {
				t.Errorf("after a minute: %q, %v", known, err)
			}
			close(die)
			if err := <-first; err != nil {
				t.Errorf("the first one, late: %v", err)
			}
			if known, err := processes.start().AnswerOnce(t.Context(), onceCaller, onceWrite, never); string(known) != "second" || err != nil {
				t.Errorf("a repeat: %q, %v", known, err)
			}
			processes.now.Add(24 * 3600)
			now := time.Unix(processes.now.Load(), 0)
			if n, err := sqlstore.NewIdempotency(processes.db).ForgetWrites(t.Context(), now, 10); n != 1 || err != nil {
				t.Errorf("a day later %d were forgotten (%v), want 1", n, err)
			}
		})
	}
}

// TestACallerWhoGoesAway loses nothing: the write ends and its answer waits.
func TestACallerWhoGoesAway(t *testing.T) {
	t.Parallel()
	processes := newOnceProcesses(t, sqlstoretest.Dialects(t)[0])
	ctx, leave := context.WithCancel(t.Context())
	_, err := processes.start().AnswerOnce(ctx, onceCaller, onceWrite, func(ctx context.Context) []byte {
		leave()
		if ctx.Err() != nil {
			t.Errorf("the write ends with its caller: %v", ctx.Err())
		}
		return []byte("kept")
	})
	if err != nil {
		t.Fatal(err)
	}
	never := func(context.Context) []byte { t.Error("executed again"); return nil }
	if known, err := processes.start().AnswerOnce(t.Context(), onceCaller, onceWrite, never); string(known) != "kept" || err != nil {
		t.Errorf("a repeat: %q, %v", known, err)
	}
}

// TestAWriteIsRecognisedAfterARotation needs the older key in the ring.
func TestAWriteIsRecognisedAfterARotation(t *testing.T) {
	t.Parallel()
	for _, dialect := range sqlstoretest.Dialects(t) {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			processes := newOnceProcesses(t, dialect)
			if _, err := processes.start().AnswerOnce(t.Context(), onceCaller, onceWrite, func(context.Context) []byte { return []byte("first") }); err != nil {
				t.Fatal(err)
			}
			never := func(context.Context) []byte { t.Error("executed again"); return nil }
			processes.ring = ringOf(t, 2, 1)
			if known, err := processes.start().AnswerOnce(t.Context(), onceCaller, onceWrite, never); string(known) != "first" || err != nil {
				t.Errorf("with both keys: %q, %v", known, err)
			}
			processes.ring = ringOf(t, 2)
			if _, err := processes.start().AnswerOnce(t.Context(), onceCaller, onceWrite, never); !fault.Is(err, fault.CodeIdempotencyMismatch) {
				t.Errorf("without the older key: %v", err)
			}
		})
	}
}
