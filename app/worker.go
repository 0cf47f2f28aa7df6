package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
)

const (
	// sweepEvery is how often the database is asked for due work that no nudge
	// announced.
	sweepEvery = 250 * time.Millisecond
	// sweepLimit bounds what one sweep wakes.
	sweepLimit = 200
	// forgetEvery is how often ended token uses are removed.
	forgetEvery = time.Minute
	// spentPause is how often a binding is looked at whose minute's call budget is
	// used up.
	spentPause = 250 * time.Millisecond
	// faultPause is the pause after a batch that could not be worked at all.
	faultPause = time.Second
	// webhookLines is how many webhook endpoints a worker tells at once.
	webhookLines = 64
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
	// swept are the lines that a sweep found.
	swept chan []line
	done  chan lineDone
	slots chan struct{}
	// webhookSlots are apart: endpoints that do not answer keep no document waiting.
	webhookSlots chan struct{}
	pacer        pacer
	// historyLife is how long history is kept; 0 means for ever.
	historyLife time.Duration
}

// line is a queue of work that is taken one batch at a time: a binding's runs, a
// store's callbacks, the steps of a job, or what a webhook endpoint is told.
type line struct {
	tenant access.TenantID
	kind   lineKind
	id     string
}

type lineKind string

const (
	bindingRuns    lineKind = "binding"
	storeCallbacks lineKind = "store"
	jobSteps       lineKind = "job"
	webhooksOut    lineKind = "webhook"
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
		app: a, id: a.NewID("wrk"), nudges: make(chan line, 1024), ready: make(chan line), swept: make(chan []line), done: make(chan lineDone),
		slots: make(chan struct{}, lines), webhookSlots: make(chan struct{}, webhookLines), pacer: pacer{next: map[string]time.Time{}},
	}
}

// KeepHistory has the worker remove the history of runs that ended longer ago,
// once a day. Without it, or with 0, history is kept for ever. Call it before Run.
func (w *Worker) KeepHistory(life time.Duration) { w.historyLife = life }

// TakeNudges has the use cases of this process wake the worker directly for the
// runs of bindings, not through the queue. Should the process end first, the
// sweepers of others find the work. Call it before Run.
func (w *Worker) TakeNudges() { w.app.near.Store(w) }

// NudgeBinding wakes the worker for a binding's runs. It never blocks: when too
// much is announced at once the sweeper finds the rest.
func (w *Worker) NudgeBinding(_ context.Context, tenant access.TenantID, bindingID string) {
	w.nudge(line{tenant: tenant, kind: bindingRuns, id: bindingID})
}

// NudgeStore wakes the worker for a store's callbacks. It never blocks.
func (w *Worker) NudgeStore(_ context.Context, tenant access.TenantID, storeID string) {
	w.nudge(line{tenant: tenant, kind: storeCallbacks, id: storeID})
}

// nudge reports whether there was room for the nudge.
func (w *Worker) nudge(l line) bool {
	select {
	case w.nudges <- l:
		return true
	default:
		return false
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
	var beside sync.WaitGroup
	defer beside.Wait()
	sweeping := false

	active := map[line]*bool{} // true: nudged again meanwhile
	busy := 0
	start := func(l line) {
		busy++
		go w.work(ctx, working, l)
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
			w.app.near.CompareAndSwap(w, nil)
			w.drain(busy, grace, stop)
			return
		case l := <-w.nudges:
			wake(l)
		case l := <-w.ready:
			start(l)
		case <-sweep.C:
			if !sweeping {
				sweeping = true
				beside.Go(func() { w.sweep(ctx) })
			}
		case found := <-w.swept:
			sweeping = false
			for _, l := range found {
				wake(l)
			}
		case <-forget.C:
			beside.Go(func() { w.forget(ctx) })
		case d := <-w.done:
			busy--
			if !d.worked && d.pause == 0 && !*active[d.line] {
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

// sweep looks for lines with work, beside the nudges that come meanwhile.
func (w *Worker) sweep(ctx context.Context) {
	found := w.due(ctx)
	select {
	case w.swept <- found:
	case <-ctx.Done():
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
	jobs, err := w.app.Jobs.ListDueJobs(ctx, now, sweepLimit)
	if err != nil {
		w.app.Log.WarnContext(ctx, "sweeping for jobs failed", "error", err)
	}
	for _, d := range jobs {
		lines = append(lines, line{tenant: d.TenantID, kind: jobSteps, id: d.JobID})
	}
	endpoints, err := w.app.Webhooks.ListDueEndpoints(ctx, now, sweepLimit)
	if err != nil {
		w.app.Log.WarnContext(ctx, "sweeping for webhook deliveries failed", "error", err)
	}
	for _, d := range endpoints {
		lines = append(lines, line{tenant: d.TenantID, kind: webhooksOut, id: d.EndpointID})
	}
	return lines
}

func (w *Worker) forget(ctx context.Context) {
	if err := w.app.ForgetWrites(ctx); err != nil {
		w.app.Log.WarnContext(ctx, "forgetting old idempotency keys failed", "error", err)
	}
	if _, err := w.app.Intake.ForgetTokens(ctx, w.app.Now()); err != nil {
		w.app.Log.WarnContext(ctx, "forgetting ended tokens failed", "error", err)
	}
}

// purge removes old history, old webhook deliveries and failed pairings now and
// once a day, beside the work, until the context ends. The channel it returns is
// closed when it has ended.
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
	removed, err = w.app.PurgeWebhooks(ctx)
	tell("webhook deliveries", removed, err)
	if w.historyLife > 0 {
		removed, err = w.app.PurgeHistory(ctx, w.historyLife, 0)
		tell("old history", removed, err)
	}
}

// work takes one batch of a line, unless ctx ends before its turn comes: then
// nothing more is claimed. The batch itself goes on until working ends.
func (w *Worker) work(ctx, working context.Context, l line) {
	slots, result := w.slots, lineDone{line: l}
	if l.kind == webhooksOut {
		slots = w.webhookSlots
	}
	select {
	case <-ctx.Done():
	case slots <- struct{}{}:
		if ctx.Err() == nil {
			result = w.batch(working, l)
		}
		<-slots
	}
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
		var b binding.Binding
		if b, err = w.app.Bindings.FindBinding(ctx, l.tenant, l.id); err != nil {
			break
		}
		if w.app.isSpent(ctx, b) {
			result.worked, result.pause = true, spentPause
			return result
		}
		began := w.app.Now()
		var did Delivered
		did, err = w.app.deliverRuns(ctx, b, w.id)
		if result.worked = did.Runs > 0; result.worked {
			result.pause, result.wakes = w.pace(ctx, l, did, began)
		}
	case storeCallbacks:
		var n int
		n, err = w.app.SendCallbacks(ctx, l.tenant, l.id)
		result.worked = n > 0
	case jobSteps:
		result.worked, err = w.app.WorkJob(ctx, l.tenant, l.id)
	case webhooksOut:
		var n int
		n, err = w.app.SendWebhooks(ctx, l.tenant, l.id)
		result.worked = n > 0
	}
	if err != nil {
		w.app.Log.ErrorContext(ctx, "a batch failed", "line", l.kind, "id", l.id, "error", err)
		result.pause = max(result.pause, faultPause)
	}
	return result
}
