package sqlstore

import (
	"context"
	"database/sql"
	"errors"
)

// Sealed is one sealed value of the database and its place, to try a key ring
// on; found is false while nothing is sealed.
func (db *DB) Sealed(ctx context.Context) (value []byte, place string, found bool, err error) {
	var row struct {
		ID     string `db:"id"`
		Secret []byte `db:"secret"`
	}
	err = db.get(ctx, &row, `SELECT id, secret FROM store_keys ORDER BY created_at DESC, id DESC LIMIT 1`)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, "", false, nil
	}
	return row.Secret, "store_keys.secret:" + row.ID, err == nil, failed("reading a sealed value", err)
}
