package app

import (
	"context"
	"sync"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
)

const (
	// longestPace is the longest pause in which documents gather.
	longestPace = 5 * time.Second
	// quickPace is the longest while half of the minute's calls are left.
	quickPace = time.Second
	// longestCatchUp is how far full batches may lag behind their pace and still
	// make up for it.
	longestCatchUp = 6 * time.Second
)

// pacer says how long a binding's line rests between two batches.
type pacer struct {
	mu sync.Mutex
	// next is when a binding's next full batch is due.
	next map[string]time.Time
}

// pause is the pause after a batch. Full ones follow each other at the speed at
// which calls become free, and may catch up by a tenth of a minute's calls: a
// backlog that spent them all at once would hold live work up until the minute is
// over.
func (p *pacer) pause(bindingID string, minuteLeft int, limits books.Limits, did Delivered, began, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if limits.PerMinute <= 0 || !did.IsFull {
		delete(p.next, bindingID)
		return gatheringPause(minuteLeft, limits, did.Calls, now.Sub(began))
	}
	next, earliest := p.next[bindingID], began.Add(-longestCatchUp)
	if next.Before(earliest) {
		next = earliest
	}
	next = next.Add(speed(did.Calls, limits))
	p.next[bindingID] = next
	return max(0, next.Sub(now))
}

// speed is the time in which so many calls become free.
func speed(calls int, limits books.Limits) time.Duration {
	return time.Minute * time.Duration(calls) / time.Duration(limits.PerMinute)
}

// gatheringPause is the pause after a batch with room left, in which documents
// gather into a fuller one. It grows to a second until half of the minute's
// calls are used; the other half then lasts for the rest of the minute.
func gatheringPause(minuteLeft int, limits books.Limits, calls int, took time.Duration) time.Duration {
	if limits.PerMinute <= 0 {
		return 0
	}
	used := limits.PerMinute - min(max(minuteLeft, 0), limits.PerMinute)
	if used <= limits.PerMinute/2 {
		return 2 * quickPace * time.Duration(used) / time.Duration(limits.PerMinute)
	}
	return min(max(quickPace, speed(calls, limits)*3/2-took), longestPace)
}

// pace is the pause before a binding's next batch after one that began at the
// given time. It also names the store whose callbacks are due now.
func (w *Worker) pace(ctx context.Context, l line, did Delivered, began time.Time) (time.Duration, *line) {
	b, err := w.app.Bindings.FindBinding(ctx, l.tenant, l.id)
	if err != nil {
		return faultPause, nil
	}
	left, limits := w.app.minuteLeft(ctx, b)
	return w.pacer.pause(l.id, left, limits, did, began, w.app.Now()), &line{tenant: l.tenant, kind: storeCallbacks, id: b.StoreID}
}

// isSpent reports that no call is left in this minute: runs that are claimed now
// would be read from the shop only to wait.
func (a *App) isSpent(ctx context.Context, b binding.Binding) bool {
	left, limits := a.minuteLeft(ctx, b)
	return limits.PerMinute > 0 && left <= 0
}

// minuteLeft is how many of a minute's calls are left, and the limits; zero
// limits when nobody counts.
func (a *App) minuteLeft(ctx context.Context, b binding.Binding) (int, books.Limits) {
	provider, err := a.provider(b)
	if err != nil || a.Budget == nil {
		return 0, books.Limits{}
	}
	limits := provider.Capabilities().Limits
	left, err := a.Budget.Left(ctx, b.Organisation.ID, limits)
	if err != nil {
		return 0, books.Limits{}
	}
	a.tellBudget(ctx, b, left, limits)
	return left.MinuteLeft, limits
}
