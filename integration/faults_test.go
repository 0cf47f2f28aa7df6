package integration_test

import (
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	goredis "github.com/redis/go-redis/v9"

	"byte8.io/ledger/sandbox/magento"
)

// setting is a variable of the world's environment.
func (w *world) setting(t *testing.T, name string) string {
	t.Helper()
	for _, entry := range w.env {
		if len(entry) > len(name) && entry[:len(name)+1] == name+"=" {
			return entry[len(name)+1:]
		}
	}
	t.Fatalf("the world has no %s", name)
	return ""
}

// breakDatabase takes away the table every event is written to.
func (w *world) breakDatabase(t *testing.T) {
	t.Helper()
	db, err := sqlx.ConnectContext(t.Context(), "postgres", w.setting(t, "LEDGER_DATABASE_URL"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "ALTER TABLE events RENAME TO events_gone"); err != nil {
		t.Fatal(err)
	}
}

// TestRedisEmptiedWhileBusy empties Redis over and over while invoices go
// through: nudges are lost, documents are not.
func TestRedisEmptiedWhileBusy(t *testing.T) {
	t.Parallel()
	const invoices = 120
	w := newWorld(t, servers(t), worldOptions{drain: magento.Drain{Interval: 20 * time.Millisecond, Workers: 4, Batch: 5, Minute: 50 * time.Millisecond}})
	w.serve(t)
	w.connect(t)
	options, err := goredis.ParseURL(w.setting(t, "LEDGER_REDIS_URL"))
	if err != nil {
		t.Fatal(err)
	}
	client := goredis.NewClient(options)
	defer client.Close()
	if _, err := w.shop.RaiseBatch(magento.Batch{Invoices: invoices, PerSecond: 40}); err != nil {
		t.Fatal(err)
	}
	for range 30 {
		if err := client.FlushDB(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	eventually(t, time.Minute, "every chip in the shop is final", func() bool { return len(w.shop.Invoices()) == invoices && w.settled() })
	w.checkBooks(t)
}

// TestStoppedWhileBusy stops the server in the middle and starts it again: it
// ends by itself and cleanly, and nothing is lost.
func TestStoppedWhileBusy(t *testing.T) {
	t.Parallel()
	for _, where := range backends(t) {
		t.Run(where.name, func(t *testing.T) {
			t.Parallel()
			const invoices = 60
			w := newWorld(t, where, worldOptions{drain: magento.Drain{Interval: 20 * time.Millisecond, Workers: 4, Batch: 5, Minute: 50 * time.Millisecond}})
			server := w.serve(t)
			w.connect(t)
			if _, err := w.shop.RaiseBatch(magento.Batch{Invoices: invoices, PerSecond: 40}); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				time.Sleep(400 * time.Millisecond)
				if err := server.stop(t); err != nil {
					t.Fatalf("after SIGTERM the server ended with %v, want a clean end", err)
				}
				server = w.serve(t)
			}
			eventually(t, time.Minute, "every chip in the shop is final", func() bool { return len(w.shop.Invoices()) == invoices && w.settled() })
			w.checkBooks(t)
		})
	}
}

// TestAPIAndWorkerApart runs the two roles in processes of their own.
func TestAPIAndWorkerApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, servers(t), worldOptions{})
	start(t, w.env, "serve", "--role", "api")
	waitReady(t, w.url)
	w.connect(t)
	first := start(t, w.env, "serve", "--role", "worker")
	start(t, w.env, "serve", "--role", "worker")
	if _, err := w.shop.RaiseBatch(magento.Batch{Invoices: 60, PerSecond: 40}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	first.kill()
	eventually(t, time.Minute, "every chip in the shop is final", func() bool { return len(w.shop.Invoices()) == 60 && w.settled() })
	w.checkBooks(t)
}
