package integration_test

import (
	"database/sql"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/adapters/sqlstore/sqlstoretest"
	"byte8.io/ledger/graph"
)

// A query whose time is up is given up in the database, too: its connection
// would be missed by others.
func TestAQueryOutOfTimeEndsInTheDatabase(t *testing.T) {
	t.Parallel()
	if !strings.Contains(strings.Join(sqlstoretest.Dialects(t), " "), sqlstoretest.Postgres) {
		t.Skip("needs PostgreSQL; run `make test`")
	}
	address := sqlstoretest.URL(t, sqlstoretest.Postgres)
	db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{AllowUnsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	p := newInProcessOn(t, db)
	beside, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { beside.Close() })
	lock, err := beside.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lock.Rollback() })
	if _, err := lock.ExecContext(t.Context(), `LOCK TABLE sync_runs IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	waiting := func() (n int) {
		err := beside.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n)
		if err != nil {
			t.Error(err)
		}
		return n
	}
	h := graph.NewHandler(graph.Options{App: p.app, Log: p.app.Log, Timeout: 2 * time.Second})
	r := httptest.NewRequestWithContext(graph.WithPrincipal(t.Context(), p.admin), http.MethodPost, "/graphql", strings.NewReader(`{"query": "{ syncRuns { nodes { id } } }"}`))
	r.Header.Set("Content-Type", "application/json")
	answer, answered := httptest.NewRecorder(), make(chan struct{})
	go func() {
		defer close(answered)
		h.ServeHTTP(answer, r)
	}()
	eventually(t, 2*time.Second, "the query waits in the database", func() bool { return waiting() == 1 })
	select {
	case <-answered:
	case <-time.After(20 * time.Second):
		t.Fatal("the query was not given up")
	}
	if !strings.Contains(answer.Body.String(), `"errorCode":"overloaded"`) || !strings.Contains(answer.Body.String(), "took too long") {
		t.Errorf("the answer: %s", answer.Body)
	}
	eventually(t, 10*time.Second, "the database gives the query up", func() bool { return waiting() == 0 })
}
