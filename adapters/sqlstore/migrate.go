package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"byte8.io/ledger/migrations"
)

// Migration is one step of the schema.
type Migration struct {
	Version int64
	// Name is the file's name.
	Name string
	// AppliedAt is nil while the step is to come.
	AppliedAt *time.Time
}

// Migrate brings the schema up to date. Servers that start together may all
// call it: one migrates, the others wait.
func (db *DB) Migrate(ctx context.Context) error {
	err := db.withMigrations(ctx, func(p *goose.Provider) error {
		_, err := p.Up(ctx)
		return err
	})
	return failed("migrating", err)
}

// MigrateDown takes the last step of the schema back. Without one it does nothing.
func (db *DB) MigrateDown(ctx context.Context) error {
	err := db.withMigrations(ctx, func(p *goose.Provider) error {
		_, err := p.Down(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return nil
		}
		return err
	})
	return failed("migrating down", err)
}

// MigrationStatus lists every step of the schema in order.
func (db *DB) MigrationStatus(ctx context.Context) ([]Migration, error) {
	var out []Migration
	err := db.withMigrations(ctx, func(p *goose.Provider) error {
		steps, err := p.Status(ctx)
		for _, s := range steps {
			m := Migration{Version: s.Source.Version, Name: path.Base(s.Source.Path)}
			if s.State == goose.StateApplied {
				applied := s.AppliedAt.UTC()
				m.AppliedAt = &applied
			}
			out = append(out, m)
		}
		return err
	})
	return out, failed("reading the migrations' status", err)
}

// withMigrations runs fn on a connection of its own: a migration may take longer
// than any statement of ordinary work is allowed to.
func (db *DB) withMigrations(ctx context.Context, fn func(*goose.Provider) error) error {
	files, err := fs.Sub(migrations.Files, db.dialect.folder)
	if err != nil {
		return fmt.Errorf("finding the migrations: %w", err)
	}
	conn, err := sql.Open(db.dialect.driver, db.migrationDSN)
	if err != nil {
		return err
	}
	defer conn.Close()
	var options []goose.ProviderOption
	if db.dialect.goose == goose.DialectPostgres {
		const seconds, tries = 1, 600
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(seconds, tries))
		if err != nil {
			return err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(db.dialect.goose, conn, files, options...)
	if err != nil {
		return err
	}
	return db.oneAtATime(ctx, func() error { return fn(provider) })
}
