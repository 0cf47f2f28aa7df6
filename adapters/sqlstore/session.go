package sqlstore

import (
	"context"
	"database/sql"

	"github.com/jmoiron/sqlx"
)

// session runs statements: each in a transaction of its own on a [DB], all in
// one on a [tx].
type session interface {
	// exec changes rows and returns how many.
	exec(ctx context.Context, query string, args ...any) (int64, error)
	// get reads one row, or sql.ErrNoRows; list reads them all.
	get(ctx context.Context, dest any, query string, args ...any) error
	list(ctx context.Context, dest any, query string, args ...any) error
	// change is list for a statement that changes rows and returns them.
	change(ctx context.Context, dest any, query string, args ...any) error
}

var (
	_ session = (*DB)(nil)
	_ session = (*tx)(nil)
)

// execNamed is exec with parameters taken from a struct's db tags.
func execNamed(ctx context.Context, s session, query string, row any) (int64, error) {
	positional, args, err := sqlx.Named(query, row)
	if err != nil {
		return 0, err
	}
	return s.exec(ctx, positional, args...)
}

// oneAtATime runs a write. Where the database lets one writer in at a time,
// writers queue here in order instead of polling for its lock.
func (db *DB) oneAtATime(ctx context.Context, write func() error) error {
	if db.turn == nil {
		return write()
	}
	select {
	case db.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-db.turn }()
	return write()
}

func (db *DB) exec(ctx context.Context, query string, args ...any) (int64, error) {
	stmt, err := db.prepare(ctx, query)
	if err != nil {
		return 0, err
	}
	var n int64
	err = db.oneAtATime(ctx, func() error {
		n, err = affected(stmt.ExecContext(ctx, args...))
		return err
	})
	return n, err
}

func (db *DB) get(ctx context.Context, dest any, query string, args ...any) error {
	stmt, err := db.prepare(ctx, query)
	if err != nil {
		return err
	}
	return stmt.GetContext(ctx, dest, args...)
}

func (db *DB) list(ctx context.Context, dest any, query string, args ...any) error {
	stmt, err := db.prepare(ctx, query)
	if err != nil {
		return err
	}
	return stmt.SelectContext(ctx, dest, args...)
}

func (db *DB) change(ctx context.Context, dest any, query string, args ...any) error {
	return db.oneAtATime(ctx, func() error { return db.list(ctx, dest, query, args...) })
}

// tx is a transaction under way.
type tx struct {
	db *DB
	tx *sqlx.Tx
	// unprepared are the statements met for the first time.
	unprepared []string
}

// inTx runs fn in one transaction and commits unless fn reports an error.
func (db *DB) inTx(ctx context.Context, fn func(*tx) error) error {
	t := &tx{db: db}
	err := db.oneAtATime(ctx, func() error {
		var err error
		if t.tx, err = db.pool.BeginTxx(ctx, nil); err != nil {
			return err
		}
		defer t.tx.Rollback()
		if err := fn(t); err != nil {
			return err
		}
		return t.tx.Commit()
	})
	if err != nil {
		return err
	}
	t.prepareMet(ctx)
	return nil
}

// prepareMet prepares the statements that the transaction met for the first
// time. It has ended well by now: one that stays unprepared costs time only.
func (t *tx) prepareMet(ctx context.Context) {
	for _, query := range t.unprepared {
		if _, err := t.db.prepare(ctx, query); err != nil {
			return
		}
	}
}

// find is the prepared statement on the transaction's connection. A transaction
// does not prepare one, because that takes a second connection: with all of
// them in transactions, everybody would wait for everybody.
func (t *tx) find(ctx context.Context, query string) (statement, bool) {
	stmt, ok := t.db.statements.find(query)
	if !ok {
		t.unprepared = append(t.unprepared, query)
		return statement{}, false
	}
	return statement{t.tx.StmtxContext(ctx, stmt.Stmt)}, true
}

func (t *tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if stmt, ok := t.find(ctx, query); ok {
		return affected(stmt.ExecContext(ctx, args...))
	}
	return affected(t.tx.ExecContext(ctx, t.db.rebind(query), args...))
}

func (t *tx) get(ctx context.Context, dest any, query string, args ...any) error {
	if stmt, ok := t.find(ctx, query); ok {
		return stmt.GetContext(ctx, dest, args...)
	}
	return t.tx.GetContext(ctx, dest, t.db.rebind(query), args...)
}

func (t *tx) list(ctx context.Context, dest any, query string, args ...any) error {
	if stmt, ok := t.find(ctx, query); ok {
		return stmt.SelectContext(ctx, dest, args...)
	}
	return t.tx.SelectContext(ctx, dest, t.db.rebind(query), args...)
}

func (t *tx) change(ctx context.Context, dest any, query string, args ...any) error {
	return t.list(ctx, dest, query, args...)
}

func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
