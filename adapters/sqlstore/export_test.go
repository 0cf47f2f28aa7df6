package sqlstore

import (
	"context"

	"byte8.io/ledger/domain/fault"
)

// The statuses as they stand in conditions.
const (
	OpenStatuses    = openStatuses
	PendingStatuses = pendingStatuses
)

// Classify is classify.
func Classify(err error) *fault.Error { return classify(err) }

// Constraints maps the name of each known constraint to its columns.
func Constraints() map[string]string {
	out := map[string]string{}
	for _, c := range constraints {
		out[c.name] = c.columns
	}
	return out
}

// Exec runs any statement and gives the driver's error as it is.
func (db *DB) Exec(ctx context.Context, query string, args ...any) error {
	_, err := db.pool.ExecContext(ctx, db.rebind(query), args...)
	return err
}

// Select runs any query.
func (db *DB) Select(ctx context.Context, dest any, query string, args ...any) error {
	return db.pool.SelectContext(ctx, dest, db.rebind(query), args...)
}
