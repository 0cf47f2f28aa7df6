// Command backlog measures how a ledger works off a backlog within Xero's own
// limits: calls per document, documents a second, refused calls, and how long
// live work takes beside it.
//
// It starts the ledger's API and worker as processes of their own, on PostgreSQL
// and Redis, between the sandboxes of the shop and of Xero, and prints a table.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

type options struct {
	ledger      string
	databaseURL string
	redisURL    string
	known       int
	mixed       int
	pure        int
	bulk        int
	bound       time.Duration
	seed        uint64
	only        string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "backlog:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var o options
	flag.StringVar(&o.ledger, "ledger", "bin/ledger", "the ledger's binary")
	flag.StringVar(&o.databaseURL, "database", os.Getenv("TEST_DATABASE_URL"), "a PostgreSQL server on which databases may be made")
	flag.StringVar(&o.redisURL, "redis", os.Getenv("TEST_REDIS_URL"), "a Redis server that may be emptied")
	flag.IntVar(&o.known, "known", 10_000, "documents of known customers")
	flag.IntVar(&o.mixed, "mixed", 5_000, "documents of all kinds")
	flag.IntVar(&o.pure, "pure", 1_000, "documents of each kind alone")
	flag.IntVar(&o.bulk, "bulk", 2_500, "documents of the backlog beside which live work is timed")
	flag.DurationVar(&o.bound, "bound", 6*time.Minute, "the longest time a case may take")
	flag.Uint64Var(&o.seed, "seed", 1, "the seed of the shop's documents")
	flag.StringVar(&o.only, "only", "live,known,pure,mixed", "the cases to run")
	flag.Parse()
	if o.databaseURL == "" || o.redisURL == "" {
		return fmt.Errorf("no servers are given; run `make bench-backlog`")
	}
	var t table
	t.head()
	for _, c := range []struct {
		name string
		run  func(context.Context, options, *table) error
	}{{"live", liveCase}, {"known", knownCase}, {"pure", pureCase}, {"mixed", mixedCase}} {
		if !slices.Contains(strings.Split(o.only, ","), c.name) {
			continue
		}
		if err := c.run(ctx, o, &t); err != nil {
			return fmt.Errorf("case %s: %w", c.name, err)
		}
	}
	t.foot()
	return nil
}
