package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/jmoiron/sqlx"
)

// Options tune a database. The zero value is right for production.
type Options struct {
	// MaxConns bounds the connections; 0 means four a core and at least eight.
	MaxConns int
	// AllowUnsafe opens a PostgreSQL that may lose acknowledged commits in a
	// power cut. It is for tests.
	AllowUnsafe bool
}

func (o Options) maxConns() int {
	if o.MaxConns > 0 {
		return o.MaxConns
	}
	return max(8, 4*runtime.GOMAXPROCS(0))
}

// DB is an open database. It is safe for use by many goroutines.
type DB struct {
	pool       *sqlx.DB
	dialect    dialect
	statements statements
	packs      packPool
	// turn lets one writer at a time through; nil where the database sees to
	// that itself.
	turn chan struct{}
	// migrationDSN is the data source without the time limits of ordinary work.
	migrationDSN string
}

// Open connects to a database and checks that it can be trusted with books.
//
// The address is postgres://…, sqlite:///path/to/file, or the path of a SQLite
// file, which is made when missing. Open does not migrate.
func Open(ctx context.Context, databaseURL string, opts Options) (*DB, error) {
	var db *DB
	var err error
	switch scheme, rest, found := strings.Cut(databaseURL, "://"); {
	case databaseURL == "":
		return nil, errors.New("opening the database: its address is empty")
	case found && (scheme == "postgres" || scheme == "postgresql"):
		db, err = openPostgres(ctx, databaseURL, opts)
	case found && scheme == "sqlite":
		db, err = openSQLite(ctx, rest, opts)
	case found:
		return nil, fmt.Errorf("opening the database: %q is neither postgres:// nor sqlite://", scheme+"://")
	default:
		db, err = openSQLite(ctx, databaseURL, opts)
	}
	if err != nil {
		return nil, failed("opening the database", err)
	}
	return db, nil
}

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	return failed("asking the database", db.pool.PingContext(ctx))
}

// Close ends every connection.
func (db *DB) Close() error {
	return errors.Join(db.statements.close(), db.pool.Close())
}
