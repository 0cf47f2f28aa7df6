package sqlstore

import (
	"context"
	"database/sql"
	"errors"
)

// Sealed is one sealed value of the database and its place, to try a key ring
// on; found is false while nothing is sealed.
func (db *DB) Sealed(ctx context.Context) (value []byte, place string, found bool, err error) {
	for _, table := range []string{"store_keys", "webhook_endpoints"} {
		var row struct {
			ID     string `db:"id"`
			Secret []byte `db:"secret"`
		}
		err = db.get(ctx, &row, `SELECT id, secret FROM `+table+` ORDER BY created_at DESC, id DESC LIMIT 1`)
		if !errors.Is(err, sql.ErrNoRows) {
			return row.Secret, table + ".secret:" + row.ID, err == nil, failed("reading a sealed value", err)
		}
	}
	return nil, "", false, nil
}
