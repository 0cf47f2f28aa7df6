package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"byte8.io/ledger/adapters/httpserver"
	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/app"
	"byte8.io/ledger/bench/load"
	"byte8.io/ledger/graph"
)

// counted is what both servers allocate for one request.
type counted struct {
	ours, floor allocated
	answer      int
}

type allocated struct{ allocations, bytes float64 }

// count serves in this process, with a client that allocates nothing, because
// allocations can be counted from within only.
func (b *bench) count(ctx context.Context, questions [][]byte) (_ counted, err error) {
	db, err := sqlstore.Open(ctx, b.stack.DatabaseURL, sqlstore.Options{AllowUnsafe: true, MaxConns: poolSize})
	if err != nil {
		return counted{}, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	log := slog.New(slog.DiscardHandler)
	use := app.New(app.Deps{Tenants: sqlstore.NewTenants(db), Runs: sqlstore.NewRuns(db), Now: time.Now, Log: log})
	f, err := openFloor(ctx, b.stack.DatabaseURL)
	if err != nil {
		return counted{}, err
	}
	defer func() { err = errors.Join(err, f.db.Close()) }()
	var c counted
	ours := httpserver.NewHandler(httpserver.Options{
		GraphQL: graph.NewHandler(graph.Options{App: use, Log: log}), Authenticate: use.Authenticate, WithPrincipal: graph.WithPrincipal, Log: log,
	})
	if c.ours, c.answer, err = b.allocations(ctx, ours, questions); err != nil {
		return c, err
	}
	c.floor, _, err = b.allocations(ctx, f.routes(), questions)
	return c, err
}

func (b *bench) allocations(ctx context.Context, h http.Handler, questions [][]byte) (_ allocated, answer int, err error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return allocated{}, 0, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }()
	defer func() { err = errors.Join(err, server.Close()) }()
	target := b.target("counted", listener.Addr().String(), 0, questions)
	conn, err := load.Dial(ctx, target.Address)
	if err != nil {
		return allocated{}, 0, err
	}
	defer conn.Close()
	ask := func(n int) error {
		status, body, err := conn.Do(target.Request(0, n))
		if err == nil && status != http.StatusOK {
			err = errors.New(string(body))
		}
		answer = len(body)
		return err
	}
	const rounds = 400
	for n := range rounds {
		if err := ask(n); err != nil {
			return allocated{}, 0, err
		}
	}
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for n := range rounds {
		if err := ask(n); err != nil {
			return allocated{}, 0, err
		}
	}
	runtime.ReadMemStats(&after)
	return allocated{
		allocations: float64(after.Mallocs-before.Mallocs) / rounds, bytes: float64(after.TotalAlloc-before.TotalAlloc) / rounds,
	}, answer, nil
}
