package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
)

type outboxCleanupCommand struct {
	Tenant    string   `help:"The tenant's id; every tenant without it."`
	Provider  string   `enum:",xero,sage_accounting,freeagent" default:"" help:"Only of this provider: xero, sage_accounting or freeagent."`
	Binding   string   `help:"Only of this binding."`
	Status    []string `enum:"succeeded,skipped,failed,dead" help:"Only in this status: succeeded, skipped or failed documents, dead callbacks. Without it succeeded and skipped: dead letters go only where they are named."`
	Code      string   `help:"Only with this error code; goes with --status failed or dead."`
	OlderThan age      `placeholder:"90d" help:"Only what ended longer ago, in days (90d) or hours (36h), a day at least; without it LEDGER_HISTORY_DAYS."`
	DryRun    bool     `help:"Count and remove nothing."`
	Limit     int      `default:"0" help:"Remove at most so many documents, and so many callbacks; 0 means all."`
	JSON      bool     `name:"json" help:"Print JSON."`
}

// age is a time ago in days or hours.
type age time.Duration

// UnmarshalText reads 90d or 36h.
func (a *age) UnmarshalText(text []byte) error {
	for suffix, unit := range map[string]time.Duration{"d": day, "h": time.Hour} {
		digits, found := strings.CutSuffix(string(text), suffix)
		if !found {
			continue
		}
		n, err := strconv.Atoi(digits)
		if err != nil || n < 0 || n > int(maxHistoryDays*day/unit) {
			break
		}
		*a = age(time.Duration(n) * unit)
		if time.Duration(*a) < day {
			return fmt.Errorf("%s is less than a day", text)
		}
		return nil
	}
	return fmt.Errorf("%q is not a number of days or hours up to a hundred years, such as 90d or 36h", text)
}

// Validate refuses flags that make no sense.
func (c outboxCleanupCommand) Validate() error {
	if c.Limit < 0 {
		return fmt.Errorf("--limit: %d is below 0", c.Limit)
	}
	if c.Code != "" && !slices.Contains(c.Status, string(syncrun.StatusFailed)) && !slices.Contains(c.Status, statusDead) {
		return errors.New("--code goes with --status failed or dead: nothing else has one")
	}
	return checkCode(c.Code)
}

// narrows reports whether a flag leaves out more than the time does.
func (c outboxCleanupCommand) narrows() bool {
	return c.Tenant != "" || c.Provider != "" || c.Binding != "" || len(c.Status) > 0
}

// cleaned is what was removed, as it is printed.
type cleaned struct {
	OlderThanHours int  `json:"older_than_hours"`
	DryRun         bool `json:"dry_run"`
	Runs           int  `json:"runs"`
	Callbacks      int  `json:"callbacks"`
}

// Run removes old history.
func (c outboxCleanupCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	life := time.Duration(c.OlderThan)
	if life == 0 {
		life = cfg.historyLife
	}
	if life == 0 {
		return errors.New("history is kept for ever (LEDGER_HISTORY_DAYS=0); say --older-than to remove some")
	}
	return withApp(ctx, cfg, s, func(l *ledger) error {
		done, err := c.clean(ctx, l.app, l.eachTenant, life)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(s.out, done)
		}
		verb := "were removed"
		if c.DryRun {
			verb = "would be removed"
		}
		fmt.Fprintf(s.out, "%d documents and %d callbacks of more than %s ago %s.\n", done.Runs, done.Callbacks, showAge(int64(life.Seconds())), verb)
		return nil
	})
}

func (c outboxCleanupCommand) clean(ctx context.Context, a *app.App, each func(context.Context, string, func(access.Principal) error) error, life time.Duration) (cleaned, error) {
	done := cleaned{OlderThanHours: int(life.Hours()), DryRun: c.DryRun}
	var err error
	if !c.narrows() && !c.DryRun {
		done.Runs, err = a.PurgeHistory(ctx, life, c.Limit)
		return done, err
	}
	old := app.OldHistory{Provider: binding.Provider(c.Provider), BindingID: c.Binding, ErrorCode: fault.Code(c.Code), Life: life}
	for _, status := range c.Status {
		if status != statusDead {
			old.Statuses = append(old.Statuses, syncrun.Status(status))
		}
	}
	endedBefore := a.Now().Add(-life)
	dead := app.DeadCallbacks{Provider: old.Provider, BindingID: old.BindingID, ErrorCode: old.ErrorCode, CreatedTo: &endedBefore}
	err = each(ctx, c.Tenant, func(p access.Principal) error {
		if len(c.Status) == 0 || len(old.Statuses) > 0 {
			if err := c.upTo(&done.Runs, func(room int) (int, error) { return c.cleanRuns(ctx, a, p, old, room) }); err != nil {
				return err
			}
		}
		if slices.Contains(c.Status, statusDead) {
			return c.upTo(&done.Callbacks, func(room int) (int, error) { return c.cleanCallbacks(ctx, a, p, dead, room) })
		}
		return nil
	})
	return done, err
}

// upTo adds what is done to a count, which ends at the limit; no room stands for
// no limit.
func (c outboxCleanupCommand) upTo(count *int, do func(room int) (int, error)) error {
	if c.Limit > 0 && *count >= c.Limit {
		return nil
	}
	room := 0
	if c.Limit > 0 {
		room = c.Limit - *count
	}
	n, err := do(room)
	if c.Limit > 0 {
		n = min(n, room)
	}
	*count += n
	return err
}

func (c outboxCleanupCommand) cleanRuns(ctx context.Context, a *app.App, p access.Principal, old app.OldHistory, room int) (int, error) {
	if c.DryRun {
		return a.CountHistory(ctx, p, old)
	}
	return a.CleanUp(ctx, p, old, room)
}

func (c outboxCleanupCommand) cleanCallbacks(ctx context.Context, a *app.App, p access.Principal, dead app.DeadCallbacks, room int) (int, error) {
	if c.DryRun {
		found, err := a.InspectCallbacks(ctx, p, dead, 0)
		return found.Count(), err
	}
	return a.CleanUpCallbacks(ctx, p, dead, room)
}
