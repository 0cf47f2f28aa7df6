package load

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// Target is a server under load.
type Target struct {
	Name string
	// Address is its host and port, PID its process.
	Address string
	PID     int
	// Want is the status of every answer.
	Want int
	// Request makes a request of one connection's.
	Request func(connection, n int) []byte
}

// Round is what one round measured.
type Round struct {
	Requests int
	// PerSecond is the rate.
	PerSecond float64
	P50, P99  time.Duration
	// CPU is the server's own time for one request.
	CPU time.Duration
	// Foreign is how much of one core processes used that have no part in it.
	Foreign float64
}

// Play keeps the connections busy for a while. Any answer of another status ends
// it with an error.
func Play(ctx context.Context, t Target, connections int, length time.Duration, own func() (time.Duration, error)) (Round, error) {
	latencies := make([][]time.Duration, connections)
	group, ctx := errgroup.WithContext(ctx)
	before, err := watch(t.PID, own)
	if err != nil {
		return Round{}, err
	}
	start := time.Now()
	for i := range connections {
		group.Go(func() error {
			conn, err := Dial(ctx, t.Address)
			if err != nil {
				return err
			}
			defer conn.Close()
			for n := 0; time.Since(start) < length; n++ {
				request := t.Request(i, n)
				asked := time.Now()
				status, body, err := conn.Do(request)
				if err != nil {
					return err
				}
				if status != t.Want {
					return fmt.Errorf("%s answered %d: %.300s", t.Name, status, body)
				}
				latencies[i] = append(latencies[i], time.Since(asked))
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return Round{}, err
	}
	took := time.Since(start)
	after, err := watch(t.PID, own)
	if err != nil {
		return Round{}, err
	}
	all := slices.Concat(latencies...)
	slices.Sort(all)
	if len(all) == 0 {
		return Round{}, fmt.Errorf("%s answered nothing", t.Name)
	}
	foreign := (after.busy - before.busy) - (after.own - before.own)
	return Round{
		Requests: len(all), PerSecond: float64(len(all)) / took.Seconds(),
		P50: all[len(all)/2], P99: all[len(all)*99/100],
		CPU: (after.server - before.server) / time.Duration(len(all)), Foreign: foreign.Seconds() / took.Seconds(),
	}, nil
}

// Median is the middle of a figure over rounds; of two middles, their mean.
func Median[T ~int64 | ~float64](rounds []Round, figure func(Round) T) T {
	values := make([]T, len(rounds))
	for i, r := range rounds {
		values[i] = figure(r)
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// Spread is how far the rates of rounds lie apart, in percent of their median.
func Spread(rounds []Round) float64 {
	rate := func(r Round) float64 { return r.PerSecond }
	low := slices.MinFunc(rounds, func(a, b Round) int { return int(a.PerSecond - b.PerSecond) })
	high := slices.MaxFunc(rounds, func(a, b Round) int { return int(a.PerSecond - b.PerSecond) })
	return 100 * (high.PerSecond - low.PerSecond) / Median(rounds, rate)
}
