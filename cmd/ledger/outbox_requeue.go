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
	ID    []string `help:"Only these runs, by id, ahead of bulk work."`
	All   bool     `help:"Everything that waits, when no other flag narrows it."`
	Limit int      `default:"0" help:"At most so many documents, and so many callbacks; 0 means all."`
	JSON  bool     `name:"json" help:"Print JSON."`
}

// Validate asks for a choice: everything is never meant by leaving flags out.
func (c outboxRequeueCommand) Validate() error {
	narrows := c.isRunsOnly() || c.Provider != ""
	switch {
	case c.Limit < 0:
		return fmt.Errorf("--limit: %d is below 0", c.Limit)
	case len(c.ID) > 0 && (narrows || c.All || c.Limit > 0):
		return errors.New("--id names the runs: no flag but --tenant goes with it")
	case len(c.ID) == 0 && !narrows && !c.All:
		return errors.New("say what to requeue: --id, --code, --status, --binding, --provider, or --all")
	}
	return c.stuckFlags.Validate()
}

// requeued is what was sent on its way again, as it is printed.
type requeued struct {
	Runs      int `json:"runs"`
	Callbacks int `json:"callbacks"`
}

// Run requeues. The documents go out as bulk work, within the call budget and
// behind live ones.
func (c outboxRequeueCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withApp(ctx, cfg, s, func(l *ledger) error {
		var done requeued
		var err error
		if len(c.ID) > 0 {
			done.Runs, err = c.requeueEach(ctx, l)
		} else {
			done, err = c.requeueMatching(ctx, l)
		}
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(s.out, done)
		}
		fmt.Fprintf(s.out, "%d documents and %d callbacks are on their way again.\n", done.Runs, done.Callbacks)
		return nil
	})
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
	which := c.runs()
	var done requeued
	err := l.eachTenant(ctx, c.Tenant, func(p access.Principal) error {
		if room := left(done.Runs); room > 0 {
			n, err := l.app.RequeueRuns(ctx, p, which, room)
			done.Runs += n
			if err != nil {
				return err
			}
		}
		if room := left(done.Callbacks); room > 0 && !c.isRunsOnly() {
			n, err := l.app.RequeueCallbacks(ctx, p, which.Provider, room)
			done.Callbacks += n
			if err != nil {
				return err
			}
		}
		return nil
	})
	return done, err
}
