package app

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/domain/access"
)

const (
	// sweepEvery is how often the database is asked for due work that no nudge
	// announced.
	sweepEvery = time.Second
	// sweepLimit bounds what one sweep wakes.
	sweepLimit = 200
	// forgetEvery is how often ended token uses are removed.
	forgetEvery = time.Minute
	// spentPause is how often a binding is looked at whose minute's call budget is
	// used up.
	spentPause = 250 * time.Millisecond
	// faultPause is the pause after a batch that could not be worked at all.
	faultPause = time.Second
	// purgeEvery is how often history that is old enough is removed.
	purgeEvery = 24 * time.Hour
)

// Worker takes runs and callbacks where they have to go. Nudges and a sweeper
// wake it; at most one batch of a binding, and one of a store, is under way in
// a worker at a time, so that what arrives meanwhile is sent together.
type Worker struct {
	app *App
	// id names the worker in leases.
	id     string
	nudges chan line
	ready  chan line
	done   chan lineDone
	slots  chan struct{}
	pacer  pacer
	// historyLife is how long history is kept; 0 means for ever.
	historyLife time.Duration
}

// line is a queue of work that is taken one batch at a time: a binding's runs,
// or a store's callbacks.
type line struct {
	tenant access.TenantID
	kind   lineKind
	id     string
}

type lineKind string

const (
	bindingRuns    lineKind = "binding"
	storeCallbacks lineKind = "store"
)

type lineDone struct {
	line
	// worked reports whether anything was claimed, so that there may be more.
	worked bool
	pause  time.Duration
	// wakes is a line that has work now because of this one.
	wakes *line
}

// NewWorker makes a worker that works on up to the given number of lines at once.
func (a *App) NewWorker(lines int) *Worker {
	return &Worker{
		app: a, id: a.NewID("wrk"), nudges: make(chan line, 1024), ready: make(chan line), done: make(chan lineDone),
		slots: make(chan struct{}, lines), pacer: pacer{next: map[string]time.Time{}},
	}
}

// KeepHistory has the worker remove the history of runs that ended longer ago,
// once a day. Without it, or with 0, history is kept for ever. Call it before Run.
func (w *Worker) KeepHistory(life time.Duration) { w.historyLife = life }

// NudgeBinding wakes the worker for a binding's runs. It never blocks: when too
// much is announced at once the sweeper finds the rest.
func (w *Worker) NudgeBinding(_ context.Context, tenant access.TenantID, bindingID string) {
	w.nudge(line{tenant: tenant, kind: bindingRuns, id: bindingID})
}

// NudgeStore wakes the worker for a store's callbacks. It never blocks.
func (w *Worker) NudgeStore(_ context.Context, tenant access.TenantID, storeID string) {
	w.nudge(line{tenant: tenant, kind: storeCallbacks, id: storeID})
}

func (w *Worker) nudge(l line) {
	select {
	case w.nudges <- l:
	default:
	}
}

// Run works until the context ends, then finishes the batches under way, for at
// most the grace period, and returns. What it could not finish is claimed again
// when its lease runs out.
func (w *Worker) Run(ctx context.Context, grace time.Duration) {
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	sweep, forget := time.NewTicker(sweepEvery), time.NewTicker(forgetEvery)
	defer sweep.Stop()
	defer forget.Stop()
	purged := w.purge(ctx)
	defer func() { <-purged }()

	active := map[line]*bool{} // true: nudged again meanwhile
	busy := 0
	start := func(l line) {
		busy++
		go w.work(working, l)
	}
	wake := func(l line) {
		if again, ok := active[l]; ok {
			*again = true
			return
		}
		active[l] = new(bool)
		start(l)
	}
	for {
		select {
		case <-ctx.Done():
			w.drain(busy, grace, stop)
			return
		case l := <-w.nudges:
			wake(l)
		case l := <-w.ready:
			start(l)
		case <-sweep.C:
			for _, l := range w.due(ctx) {
				wake(l)
			}
		case <-forget.C:
			w.forget(ctx)
		case d := <-w.done:
			busy--
			if !d.worked && !*active[d.line] {
				delete(active, d.line)
				break
			}
			*active[d.line] = false
			w.later(ctx, d.line, d.pause)
			if d.wakes != nil {
				wake(*d.wakes)
			}
		}
	}
}

// later makes a line ready after a pause.
func (w *Worker) later(ctx context.Context, l line, pause time.Duration) {
	time.AfterFunc(pause, func() {
		select {
		case w.ready <- l:
		case <-ctx.Done():
		}
	})
}

// drain waits for batches under way, and ends their context when the grace
// period is over.
func (w *Worker) drain(busy int, grace time.Duration, stop context.CancelFunc) {
	timer := time.AfterFunc(grace, stop)
	defer timer.Stop()
	for ; busy > 0; busy-- {
		<-w.done
	}
}

// due asks the database for lines with work.
func (w *Worker) due(ctx context.Context) []line {
	var lines []line
	now := w.app.Now()
	bindings, err := w.app.Runs.ListDue(ctx, now, sweepLimit)
	if err != nil {
		w.app.Log.WarnContext(ctx, "sweeping for runs failed", "error", err)
	}
	for _, d := range bindings {
		lines = append(lines, line{tenant: d.TenantID, kind: bindingRuns, id: d.BindingID})
	}
	stores, err := w.app.Callbacks.ListDueCallbacks(ctx, now, sweepLimit)
	if err != nil {
		w.app.Log.WarnContext(ctx, "sweeping for callbacks failed", "error", err)
	}
	for _, d := range stores {
		lines = append(lines, line{tenant: d.TenantID, kind: storeCallbacks, id: d.StoreID})
	}
	return lines
}

func (w *Worker) forget(ctx context.Context) {
	if _, err := w.app.Intake.ForgetTokens(ctx, w.app.Now()); err != nil {
		w.app.Log.WarnContext(ctx, "forgetting ended tokens failed", "error", err)
	}
}

// purge removes old history and failed pairings now and once a day, beside the
// work, until the context ends. The channel it returns is closed when it has ended.
func (w *Worker) purge(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		daily := time.NewTicker(purgeEvery)
		defer daily.Stop()
		for {
			w.purgeOnce(ctx)
			select {
			case <-ctx.Done():
				return
			case <-daily.C:
			}
		}
	}()
	return done
}

func (w *Worker) purgeOnce(ctx context.Context) {
	tell := func(what string, removed int, err error) {
		switch {
		case ctx.Err() != nil:
		case err != nil:
			w.app.Log.WarnContext(ctx, "removing what is old failed; it is tried again tomorrow", "what", what, "removed", removed, "error", err)
		case removed > 0:
			w.app.Log.InfoContext(ctx, "removed what is old", "what", what, "removed", removed)
		}
	}
	removed, err := w.app.PurgePairings(ctx)
	tell("failed pairings", removed, err)
	if w.historyLife > 0 {
		removed, err = w.app.PurgeHistory(ctx, w.historyLife, 0)
		tell("old history", removed, err)
	}
}

// work takes one batch of a line.
func (w *Worker) work(ctx context.Context, l line) {
	w.slots <- struct{}{}
	result := w.batch(ctx, l)
	<-w.slots
	w.done <- result
}

func (w *Worker) batch(ctx context.Context, l line) (result lineDone) {
	result = lineDone{line: l}
	defer func() {
		if r := recover(); r != nil {
			w.app.Log.ErrorContext(ctx, "a batch panicked; its runs are claimed again when their leases run out", "line", l.kind, "id", l.id, "panic", fmt.Sprint(r))
			result.worked, result.pause = false, faultPause
		}
	}()
	var err error
	switch l.kind {
	case bindingRuns:
		if w.app.isSpent(ctx, l.tenant, l.id) {
			result.worked, result.pause = true, spentPause
			return result
		}
		began := w.app.Now()
		var did Delivered
		did, err = w.app.DeliverRuns(ctx, l.tenant, l.id, w.id)
		if result.worked = did.Runs > 0; result.worked {
			result.pause, result.wakes = w.pace(ctx, l, did, began)
		}
	case storeCallbacks:
		var n int
		n, err = w.app.SendCallbacks(ctx, l.tenant, l.id)
		result.worked = n > 0
	}
	if err != nil {
		w.app.Log.ErrorContext(ctx, "a batch failed", "line", l.kind, "id", l.id, "error", err)
		result.pause = max(result.pause, faultPause)
	}
	return result
}
