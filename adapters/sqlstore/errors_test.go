package sqlstore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/adapters/sqlstore/sqlstoretest"
	"byte8.io/ledger/domain/fault"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want fault.Code
	}{
		"no row":                     {sql.ErrNoRows, fault.CodeNotFound},
		"cancelled":                  {context.Canceled, fault.CodeDatabase},
		"out of time":                {fmt.Errorf("reading: %w", context.DeadlineExceeded), fault.CodeDatabase},
		"connection lost":            {driver.ErrBadConn, fault.CodeDatabase},
		"connection refused":         {&net.OpError{Op: "dial", Err: errors.New("refused")}, fault.CodeDatabase},
		"used address":               {&pq.Error{Code: "23505", Constraint: "members_email"}, fault.CodeConflict},
		"used token":                 {&pq.Error{Code: "23505", Constraint: "used_tokens_jti"}, fault.CodeUnauthenticated},
		"second run of an event":     {&pq.Error{Code: "23505", Constraint: "sync_runs_one_open_per_key"}, fault.CodeConflict},
		"second entity":              {&pq.Error{Code: "23505", Constraint: "xrefs_document"}, fault.CodeXrefCollision},
		"second document":            {&pq.Error{Code: "23505", Constraint: "xrefs_entity"}, fault.CodeXrefCollision},
		"any other uniqueness":       {&pq.Error{Code: "23505", Constraint: "events_pkey"}, fault.CodeConflict},
		"missing parent":             {&pq.Error{Code: "23503"}, fault.CodeNotFound},
		"serialisation":              {&pq.Error{Code: "40001"}, fault.CodeDatabase},
		"deadlock":                   {&pq.Error{Code: "40P01"}, fault.CodeDatabase},
		"too many connections":       {&pq.Error{Code: "53300"}, fault.CodeDatabase},
		"disk full":                  {&pq.Error{Code: "53100"}, fault.CodeDatabase},
		"lock time-out":              {&pq.Error{Code: "55P03"}, fault.CodeDatabase},
		"statement time-out":         {&pq.Error{Code: "57014"}, fault.CodeDatabase},
		"shutting down":              {&pq.Error{Code: "57P01"}, fault.CodeDatabase},
		"read only after a failover": {&pq.Error{Code: "25006"}, fault.CodeDatabase},
		"syntax":                     {&pq.Error{Code: "42601"}, fault.CodeInternal},
		"anything else":              {errors.New("odd"), fault.CodeInternal},
	} {
		got := sqlstore.Classify(c.err)
		if got.Code != c.want {
			t.Errorf("%s is %s, want %s", name, got.Code, c.want)
		}
		if !errors.Is(got, c.err) {
			t.Errorf("%s lost its cause", name)
		}
	}
}

func TestDriverWordsStayInside(t *testing.T) {
	t.Parallel()
	for _, code := range []pqerror.Code{"23505", "23503", "57014", "42601"} {
		const words = "duplicate key secret-value"
		if got := sqlstore.Classify(&pq.Error{Code: code, Message: words}); strings.Contains(got.Message, "secret-value") {
			t.Errorf("%s: the message is %q", code, got.Message)
		}
	}
}

func TestViolationsAreKnownInBothDialects(t *testing.T) {
	t.Parallel()
	for _, dialect := range sqlstoretest.Dialects(t) {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			db := sqlstoretest.Open(t, dialect)
			const insert = `INSERT INTO xrefs (tenant_id, store_id, provider, organisation_id, kind, key, entity_id, reference, url, created_at)
				VALUES ('t', 's', 'xero', 'o', 'invoice', ?, ?, '', '', '2026-03-02 09:30:00.000000+00:00')`
			if err := db.Exec(t.Context(), insert, "1", "e1"); err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct{ key, entity, message string }{
				{"1", "e2", "The document is linked to another entity in the books."},
				{"2", "e1", "The entity in the books is linked to another document."},
			} {
				err := db.Exec(t.Context(), insert, c.key, c.entity)
				if got := sqlstore.Classify(err); got.Code != fault.CodeXrefCollision || got.Message != c.message {
					t.Errorf("linking %s to %s gave %s: %q (%v)", c.key, c.entity, got.Code, got.Message, err)
				}
			}
			err := db.Exec(t.Context(), `INSERT INTO stores (id, tenant_id, code, base_url, status, created_at) VALUES ('s', 'nobody', '', '', '', '2026-03-02 09:30:00.000000+00:00')`)
			if got := sqlstore.Classify(err).Code; got != fault.CodeNotFound {
				t.Errorf("a store of no tenant gave %s (%v)", got, err)
			}
		})
	}
}

func TestConstraintsStandInTheSchema(t *testing.T) {
	t.Parallel()
	for _, dialect := range sqlstoretest.Dialects(t) {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			var indexes []struct {
				Name    string `db:"name"`
				Columns string `db:"columns"`
			}
			query := `SELECT l.name AS name, (SELECT group_concat(m.name || '.' || i.name, ', ') FROM pragma_index_info(l.name) i) AS columns
				FROM sqlite_master m, pragma_index_list(m.name) l WHERE m.type = 'table' AND l."unique" = 1`
			if dialect == sqlstoretest.Postgres {
				query = `SELECT c.relname AS name, (SELECT string_agg(t.relname || '.' || a.attname, ', ' ORDER BY k.n)
						FROM unnest(i.indkey) WITH ORDINALITY k (attnum, n) JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum) AS columns
					FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
					WHERE i.indisunique AND t.relnamespace = current_schema()::regnamespace`
			}
			if err := sqlstoretest.Open(t, dialect).Select(t.Context(), &indexes, query); err != nil {
				t.Fatal(err)
			}
			// SQLite names the index of a constraint itself: its columns count.
			schema := map[string]bool{}
			for _, i := range indexes {
				schema[i.Columns] = true
				if dialect == sqlstoretest.Postgres {
					schema[i.Name] = true
				}
			}
			for name, columns := range sqlstore.Constraints() {
				if !schema[columns] || (dialect == sqlstoretest.Postgres && !schema[name]) {
					t.Errorf("the schema has no %s on %s", name, columns)
				}
			}
		})
	}
}
