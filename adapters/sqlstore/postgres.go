package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the driver named postgres
)

// oldestPostgres is PostgreSQL 15, as the server reports its version.
const oldestPostgres = 150000

// What every session is set to, unless the address says otherwise. The longest
// statement of ordinary work is a sweep over an index; a transaction that idles
// has lost its process.
//
// Every statement has its index. A prepared plan may be older than the rows: one
// that scans the whole table, because that was cheap when it had fifty, takes
// seconds an hour later. Penalised scans look dear enough to be worth compiling,
// which they never are.
var postgresSettings = map[string]string{
	"statement_timeout":                   "15000",
	"lock_timeout":                        "10000",
	"idle_in_transaction_session_timeout": "20000",
	"connect_timeout":                     "10",
	"application_name":                    "byte8-ledger",
	"timezone":                            "UTC",
	"enable_seqscan":                      "off",
	"jit":                                 "off",
}

func openPostgres(ctx context.Context, databaseURL string, opts Options) (*DB, error) {
	dsn, err := withSettings(databaseURL)
	if err != nil {
		return nil, err
	}
	pool, err := sql.Open(postgres.driver, dsn)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(opts.maxConns())
	pool.SetMaxIdleConns(opts.maxConns())
	db := &DB{pool: sqlx.NewDb(pool, postgres.driver), dialect: postgres, migrationDSN: databaseURL}
	if err := db.checkPostgres(ctx, opts); err != nil {
		pool.Close()
		return nil, err
	}
	return db, nil
}

// withSettings adds the settings that the address does not set itself.
func withSettings(databaseURL string) (string, error) {
	u, err := url.Parse(databaseURL)
	if err != nil {
		// The parser's error quotes the address, which may hold a password.
		return "", fmt.Errorf("the address is not a URL")
	}
	query := u.Query()
	for name, value := range postgresSettings {
		if !query.Has(name) {
			query.Set(name, value)
		}
	}
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// checkPostgres refuses a server that is too old, or one that acknowledges a
// commit before it is safe on disk.
func (db *DB) checkPostgres(ctx context.Context, opts Options) error {
	var server struct {
		Version           int    `db:"version"`
		Fsync             string `db:"fsync"`
		FullPageWrites    string `db:"full_page_writes"`
		SynchronousCommit string `db:"synchronous_commit"`
	}
	const query = `SELECT CAST(current_setting('server_version_num') AS integer) AS version, current_setting('fsync') AS fsync,
		current_setting('full_page_writes') AS full_page_writes, current_setting('synchronous_commit') AS synchronous_commit`
	if err := db.pool.GetContext(ctx, &server, query); err != nil {
		return err
	}
	if server.Version < oldestPostgres {
		return fmt.Errorf("PostgreSQL %d is too old; 15 is needed", server.Version/10000)
	}
	if opts.AllowUnsafe {
		return nil
	}
	for name, value := range map[string]string{"fsync": server.Fsync, "full_page_writes": server.FullPageWrites, "synchronous_commit": server.SynchronousCommit} {
		if value == "off" {
			return fmt.Errorf("PostgreSQL runs with %s = off and may lose acknowledged invoices; switch it on", name)
		}
	}
	return nil
}
