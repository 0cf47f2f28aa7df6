package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
)

type syncStateCommand struct {
	Backfill syncStateBackfillCommand `cmd:"" help:"Tell shops of every chip again, to fill a mirror that was lost."`
}

type syncStateBackfillCommand struct {
	Tenant string `required:"" help:"The tenant's id."`
	Store  string `help:"Only this store; every store of the tenant without it."`
	After  int64  `help:"Go on after this Magento id of the store."`
	Limit  int    `default:"0" help:"About so many chips of each store; 0 means all."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Validate refuses flags that make no sense.
func (c syncStateBackfillCommand) Validate() error {
	switch {
	case c.Limit < 0 || c.After < 0:
		return errors.New("--limit and --after are not below 0")
	case c.After > 0 && c.Store == "":
		return errors.New("--after is a place in one store: say --store too")
	}
	return nil
}

// backfillRow is what was done for one store, as it is printed.
type backfillRow struct {
	StoreID   string `json:"store_id"`
	BaseURL   string `json:"base_url"`
	Callbacks int    `json:"callbacks"`
	// NextAfter is null when every chip of the store was told.
	NextAfter *int64 `json:"next_after"`
}

// Run makes the callbacks; a serving worker delivers them.
func (c syncStateBackfillCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withTenant(ctx, cfg, s, c.Tenant, func(l *ledger, p access.Principal) error {
		stores, err := l.app.ListStores(ctx, p)
		if err != nil {
			return err
		}
		rows := []backfillRow{}
		for _, store := range stores {
			if c.Store != "" && c.Store != store.ID {
				continue
			}
			done, err := l.app.BackfillSyncStates(ctx, p, app.BackfillSyncStates{StoreID: store.ID, After: c.After, Limit: c.Limit})
			if err != nil {
				return err
			}
			row := backfillRow{StoreID: store.ID, BaseURL: store.BaseURL, Callbacks: done.Callbacks}
			if done.Last > 0 {
				row.NextAfter = &done.Last
			}
			rows = append(rows, row)
		}
		if c.Store != "" && len(rows) == 0 {
			return fmt.Errorf("the tenant has no store %s", c.Store)
		}
		if c.JSON {
			return printJSON(s.out, rows)
		}
		table := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(table, "STORE\tADDRESS\tCHIPS TO TELL\tNEXT")
		for _, row := range rows {
			next := "–"
			if row.NextAfter != nil {
				next = fmt.Sprintf("--after %d", *row.NextAfter)
			}
			fmt.Fprintf(table, "%s\t%s\t%d\t%s\n", row.StoreID, row.BaseURL, row.Callbacks, next)
		}
		return table.Flush()
	})
}
