// Package sqlstoretest gives tests empty, migrated databases of their own.
package sqlstoretest

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"byte8.io/ledger/adapters/sqlstore"
)

// The dialects a store runs on.
const (
	Postgres = "postgres"
	SQLite   = "sqlite"
)

// Dialects lists the dialects to test: both when TEST_DATABASE_URL names a
// PostgreSQL server, else SQLite alone. With REQUIRE_SERVICES=1 a missing server
// fails the test, so that a green run has tested both.
func Dialects(tb testing.TB) []string {
	tb.Helper()
	if os.Getenv("TEST_DATABASE_URL") != "" {
		return []string{SQLite, Postgres}
	}
	if os.Getenv("REQUIRE_SERVICES") == "1" {
		tb.Error("REQUIRE_SERVICES is set and TEST_DATABASE_URL is not: PostgreSQL is not tested")
	}
	return []string{SQLite}
}

// Open opens an empty, migrated database of the test's own.
func Open(tb testing.TB, dialect string) *sqlstore.DB {
	tb.Helper()
	db, err := sqlstore.Open(tb.Context(), URL(tb, dialect), sqlstore.Options{AllowUnsafe: true})
	if err != nil {
		tb.Fatalf("opening a test database: %v", err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("closing a test database: %v", err)
		}
	})
	return db
}

// URL is the address of an empty, migrated database of the test's own. It lives
// as long as the test.
func URL(tb testing.TB, dialect string) string {
	tb.Helper()
	switch dialect {
	case Postgres:
		return clonePostgres(tb, "")
	case SQLite:
		address := "sqlite://" + filepath.Join(tb.TempDir(), "ledger.db")
		if err := migrate(tb.Context(), address); err != nil {
			tb.Fatalf("migrating a test database: %v", err)
		}
		return address
	}
	tb.Fatalf("%q is not a dialect", dialect)
	return ""
}

// Copy is the address of a copy of a database to which nobody is connected. It
// lives as long as the test.
func Copy(tb testing.TB, address string) string {
	tb.Helper()
	if path, isSQLite := strings.CutPrefix(address, "sqlite://"); isSQLite {
		whole, err := os.ReadFile(path)
		if err != nil {
			tb.Fatalf("reading a test database: %v", err)
		}
		path = filepath.Join(tb.TempDir(), "copy.db")
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			tb.Fatalf("copying a test database: %v", err)
		}
		return "sqlite://" + path
	}
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal("the address is not a URL")
	}
	return clonePostgres(tb, strings.TrimPrefix(u.Path, "/"))
}
