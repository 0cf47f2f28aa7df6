package sqlstore

import (
	"encoding/json"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
)

// dialect is what differs between the databases.
type dialect struct {
	// driver is the name the driver is registered under, folder the one of its
	// migrations.
	driver, folder string
	goose          goose.Dialect
	// bind is how sqlx writes parameters.
	bind int
	// lock ends a SELECT whose row is changed next. Where one writer runs at a
	// time there is nothing to lock.
	lock string
	// now is the expression for the database's time; empty where it has no clock
	// of its own.
	now string
	// skipLocked ends the SELECT of rows to claim, named by their alias.
	skipLocked func(alias string) string
	// isOneOf is a condition on a column that takes one parameter, made by list.
	isOneOf func(column string) string
	// list is the one parameter that holds a list.
	list func(values any) (any, error)
	// folded is a text column in lower case, ordered by its bytes, as in its index.
	folded func(column string) string
	// leases is a table of tenant_id, run_id and claims made of one parameter, a
	// JSON array.
	leases string
}

var postgres = dialect{
	driver: "postgres",
	folder: "postgres",
	goose:  goose.DialectPostgres,
	bind:   sqlx.DOLLAR,
	lock:   " FOR NO KEY UPDATE",
	now:    "clock_timestamp()",
	skipLocked: func(alias string) string {
		return fmt.Sprintf(" FOR NO KEY UPDATE OF %s SKIP LOCKED", alias)
	},
	isOneOf: func(column string) string { return column + " = ANY(?)" },
	list:    func(values any) (any, error) { return pq.Array(values), nil },
	folded:  func(column string) string { return `lower(` + column + ` COLLATE "C")` },
	leases:  "jsonb_to_recordset(CAST(? AS jsonb)) AS lease (tenant_id text, run_id text, claims integer)",
}

var sqlite = dialect{
	driver:     "sqlite",
	folder:     "sqlite",
	goose:      goose.DialectSQLite3,
	bind:       sqlx.QUESTION,
	skipLocked: func(string) string { return "" },
	isOneOf:    func(column string) string { return column + " IN (SELECT value FROM json_each(?))" },
	list: func(values any) (any, error) {
		text, err := json.Marshal(values)
		return string(text), err
	},
	folded: func(column string) string { return "lower(" + column + ")" },
	leases: "(SELECT value ->> 'tenant_id' AS tenant_id, value ->> 'run_id' AS run_id, value ->> 'claims' AS claims FROM json_each(?)) AS lease",
}
