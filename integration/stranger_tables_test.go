package integration_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"byte8.io/ledger/domain/access"
)

// tables reads a store past the use cases.
type tables struct {
	db *sql.DB
	// place stands for the value of a query.
	place string
	// owned is how each table names the tenant that a row belongs to.
	owned map[string]string
}

// unowned are the tables whose rows belong to no tenant.
var unowned = []string{"goose_db_version", "sqlite_sequence"}

func openTables(t *testing.T, address string) *tables {
	t.Helper()
	driver, source, place := "postgres", address, "$1"
	names, columnsOf := `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`, `SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1`
	if path, isSQLite := strings.CutPrefix(address, "sqlite://"); isSQLite {
		driver, source, place = "sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=busy_timeout(10000)", "?"
		names, columnsOf = `SELECT name FROM sqlite_master WHERE type = 'table'`, `SELECT name FROM pragma_table_info(?)`
	}
	db, err := sql.Open(driver, source)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	r := &tables{db: db, place: place, owned: map[string]string{}}
	for _, name := range r.texts(t, names) {
		columns := r.texts(t, columnsOf, name)
		switch {
		case slices.Contains(columns, "tenant_id"):
			r.owned[name] = "tenant_id"
		case name == "tenants":
			r.owned[name] = "id"
		case !slices.Contains(unowned, name):
			t.Fatalf("the table %s does not say whose its rows are", name)
		}
	}
	return r
}

func (r *tables) texts(t *testing.T, query string, args ...any) []string {
	t.Helper()
	rows, err := r.db.QueryContext(t.Context(), query, args...)
	must(t, err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var text string
		must(t, rows.Scan(&text))
		out = append(out, text)
	}
	must(t, rows.Err())
	return out
}

// dump is every row of a tenant, byte for byte.
func (r *tables) dump(t *testing.T, tenant access.TenantID) []string {
	t.Helper()
	var out []string
	r.each(t, tenant, func(table string, columns []string, row []any) {
		var line strings.Builder
		line.WriteString(table)
		for i, value := range row {
			fmt.Fprintf(&line, " %s=%T:%q", columns[i], value, fmt.Sprint(value))
		}
		out = append(out, line.String())
	})
	slices.Sort(out)
	return out
}

// words are the texts that stand in a tenant's columns.
func (r *tables) words(t *testing.T, tenant access.TenantID) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	r.each(t, tenant, func(_ string, _ []string, row []any) {
		for _, value := range row {
			if text, ok := value.(string); ok {
				out[text] = true
			}
		}
	})
	return out
}

func (r *tables) each(t *testing.T, tenant access.TenantID, yield func(table string, columns []string, row []any)) {
	t.Helper()
	for table, column := range r.owned {
		r.eachRow(t, table, column, tenant, yield)
	}
}

func (r *tables) eachRow(t *testing.T, table, column string, tenant access.TenantID, yield func(table string, columns []string, row []any)) {
	t.Helper()
	rows, err := r.db.QueryContext(t.Context(), `SELECT * FROM `+table+` WHERE `+column+` = `+r.place, string(tenant))
	must(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	must(t, err)
	row, places := make([]any, len(columns)), make([]any, len(columns))
	for i := range row {
		places[i] = &row[i]
	}
	for rows.Next() {
		must(t, rows.Scan(places...))
		yield(table, columns, row)
	}
	must(t, rows.Err())
}
