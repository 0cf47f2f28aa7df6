package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"byte8.io/ledger/adapters/sqlstore"
)

type migrateCommand struct {
	Up     migrateUpCommand     `cmd:"" help:"Apply every step that is to come."`
	Down   migrateDownCommand   `cmd:"" help:"Take the last step back. What its tables held is gone."`
	Status migrateStatusCommand `cmd:"" help:"List the steps."`
}

type migrateUpCommand struct{}

// Run applies every step.
func (migrateUpCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withDatabase(ctx, cfg, func(db *sqlstore.DB) error {
		if err := db.Migrate(ctx); err != nil {
			return err
		}
		fmt.Fprintln(s.out, "The tables are up to date.")
		return nil
	})
}

type migrateDownCommand struct{}

// Run takes the last step back.
func (migrateDownCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withDatabase(ctx, cfg, func(db *sqlstore.DB) error {
		if err := db.MigrateDown(ctx); err != nil {
			return err
		}
		fmt.Fprintln(s.out, "The last step is taken back.")
		return nil
	})
}

type migrateStatusCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists the steps.
func (c migrateStatusCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withDatabase(ctx, cfg, func(db *sqlstore.DB) error {
		steps, err := db.MigrationStatus(ctx)
		if err != nil {
			return err
		}
		type row struct {
			Version   int64      `json:"version"`
			Name      string     `json:"name"`
			AppliedAt *time.Time `json:"applied_at"`
		}
		rows := make([]row, 0, len(steps))
		for _, m := range steps {
			rows = append(rows, row{m.Version, m.Name, m.AppliedAt})
		}
		if c.JSON {
			return printJSON(s.out, rows)
		}
		table := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(table, "VERSION\tSTEP\tAPPLIED")
		for _, r := range rows {
			applied := "to come"
			if r.AppliedAt != nil {
				applied = r.AppliedAt.Format(time.RFC3339)
			}
			fmt.Fprintf(table, "%d\t%s\t%s\n", r.Version, r.Name, applied)
		}
		return table.Flush()
	})
}

// withDatabase runs one command on the database alone.
func withDatabase(ctx context.Context, cfg *Config, do func(*sqlstore.DB) error) (err error) {
	address, err := cfg.databaseURL()
	if err != nil {
		return err
	}
	db, err := sqlstore.Open(ctx, address, sqlstore.Options{AllowUnsafe: cfg.UnsafeDatabase})
	if err != nil {
		return fmt.Errorf("LEDGER_DATABASE_URL: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return do(db)
}
