package sqlstoretest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/migrations"
)

// templateLock is the advisory lock under which the template is made.
const templateLock = 8_150_311

// clonePostgres makes a database out of another, by default of the migrated
// template, which takes a fraction of the time of migrating.
func clonePostgres(tb testing.TB, source string) string {
	tb.Helper()
	server := os.Getenv("TEST_DATABASE_URL")
	if server == "" {
		tb.Fatal("TEST_DATABASE_URL is not set")
	}
	conn, err := sql.Open("postgres", server)
	if err != nil {
		tb.Fatalf("reaching PostgreSQL: %v", err)
	}
	tb.Cleanup(func() { conn.Close() })
	if source == "" {
		if source, err = template(tb.Context(), conn, server); err != nil {
			tb.Fatalf("making the template database: %v", err)
		}
	}
	name := "ledger_test_" + strings.ToLower(rand.Text()[:16])
	if _, err := conn.ExecContext(tb.Context(), `CREATE DATABASE `+name+` TEMPLATE `+source+` STRATEGY FILE_COPY`); err != nil {
		tb.Fatalf("cloning the database %s: %v", source, err)
	}
	tb.Cleanup(func() {
		// The test's own context has ended by now.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), 30*time.Second)
		defer cancel()
		if _, err := conn.ExecContext(ctx, `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			tb.Errorf("dropping a test database: %v", err)
		}
	})
	address, err := withDatabase(server, name)
	if err != nil {
		tb.Fatal(err)
	}
	return address
}

// template is the name of the migrated database that clones are made of. Its
// name tells the migrations apart, so that it may stay on the server.
func template(ctx context.Context, server *sql.DB, address string) (name string, err error) {
	hash, err := hashMigrations()
	if err != nil {
		return "", err
	}
	name = "ledger_template_" + hash
	conn, err := server.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, templateLock); err != nil {
		return "", err
	}
	defer func() {
		_, unlocked := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, templateLock)
		err = errors.Join(err, unlocked)
	}()

	var there bool
	if err := conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&there); err != nil || there {
		return name, err
	}
	draft := name + "_draft"
	if _, err := conn.ExecContext(ctx, `DROP DATABASE IF EXISTS `+draft); err != nil {
		return "", err
	}
	if _, err := conn.ExecContext(ctx, `CREATE DATABASE `+draft); err != nil {
		return "", err
	}
	draftAddress, err := withDatabase(address, draft)
	if err != nil {
		return "", err
	}
	if err := migrate(ctx, draftAddress); err != nil {
		return "", err
	}
	_, err = conn.ExecContext(ctx, `ALTER DATABASE `+draft+` RENAME TO `+name)
	return name, err
}

func migrate(ctx context.Context, address string) error {
	db, err := sqlstore.Open(ctx, address, sqlstore.Options{AllowUnsafe: true})
	if err != nil {
		return err
	}
	return errors.Join(db.Migrate(ctx), db.Close())
}

func withDatabase(address, name string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("TEST_DATABASE_URL is not a URL")
	}
	u.Path = "/" + name
	return u.String(), nil
}

func hashMigrations() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(migrations.Files, "postgres", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := migrations.Files.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(text), text)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil))[:12], err
}
