package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
)

func TestTheBackgroundIsBoundedAndEndsWhatItBegan(t *testing.T) {
	t.Parallel()
	b := newBackground(slog.New(slog.DiscardHandler))
	ctx, leave := context.WithCancel(t.Context())
	release := make(chan struct{})
	var done atomic.Int32
	for range backgroundTasks + 5 {
		b.start(ctx, "a task", func(ctx context.Context) error {
			<-release
			if ctx.Err() == nil {
				done.Add(1)
			}
			return nil
		})
	}
	leave()
	close(release)
	if err := b.wait(); err != nil || done.Load() != backgroundTasks {
		t.Errorf("%d tasks ended whole (%v), want %d", done.Load(), err, backgroundTasks)
	}
}
