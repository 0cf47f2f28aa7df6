package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// background runs what callers do not wait for, so much at a time.
type background struct {
	slots   chan struct{}
	running sync.WaitGroup
	log     *slog.Logger
}

const (
	// backgroundTasks bounds what runs at once; more is dropped.
	backgroundTasks = 32
	// backgroundTime is how long one task may take.
	backgroundTime = 30 * time.Second
)

func newBackground(log *slog.Logger) *background {
	return &background{slots: make(chan struct{}, backgroundTasks), log: log}
}

// start runs a task beyond the life of ctx, and logs its failure.
func (b *background) start(ctx context.Context, name string, task func(context.Context) error) {
	select {
	case b.slots <- struct{}{}:
	default:
		b.log.WarnContext(ctx, "too much at once; a task was dropped", "task", name)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), backgroundTime)
	b.running.Go(func() {
		defer func() { cancel(); <-b.slots }()
		if err := task(ctx); err != nil {
			b.log.ErrorContext(ctx, "a task failed", "task", name, "error", err)
		}
	})
}

// wait returns when nothing runs any more.
func (b *background) wait() error {
	b.running.Wait()
	return nil
}
