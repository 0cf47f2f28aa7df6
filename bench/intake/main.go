// Command intake measures how many events a second the ledger takes in, beside
// a handler written by hand that does the same durable work, and how soon a
// worker picks one up. Run it by make bench-intake.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"byte8.io/ledger/bench/load"
	"byte8.io/ledger/bench/stack"
)

const (
	// poolSize is how many database connections either server has.
	poolSize = 8
	// gcPercent is the collector's setting of either server.
	gcPercent = 400
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "intake:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	if len(args) == 1 && args[0] == "floor" {
		return serveFloor(ctx)
	}
	flags := flag.NewFlagSet("intake", flag.ContinueOnError)
	rounds := flags.Int("rounds", 4, "rounds of each setting")
	length := flags.Duration("length", 3*time.Second, "length of a round")
	pickups := flags.Int("pickups", 100, "events whose way to a worker is timed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := stack.Open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Durable(ctx); err != nil {
		return err
	}
	o, err := openOutside(ctx)
	if err != nil {
		return err
	}
	b := &bench{stack: s, outside: o, rounds: *rounds, length: *length}
	if err := b.rates(ctx); err != nil {
		return err
	}
	return b.pickup(ctx, *pickups)
}

type bench struct {
	stack   *stack.Stack
	outside *outside
	rounds  int
	length  time.Duration
	events  atomic.Int64
}

// rates plays events at both servers in turn.
func (b *bench) rates(ctx context.Context) (err error) {
	ours, err := b.stack.Serve(ctx, "api", b.outside.env()...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ours.Stop()) }()
	if err := b.outside.connect(ctx, ours.Address, b.stack.APIKey); err != nil {
		return err
	}
	m, err := newMinter(b.stack.TenantID, b.outside.shop.StoreKey())
	if err != nil {
		return err
	}
	floor, err := b.stack.ServeFloor(ctx, "FLOOR_TENANT="+b.stack.TenantID, "FLOOR_STORE_KEY="+b.outside.shop.StoreKey(), "FLOOR_STORE="+b.outside.store, "FLOOR_BINDING="+b.outside.binding)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, floor.Stop()) }()
	own := func() (time.Duration, error) {
		return load.TimeOf(b.stack.Name, os.Getpid(), ours.PID(), floor.PID())
	}
	one, two := b.target("ledger", ours, m), b.target("floor", floor, m)
	fmt.Printf("\nevents with fsync on, medians of %d interleaved rounds of %v, pool %d, GOGC %d\n\n", b.rounds, b.length, poolSize, gcPercent)
	fmt.Println("| conn. | ledger events/s | floor events/s | ratio | p99 ledger / floor | CPU/event ledger / floor | spread ledger / floor | foreign CPU | G9 (0.85) |")
	fmt.Println("|---:|---:|---:|---:|---:|---:|---:|---:|---|")
	for _, connections := range []int{1, 8, 32} {
		var x, y []load.Round
		for range b.rounds {
			for target, into := range map[*load.Target]*[]load.Round{&one: &x, &two: &y} {
				played, err := load.Play(ctx, *target, connections, b.length, own)
				if err != nil {
					return err
				}
				*into = append(*into, played)
			}
		}
		b.report(connections, x, y)
	}
	return nil
}

func (b *bench) report(connections int, ours, floor []load.Round) {
	rate := func(r load.Round) float64 { return r.PerSecond }
	p99 := func(r load.Round) time.Duration { return r.P99 }
	cpu := func(r load.Round) time.Duration { return r.CPU }
	foreign := func(r load.Round) float64 { return r.Foreign }
	ratio := load.Median(ours, rate) / load.Median(floor, rate)
	verdict := "met"
	if ratio < 0.85 {
		verdict = "MISSED"
	}
	fmt.Printf("| %d | %.0f | %.0f | %.2f | %v / %v | %v / %v | %.0f %% / %.0f %% | %.0f %% | %s |\n", connections, load.Median(ours, rate), load.Median(floor, rate), ratio,
		load.Median(ours, p99).Round(10*time.Microsecond), load.Median(floor, p99).Round(10*time.Microsecond),
		load.Median(ours, cpu).Round(time.Microsecond), load.Median(floor, cpu).Round(time.Microsecond), load.Spread(ours), load.Spread(floor),
		100*max(load.Median(ours, foreign), load.Median(floor, foreign)), verdict)
}

func (b *bench) target(name string, server *stack.Server, m minter) load.Target {
	path := "/webhooks/magento/" + b.stack.TenantID + "/invoice.created"
	return load.Target{Name: name, Address: server.Address, PID: server.PID(), Want: 202, Request: func(int, int) []byte {
		id := int(b.events.Add(1))
		key := "invoice.created:" + strconv.Itoa(id)
		return load.Post(server.Address, path, m.mint("jti-"+strconv.Itoa(id), time.Now()), event(id), "Idempotency-Key: "+key)
	}}
}
