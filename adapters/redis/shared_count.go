package redis

import (
	"context"
	_ "embed" // for the scripts
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/ports"
)

//go:embed take.lua
var takeSource string

//go:embed done.lua
var doneSource string

//go:embed hold.lua
var holdSource string

//go:embed left.lua
var leftSource string

// sharedCount counts the calls of all processes.
type sharedCount struct {
	client                         redis.UniversalClient
	takes, holds, dones, leftovers *redis.Script
}

// serverAnswerTime is how long the server may take before it counts as gone.
const serverAnswerTime = time.Second

func newSharedCount(client redis.UniversalClient) *sharedCount {
	return &sharedCount{
		client: client,
		takes:  redis.NewScript(takeSource), holds: redis.NewScript(holdSource), dones: redis.NewScript(doneSource), leftovers: redis.NewScript(leftSource),
	}
}

func (s *sharedCount) take(ctx context.Context, organisation, id string, limits books.Limits) (verdict, error) {
	answer, err := s.run(ctx, s.takes, organisation, id,
		inFlightLimit(limits), limits.PerMinute, limits.PerDay,
		window.Milliseconds(), day.Milliseconds(), hold.Milliseconds())
	if err != nil {
		return verdict{}, fmt.Errorf("taking from the budget: %w", err)
	}
	if len(answer) != 2 {
		return verdict{}, fmt.Errorf("taking from the budget: an answer of %d numbers", len(answer))
	}
	return verdict{wait: time.Duration(answer[0]) * time.Millisecond, isBusy: answer[1] == 1}, nil
}

func (s *sharedCount) hold(ctx context.Context, organisation, id string) error {
	if _, err := s.run(ctx, s.holds, organisation, id, hold.Milliseconds()); err != nil {
		return fmt.Errorf("keeping a call in flight: %w", err)
	}
	return nil
}

func (s *sharedCount) done(ctx context.Context, organisation, id string, limits books.Limits, seen ports.BudgetSeen) error {
	if _, err := s.run(ctx, s.dones, organisation, id,
		limits.PerMinute, limits.PerDay, orNothing(seen.MinuteLeft), orNothing(seen.DayLeft), seen.ParkFor.Milliseconds(),
		window.Milliseconds(), day.Milliseconds(), spentDay.Milliseconds()); err != nil {
		return fmt.Errorf("ending a call in the budget: %w", err)
	}
	return nil
}

func (s *sharedCount) used(ctx context.Context, organisation string) (used, error) {
	answer, err := s.run(ctx, s.leftovers, organisation, window.Milliseconds())
	if err != nil {
		return used{}, fmt.Errorf("reading the budget: %w", err)
	}
	if len(answer) != 4 {
		return used{}, fmt.Errorf("reading the budget: an answer of %d numbers", len(answer))
	}
	return used{
		minute: int(answer[0]), day: int(answer[1]), inFlight: int(answer[2]),
		parkedFor: time.Duration(answer[3]) * time.Millisecond,
	}, nil
}

func (s *sharedCount) run(ctx context.Context, script *redis.Script, organisation string, args ...any) ([]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, serverAnswerTime)
	defer cancel()
	// The braces keep an organisation's keys on one node of a cluster.
	prefix := "ledger:budget:{" + organisation + "}:"
	keys := []string{prefix + "calls", prefix + "in-flight", prefix + "day", prefix + "parked"}
	return script.Run(ctx, s.client, keys, args...).Int64Slice()
}

func orNothing(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}
