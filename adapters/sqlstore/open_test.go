package sqlstore_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/adapters/sqlstore/sqlstoretest"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/syncrun"
)

func TestOpenRefusesAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "mysql://localhost/ledger", "sqlite://", "postgres://user:hunter2@%zz/ledger"} {
		db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{})
		if err == nil {
			db.Close()
			t.Errorf("Open took %q", address)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Open's error shows the password: %v", err)
		}
	}
}

func TestOpenSQLiteTakesAnyPath(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a b?c#d%20.db")
	for _, address := range []string{path, "sqlite://" + path} {
		db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{})
		if err != nil {
			t.Fatalf("Open(%q): %v", address, err)
		}
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatalf("Migrate: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file is not where it should be: %v", err)
	}
}

func TestSQLiteIsDurable(t *testing.T) {
	t.Parallel()
	db := sqlstoretest.Open(t, sqlstoretest.SQLite)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000"} {
		var got []string
		if err := db.Select(t.Context(), &got, "PRAGMA "+pragma); err != nil || !slices.Equal(got, []string{want}) {
			t.Errorf("%s is %v (%v), want %s", pragma, got, err, want)
		}
	}
}

func TestOpenRefusesUnsafePostgres(t *testing.T) {
	t.Parallel()
	if !slices.Contains(sqlstoretest.Dialects(t), sqlstoretest.Postgres) {
		return
	}
	address := sqlstoretest.URL(t, sqlstoretest.Postgres)
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	// A setting of the session, so that it does not matter how the server runs.
	db, err := sqlstore.Open(t.Context(), address+separator+"synchronous_commit=off", sqlstore.Options{})
	if err == nil {
		db.Close()
		t.Fatal("Open took a server that may lose commits")
	}
	if !strings.Contains(err.Error(), "= off") {
		t.Errorf("Open's error does not name the setting: %v", err)
	}
}

func TestPostgresStatementsEnd(t *testing.T) {
	t.Parallel()
	if !slices.Contains(sqlstoretest.Dialects(t), sqlstoretest.Postgres) {
		return
	}
	var got []string
	if err := sqlstoretest.Open(t, sqlstoretest.Postgres).Select(t.Context(), &got, "SHOW statement_timeout"); err != nil || !slices.Equal(got, []string{"15s"}) {
		t.Errorf("statement_timeout is %v (%v)", got, err)
	}
}

func TestFewConnectionsServeManyTransactions(t *testing.T) {
	t.Parallel()
	for _, dialect := range sqlstoretest.Dialects(t) {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			db, err := sqlstore.Open(ctx, sqlstoretest.URL(t, dialect), sqlstore.Options{AllowUnsafe: true, MaxConns: 2})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			tenants := sqlstore.NewTenants(db)
			var wg sync.WaitGroup
			for i := range 20 {
				wg.Go(func() {
					if err := createTenant(ctx, tenants, access.TenantID("tenant-"+strconv.Itoa(i))); err != nil {
						t.Errorf("CreateTenant: %v", err)
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestLostConnectionsAreReplaced(t *testing.T) {
	t.Parallel()
	if !slices.Contains(sqlstoretest.Dialects(t), sqlstoretest.Postgres) {
		return
	}
	db := sqlstoretest.Open(t, sqlstoretest.Postgres)
	tenants := sqlstore.NewTenants(db)
	if err := createTenant(t.Context(), tenants, "tenant"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := tenants.FindTenant(t.Context(), "tenant"); err != nil {
			t.Fatalf("FindTenant: %v", err)
		}
		var ended []bool
		err := db.Select(t.Context(), &ended, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := createTenant(t.Context(), tenants, "another"); err != nil {
		t.Errorf("CreateTenant after connections were lost: %v", err)
	}
}

func createTenant(ctx context.Context, tenants *sqlstore.Tenants, id access.TenantID) error {
	now := time.Date(2026, time.March, 2, 9, 30, 0, 0, time.UTC)
	return tenants.CreateTenant(ctx,
		access.Tenant{ID: id, Name: "Sample Ltd", CreatedAt: now},
		access.Member{ID: "member-" + string(id), TenantID: id, Email: string(id) + "@shop.example", Role: access.RoleOwner, CreatedAt: now},
		&access.APIKey{ID: "key-" + string(id), TenantID: id, Digest: string(id), Scopes: access.Scopes{access.ScopeAdmin}, CreatedAt: now})
}

func TestStatusesOfConditionsAreTheDomains(t *testing.T) {
	t.Parallel()
	var open, pending []string
	for _, s := range syncrun.Statuses() {
		if s.IsOpen() {
			open = append(open, "'"+string(s)+"'")
		}
		if !s.IsTerminal() {
			pending = append(pending, "'"+string(s)+"'")
		}
	}
	if want := "(" + strings.Join(open, ", ") + ")"; sqlstore.OpenStatuses != want {
		t.Errorf("open statuses are %s, want %s", sqlstore.OpenStatuses, want)
	}
	if want := "(" + strings.Join(pending, ", ") + ")"; sqlstore.PendingStatuses != want {
		t.Errorf("pending statuses are %s, want %s", sqlstore.PendingStatuses, want)
	}
}
