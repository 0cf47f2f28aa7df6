package sqlstore_test

import (
	"io/fs"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/adapters/sqlstore/sqlstoretest"
	"byte8.io/ledger/migrations"
)

func TestMigrationsGoDownAndUp(t *testing.T) {
	t.Parallel()
	for _, dialect := range sqlstoretest.Dialects(t) {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			db := sqlstoretest.Open(t, dialect)
			steps := applied(t, db)
			if len(steps) == 0 {
				t.Fatal("no migration is applied")
			}
			for left := len(steps) - 1; left >= 0; left-- {
				if err := db.MigrateDown(t.Context()); err != nil {
					t.Fatalf("MigrateDown: %v", err)
				}
				if got := applied(t, db); len(got) != left {
					t.Fatalf("%d migrations are applied, want %d", len(got), left)
				}
			}
			if err := db.MigrateDown(t.Context()); err != nil {
				t.Errorf("MigrateDown of an empty schema: %v", err)
			}
			if err := db.Migrate(t.Context()); err != nil {
				t.Fatalf("Migrate: %v", err)
			}
			if diff := cmp.Diff(steps, applied(t, db)); diff != "" {
				t.Errorf("migrating again (-want +got):\n%s", diff)
			}
		})
	}
}

// applied lists the names of the applied migrations.
func applied(t *testing.T, db *sqlstore.DB) []string {
	t.Helper()
	status, err := db.MigrationStatus(t.Context())
	if err != nil {
		t.Fatalf("MigrationStatus: %v", err)
	}
	var names []string
	for _, m := range status {
		if m.AppliedAt != nil {
			names = append(names, m.Name)
		}
	}
	return names
}

func TestServersMayMigrateTogether(t *testing.T) {
	t.Parallel()
	for _, dialect := range sqlstoretest.Dialects(t) {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			address := sqlstoretest.URL(t, dialect)
			first, err := sqlstore.Open(t.Context(), address, sqlstore.Options{AllowUnsafe: true})
			if err != nil {
				t.Fatal(err)
			}
			defer first.Close()
			for range len(applied(t, first)) {
				if err := first.MigrateDown(t.Context()); err != nil {
					t.Fatalf("MigrateDown: %v", err)
				}
			}
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					if err := first.Migrate(t.Context()); err != nil {
						t.Errorf("Migrate beside others: %v", err)
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestDialectsHaveTheSameMigrations(t *testing.T) {
	t.Parallel()
	names := func(folder string) []string {
		var out []string
		entries, err := fs.ReadDir(migrations.Files, folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			out = append(out, e.Name())
		}
		return out
	}
	if diff := cmp.Diff(names("postgres"), names("sqlite")); diff != "" {
		t.Errorf("postgres and sqlite differ (-postgres +sqlite):\n%s", diff)
	}
}
