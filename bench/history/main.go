// Command history measures pages of the sync history on millions of runs in
// PostgreSQL: the first page and a page far down, by several filters, as the
// database call and as the whole GraphQL call, beside a hand-written keyset query
// that reads the same rows.
//
// It needs TEST_DATABASE_URL, which scripts/services sets, and makes a database
// of its own there.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"runtime/debug"
	"time"
)

// gcPercent is the collector's setting of a server.
const gcPercent = 400

func main() {
	rows := flag.Int("rows", 5_000_000, "how many runs to load")
	clients := flag.Int("clients", 8, "how many clients ask at once")
	calls := flag.Int("calls", 2000, "how many calls to make for each figure")
	plans := flag.Bool("plans", false, "print the plans of the pages")
	flag.Parse()
	log.SetFlags(log.Ltime)
	debug.SetGCPercent(gcPercent)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, options{rows: *rows, clients: *clients, calls: *calls, plans: *plans})
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

type options struct {
	rows, clients, calls int
	plans                bool
}

func run(ctx context.Context, o options) error {
	began := time.Now()
	w, err := open(ctx, os.Getenv("TEST_DATABASE_URL"))
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.load(ctx, o.rows); err != nil {
		return err
	}
	log.Printf("loaded %d runs in %s", o.rows, time.Since(began).Round(time.Second))
	cases, err := w.cases(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("\n%d runs, %d clients, %d calls a figure, pages of 50. Milliseconds.\n\n", o.rows, o.clients, o.calls)
	fmt.Println("| filter | page | floor p50 | p99 | store p50 | p99 | GraphQL p50 | p99 | store/floor p50 |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for _, c := range cases {
		if o.plans {
			if err := w.explain(ctx, c); err != nil {
				return err
			}
		}
		if err := w.measure(ctx, c, o); err != nil {
			return fmt.Errorf("%s, %s: %w", c.name, c.page, err)
		}
	}
	return w.counts(ctx, o)
}
