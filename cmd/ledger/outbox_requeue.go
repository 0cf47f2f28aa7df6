package main

import (
	"context"
	"errors"
	"fmt"
	"math"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

type outboxRequeueCommand struct {
	stuckFlags
	ID       []string `help:"Only these runs, by id, ahead of bulk work."`
	Callback []string `help:"Only these callbacks, by id."`
	All      bool     `help:"Everything that waits, when no other flag narrows it."`
	Limit    int      `default:"0" help:"At most so many documents, and so many callbacks; 0 means all."`
	JSON     bool     `name:"json" help:"Print JSON."`
}

// Validate asks for a choice: everything is never meant by leaving flags out.
func (c outboxRequeueCommand) Validate() error {
	named := len(c.ID) + len(c.Callback)
	switch {
	case c.Limit < 0:
		return fmt.Errorf("--limit: %d is below 0", c.Limit)
	case named > 0 && (c.narrows() || c.All || c.Limit > 0):
		return errors.New("--id and --callback name what is meant: no flag but --tenant goes with them")
	case named == 0 && !c.narrows() && !c.All:
		return errors.New("say what to requeue: --id, --callback, --code, --status, --kind, --binding, --provider, or --all")
	}
	return c.stuckFlags.Validate()
}

// requeued is what was sent on its way again, as it is printed.
type requeued struct {
	Runs      int `json:"runs"`
	Callbacks int `json:"callbacks"`
	// Calls is about how many calls to the provider the documents will take.
	Calls int `json:"calls_about"`
}

// Run requeues. The documents go out as bulk work, within the call budget and
// behind live ones.
func (c outboxRequeueCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withApp(ctx, cfg, s, func(l *ledger) error {
		done, err := c.requeue(ctx, l)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(s.out, done)
		}
		fmt.Fprintf(s.out, "%d documents and %d callbacks are on their way again.\n", done.Runs, done.Callbacks)
		if done.Calls > 0 {
			fmt.Fprintf(s.out, "The documents take about %d calls to the provider, paced by the call budget behind live ones.\n", done.Calls)
		}
		return nil
	})
}

func (c outboxRequeueCommand) requeue(ctx context.Context, l *ledger) (requeued, error) {
	if len(c.ID)+len(c.Callback) == 0 {
		return c.requeueMatching(ctx, l)
	}
	var done requeued
	var err error
	if done.Runs, err = c.requeueEach(ctx, l); err != nil || len(c.Callback) == 0 {
		return done, err
	}
	err = l.eachTenant(ctx, c.Tenant, func(p access.Principal) error {
		n, err := l.app.RequeueCallbacks(ctx, p, app.DeadCallbacks{IDs: c.Callback}, math.MaxInt32)
		done.Callbacks += n
		return err
	})
	if err == nil && done.Callbacks == 0 {
		err = fault.New(fault.CodeNotFound, "None of these callbacks is dead and tells what its chip says now.")
	}
	return done, err
}

// requeueEach requeues the named runs with the newest settings, whichever tenant
// they belong to.
func (c outboxRequeueCommand) requeueEach(ctx context.Context, l *ledger) (int, error) {
	done := 0
	for _, id := range c.ID {
		found := false
		err := l.eachTenant(ctx, c.Tenant, func(p access.Principal) error {
			if found {
				return nil
			}
			_, err := l.app.RetrySyncRun(ctx, p, id, app.SettingsCurrent)
			if fault.IsKind(err, fault.NotFound) {
				return nil
			}
			found = err == nil
			return err
		})
		if err == nil && !found {
			err = fault.New(fault.CodeNotFound, "There is no such run.")
		}
		if err != nil {
			return done, fmt.Errorf("%s: %s (%d of %d requeued)", id, describe(err), done, len(c.ID))
		}
		done++
	}
	return done, nil
}

func (c outboxRequeueCommand) requeueMatching(ctx context.Context, l *ledger) (requeued, error) {
	left := func(done int) int {
		if c.Limit == 0 {
			return math.MaxInt32
		}
		return c.Limit - done
	}
	var done requeued
	err := l.eachTenant(ctx, c.Tenant, func(p access.Principal) error {
		if room := left(done.Runs); room > 0 && c.wantsRuns() {
			more, err := l.app.RequeueRuns(ctx, p, c.runs(), room)
			done.Runs, done.Calls = done.Runs+more.Runs, done.Calls+more.Calls
			if err != nil {
				return err
			}
		}
		if room := left(done.Callbacks); room > 0 && c.wantsCallbacks() {
			n, err := l.app.RequeueCallbacks(ctx, p, c.callbacks(), room)
			done.Callbacks += n
			if err != nil {
				return err
			}
		}
		return nil
	})
	return done, err
}
