package main

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
)

type outboxCleanupCommand struct {
	Provider string `enum:",xero,sage_accounting,freeagent" default:"" help:"The provider meant: xero, sage_accounting or freeagent. It must be this server's only one, because history is removed of all together."`
	Days     *int   `help:"Days that finished documents are kept; without it LEDGER_HISTORY_DAYS." placeholder:"DAYS"`
	DryRun   bool   `help:"Count and remove nothing."`
	Limit    int    `default:"0" help:"Remove at most so many documents; 0 means all."`
	JSON     bool   `name:"json" help:"Print JSON."`
}

// Validate refuses numbers that make no sense.
func (c outboxCleanupCommand) Validate() error {
	if c.Days != nil && (*c.Days < 1 || *c.Days > maxHistoryDays) {
		return fmt.Errorf("--days: %d is not from 1 to %d", *c.Days, maxHistoryDays)
	}
	if c.Limit < 0 {
		return fmt.Errorf("--limit: %d is below 0", c.Limit)
	}
	return nil
}

// Run removes old history of every tenant.
func (c outboxCleanupCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	life := cfg.historyLife
	if c.Days != nil {
		life = time.Duration(*c.Days) * day
	}
	if life == 0 {
		return fmt.Errorf("history is kept for ever (LEDGER_HISTORY_DAYS=0); say --days to remove some")
	}
	return withApp(ctx, cfg, s, func(l *ledger) error {
		if _, there := l.app.Providers[binding.Provider(c.Provider)]; c.Provider != "" && (!there || len(l.app.Providers) > 1) {
			return fmt.Errorf("%s is not this server's only provider: cleanup removes the history of all, leave --provider out to have that", c.Provider)
		}
		runs, err := c.clean(ctx, l, life)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(s.out, struct {
				Days   int  `json:"days"`
				DryRun bool `json:"dry_run"`
				Runs   int  `json:"runs"`
			}{int(life / day), c.DryRun, runs})
		}
		verb := "were removed"
		if c.DryRun {
			verb = "would be removed"
		}
		fmt.Fprintf(s.out, "%d documents that finished more than %d days ago %s from the history.\n", runs, int(life/day), verb)
		return nil
	})
}

func (c outboxCleanupCommand) clean(ctx context.Context, l *ledger, life time.Duration) (int, error) {
	if !c.DryRun {
		return l.app.PurgeHistory(ctx, life, c.Limit)
	}
	count := 0
	err := l.eachTenant(ctx, "", func(p access.Principal) error {
		n, err := l.app.CountHistory(ctx, p, life)
		count += n
		return err
	})
	if c.Limit > 0 {
		count = min(count, c.Limit)
	}
	return count, err
}
