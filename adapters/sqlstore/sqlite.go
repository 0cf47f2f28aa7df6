package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"net/url"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite" // the driver named sqlite
)

// sqlitePragmas make commits durable, let readers pass the one writer, and wait
// for a lock that another process holds. A transaction takes the write lock when
// it begins: one that upgraded later would fail at once, whatever the timeout.
const sqlitePragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_txlock=immediate"

func openSQLite(ctx context.Context, path string, opts Options) (*DB, error) {
	if path == "" {
		return nil, errors.New("the path of the SQLite file is empty")
	}
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + sqlitePragmas
	pool, err := sql.Open(sqlite.driver, dsn)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(opts.maxConns())
	pool.SetMaxIdleConns(opts.maxConns())
	if err := pool.PingContext(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	// sqlx writes question marks for the driver name sqlite3.
	return &DB{pool: sqlx.NewDb(pool, "sqlite3"), dialect: sqlite, turn: make(chan struct{}, 1), migrationDSN: dsn}, nil
}
