package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"byte8.io/ledger/bench/load"
)

// settings are what is measured: ids in a question, and connections.
var settings = []struct{ ids, connections int }{{200, 1}, {200, 8}, {200, 32}, {20, 1}, {20, 8}, {20, 32}}

// result is the rounds of both servers in one setting.
type result struct {
	ids, connections int
	ours, floor      []load.Round
}

func (r result) ratio() float64 { return rate(r.ours) / rate(r.floor) }

func rate(rounds []load.Round) float64 {
	return load.Median(rounds, func(r load.Round) float64 { return r.PerSecond })
}

func p99(rounds []load.Round) time.Duration {
	return load.Median(rounds, func(r load.Round) time.Duration { return r.P99 })
}

func cpu(rounds []load.Round) time.Duration {
	return load.Median(rounds, func(r load.Round) time.Duration { return r.CPU })
}

func (b *bench) measure(ctx context.Context) (err error) {
	// Points are counted as ever, and there are enough of them.
	ours, err := b.stack.Serve(ctx, "api", "LEDGER_COST_BURST=1000000000", "LEDGER_COST_RATE=100000000")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ours.Stop()) }()
	floor, err := b.stack.ServeFloor(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, floor.Stop()) }()
	own := func() (time.Duration, error) {
		return load.TimeOf(b.stack.Name, os.Getpid(), ours.PID(), floor.PID())
	}
	var results []result
	counts := map[int]counted{}
	for _, setting := range settings {
		questions, err := b.questions(setting.ids)
		if err != nil {
			return err
		}
		one := b.target("ledger", ours.Address, ours.PID(), questions)
		two := b.target("floor", floor.Address, floor.PID(), questions)
		if err := compare(ctx, one, two); err != nil {
			return err
		}
		if _, done := counts[setting.ids]; !done {
			if counts[setting.ids], err = b.count(ctx, questions); err != nil {
				return err
			}
		}
		r := result{ids: setting.ids, connections: setting.connections}
		for round := range b.rounds {
			pair := []load.Target{one, two}
			if round%2 == 1 {
				pair[0], pair[1] = pair[1], pair[0]
			}
			for _, target := range pair {
				played, err := load.Play(ctx, target, setting.connections, b.length, own)
				if err != nil {
					return err
				}
				if target.Name == one.Name {
					r.ours = append(r.ours, played)
				} else {
					r.floor = append(r.floor, played)
				}
			}
		}
		results = append(results, r)
	}
	print(b, results, counts)
	return nil
}

func print(b *bench, results []result, counts map[int]counted) {
	fmt.Printf("\n%d chips, answers compared byte for byte, medians of %d interleaved rounds of %v, pool %d, GOGC %d\n\n", b.rows, b.rounds, b.length, poolSize, gcPercent)
	fmt.Println("| ids | conn. | ledger req/s | floor req/s | ratio | p50 ledger / floor | p99 ledger / floor | CPU/req ledger / floor | spread ledger / floor | foreign CPU |")
	fmt.Println("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
	for _, r := range results {
		p50 := func(x load.Round) time.Duration { return x.P50 }
		foreign := func(x load.Round) float64 { return x.Foreign }
		fmt.Printf("| %d | %d | %.0f | %.0f | %.2f | %s / %s | %s / %s | %s / %s | %.0f %% / %.0f %% | %.0f %% |\n",
			r.ids, r.connections, rate(r.ours), rate(r.floor), r.ratio(), ms(load.Median(r.ours, p50)), ms(load.Median(r.floor, p50)),
			ms(p99(r.ours)), ms(p99(r.floor)), ms(cpu(r.ours)), ms(cpu(r.floor)), load.Spread(r.ours), load.Spread(r.floor),
			100*max(load.Median(r.ours, foreign), load.Median(r.floor, foreign)))
	}
	fmt.Println("\n| ids | allocations a request, ledger / floor | bytes allocated, ledger / floor | answer, bytes |")
	fmt.Println("|---:|---:|---:|---:|")
	for _, ids := range []int{200, 20} {
		c := counts[ids]
		fmt.Printf("| %d | %.0f / %.0f | %.0f / %.0f | %d |\n", ids, c.ours.allocations, c.floor.allocations, c.ours.bytes, c.floor.bytes, c.answer)
	}
	fmt.Println()
	for _, g := range goals(results, counts) {
		verdict := "met"
		if !g.met {
			verdict = "MISSED"
		}
		fmt.Printf("%-3s %s: %s: %s\n", g.name, g.text, g.measured, verdict)
	}
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond)) }

type goal struct {
	name, text, measured string
	met                  bool
}

// goals says what the figures are worth.
func goals(results []result, counts map[int]counted) []goal {
	at := map[[2]int]result{}
	for _, r := range results {
		at[[2]int{r.ids, r.connections}] = r
	}
	a, b, c, d := at[[2]int{200, 8}], at[[2]int{200, 32}], at[[2]int{20, 8}], at[[2]int{20, 32}]
	tail := float64(p99(a.ours)) / float64(p99(a.floor))
	allocations, spent := counts[200].ours.allocations, cpu(a.ours)
	return []goal{
		{"G1", "200 ids at 0.85 of the floor or more, 8 and 32 connections", fmt.Sprintf("%.2f and %.2f", a.ratio(), b.ratio()), a.ratio() >= 0.85 && b.ratio() >= 0.85},
		{"G4", "p99 of 200 ids at most 1.3 of the floor's, 8 connections", fmt.Sprintf("%.2f", tail), tail <= 1.3},
		{"G5", "at most 2,000 allocations and 0.5 ms of CPU for 200 ids", fmt.Sprintf("%.0f and %s", allocations, ms(spent)), allocations <= 2000 && spent <= 500*time.Microsecond},
		{"G6", "20 ids at 0.80 of the floor or more, 8 and 32 connections", fmt.Sprintf("%.2f and %.2f", c.ratio(), d.ratio()), c.ratio() >= 0.80 && d.ratio() >= 0.80},
	}
}
