package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"byte8.io/ledger/adapters/asynq"
)

type serveCommand struct {
	Role    string `enum:"all,api,worker" default:"all" help:"What this process does: api, worker or all."`
	Migrate bool   `help:"Bring the tables up to date first; an embedded database always is."`
}

// Run serves until it is told to stop, then finishes what is under way.
func (c serveCommand) Run(ctx context.Context, cfg *Config, s streams) (err error) {
	if c.Role != "all" && (cfg.DatabaseURL == "" || cfg.RedisURL == "") {
		return usageError{"--role " + c.Role + ": processes that share work need LEDGER_DATABASE_URL and LEDGER_REDIS_URL"}
	}
	var options []option
	if c.Migrate {
		options = append(options, withMigration)
	}
	unlock, err := lockDataDir(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	tuneCollector()
	log := cfg.logger(s)
	l, err := openLedger(ctx, cfg, log, options...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	go l.clock.Follow(ctx)
	if warning := asynq.MemoryPolicyWarning(ctx, l.redis); warning != "" && cfg.RedisURL != "" {
		log.WarnContext(ctx, "the queue may drop work", "reason", warning)
	}
	if c.Role == "worker" {
		log.InfoContext(ctx, "working", "version", version)
		return l.besideMetrics(ctx, l.work)
	}
	listener, err := listen(ctx, cfg.Listen)
	if err != nil {
		return fmt.Errorf("LEDGER_LISTEN: %w", err)
	}
	log.InfoContext(ctx, "serving", "address", listener.Addr().String(), "public_url", cfg.PublicURL, "role", c.Role, "version", version)
	return l.besideMetrics(ctx, func(ctx context.Context) error {
		if c.Role == "api" {
			return l.serveHTTP(ctx, listener)
		}
		return l.serve(ctx, listener)
	})
}

// serve serves the API and works, until the context ends.
func (l *ledger) serve(ctx context.Context, listener net.Listener) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return l.serveHTTP(ctx, listener) })
	group.Go(func() error { return l.work(ctx) })
	return group.Wait()
}

// work takes documents where they have to go, until the context ends.
func (l *ledger) work(ctx context.Context) error {
	worker := l.app.NewWorker(lines)
	worker.KeepHistory(l.config.historyLife)
	worker.TakeNudges()
	wakes, err := asynq.NewWorker(l.redisURL, asynq.Handlers{Binding: worker.NudgeBinding, Store: worker.NudgeStore}, asynq.WorkerOptions{Log: l.log, CheckInterval: l.checkInterval()})
	if err != nil {
		return fmt.Errorf("LEDGER_REDIS_URL: %w", err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return wakes.Run(ctx) })
	group.Go(func() error {
		worker.Run(ctx, grace)
		return nil
	})
	return group.Wait()
}

// embeddedCheck is how often the in-process queue is asked for nudges. A Redis
// of its own is asked more often; in one process that would cost a tenth of a
// core for nothing.
const embeddedCheck = 50 * time.Millisecond

func (l *ledger) checkInterval() time.Duration {
	if l.config.RedisURL == "" {
		return embeddedCheck
	}
	return 0
}

// lockDataDir keeps a second server out of an embedded ledger's data directory:
// its queue and call budget are in one process.
func lockDataDir(cfg *Config) (unlock func() error, err error) {
	if !cfg.isEmbedded() {
		return func() error { return nil }, nil
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return nil, usageError{"LEDGER_DATA_DIR: " + err.Error()}
	}
	file, err := os.OpenFile(filepath.Join(cfg.DataDir, "serve.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, usageError{"LEDGER_DATA_DIR: " + err.Error()}
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(usageError{"LEDGER_DATA_DIR: another server works on " + cfg.DataDir}, file.Close())
	}
	return file.Close, nil
}
