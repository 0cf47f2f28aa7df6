package sqlstore

import (
	"context"
	"errors"
	"sync"

	"github.com/jmoiron/sqlx"
)

// statements are the prepared statements of a database, by their text. The
// texts are constants of this package, so their number is bounded.
type statements struct {
	mu       sync.RWMutex
	prepared map[string]statement
}

// statement is a prepared statement that lives as long as its database.
type statement struct{ *sqlx.Stmt }

func (s *statements) find(query string) (statement, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	stmt, ok := s.prepared[query]
	return stmt, ok
}

// prepare finds the prepared statement, or prepares it. It takes a connection
// of its own for that: never call it while holding one.
func (db *DB) prepare(ctx context.Context, query string) (statement, error) {
	s := &db.statements
	if stmt, ok := s.find(query); ok {
		return stmt, nil
	}
	stmt, err := db.pool.PreparexContext(ctx, db.rebind(query))
	if err != nil {
		return statement{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if first, ok := s.prepared[query]; ok {
		return first, stmt.Close() //nolint:sqlclosecheck // the other one is kept open
	}
	if s.prepared == nil {
		s.prepared = map[string]statement{}
	}
	s.prepared[query] = statement{stmt}
	return s.prepared[query], nil
}

func (db *DB) rebind(query string) string { return sqlx.Rebind(db.dialect.bind, query) }

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, stmt := range s.prepared {
		errs = append(errs, stmt.Close())
	}
	s.prepared = nil
	return errors.Join(errs...)
}
