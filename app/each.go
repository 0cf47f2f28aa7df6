package app

import (
	"fmt"

	"golang.org/x/sync/errgroup"
)

// each does one thing for many works at once, as many as a shop takes, and ends
// the works for which it fails.
func (p *planner) each(works []*work, doing string, do func(*work) error) {
	var group errgroup.Group
	group.SetLimit(shopConcurrency)
	for _, w := range works {
		group.Go(func() error {
			if err := guarded(func() error { return do(w) }); err != nil {
				w.fail(fmt.Errorf("%s: %w", doing, err))
			}
			return nil
		})
	}
	_ = group.Wait() // each call ends its own work
}

// guard decides one work; a panic ends that work alone.
func (w *work) guard(decide func(*work)) {
	err := guarded(func() error {
		decide(w)
		return nil
	})
	if err != nil {
		w.fail(err)
	}
}
