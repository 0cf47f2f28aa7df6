package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"byte8.io/ledger/app/failpoint"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

const (
	// leaseLife is how long a claimed run is ours without a heartbeat. With the
	// sweeper's quarter of a second, a killed worker's runs go on within 15 seconds.
	leaseLife = 10 * time.Second
	heartbeat = 3 * time.Second
	// recordTime bounds storing outcomes after the work's context has ended.
	recordTime = 10 * time.Second
	// keyTime bounds asking a shop once more whether it refuses our key; the
	// outcomes wait meanwhile, and their leases run on.
	keyTime = 3 * time.Second
)

// Delivered is what a call of [App.DeliverRuns] did.
type Delivered struct {
	// Runs is how many runs were claimed, and IsFull reports that there was room
	// for no more.
	Runs   int
	IsFull bool
	// Calls is how many times the provider was called, a call with several
	// requests counting once.
	Calls int
}

// DeliverRuns claims the due runs of a binding, up to one batch of its
// provider, and takes each as far as it goes. It may be called at any time by
// any number of workers.
func (a *App) DeliverRuns(ctx context.Context, tenant access.TenantID, bindingID, worker string) (Delivered, error) {
	b, err := a.Bindings.FindBinding(ctx, tenant, bindingID)
	if err != nil {
		return Delivered{}, fmt.Errorf("finding the binding: %w", err)
	}
	return a.deliverRuns(ctx, b, worker)
}

// deliverRuns is DeliverRuns for a binding as it was read just now.
func (a *App) deliverRuns(ctx context.Context, b binding.Binding, worker string) (_ Delivered, err error) {
	provider, err := a.provider(b)
	if err != nil {
		return Delivered{}, err
	}
	now, room := a.Now(), max(1, provider.Capabilities().BatchSize)
	runs, err := a.Runs.Claim(ctx, b.TenantID, b.ID, worker, room, now, now.Add(leaseLife))
	if err != nil {
		return Delivered{}, fmt.Errorf("claiming runs: %w", err)
	}
	if len(runs) == 0 {
		return Delivered{}, nil
	}
	failpoint.Hit("claim.after")
	ctx, end := a.followRuns(ctx, runs)
	defer func() { end(err) }()
	a.publishClaimed(ctx, runs)
	d := &delivery{planner: planner{App: a, binding: b, provider: provider, settings: map[int]settings.Settings{}}, startedAt: now}
	for _, run := range runs {
		d.works = append(d.works, newWork(run, now))
	}
	stop := d.keepLeases(ctx)
	err = guarded(func() error {
		if err := d.prepare(ctx); err != nil {
			return err
		}
		d.deliverCustomers(ctx)
		d.deliverProducts(ctx)
		d.deliverInvoices(ctx)
		d.deliverPayments(ctx)
		d.deliverCreditMemos(ctx)
		return nil
	})
	if err != nil {
		d.failAll(d.open(), notTheDocuments(err))
	}
	stop()
	return Delivered{Runs: len(runs), IsFull: len(runs) == room, Calls: d.calls}, d.record(ctx)
}

// notTheDocuments is a fault of the batch as a fault of ours where it would end
// the runs for good: they are not to blame.
func notTheDocuments(err error) error {
	if fault.KindOf(err).Class() == fault.Never {
		return fault.Wrap(fault.CodeInternal, "Something went wrong on our side.", err)
	}
	return err
}

// delivery is one batch of claimed runs of a binding on its way.
type delivery struct {
	planner
	startedAt time.Time
	// calls counts calls of the provider; they are made one after another.
	calls int
}

// prepare reads what every run of the batch needs.
func (d *delivery) prepare(ctx context.Context) error {
	if err := d.findShop(ctx); err != nil {
		return err
	}
	ref, err := d.Bindings.FindReference(ctx, d.binding.TenantID, d.binding.ID)
	if err != nil && !fault.IsKind(err, fault.NotFound) {
		return fmt.Errorf("finding the reference data: %w", err)
	}
	if err != nil || ref.IsStale(d.Now()) {
		if ref, err = d.readReference(ctx, d.binding); err != nil {
			return err
		}
	}
	d.consult(ref)
	return d.findSettings(ctx)
}

// keepLeases prolongs the leases of runs under way until the returned function
// is called. A run that was claimed by somebody else is dropped: nothing more
// is sent or stored for it here.
func (d *delivery) keepLeases(ctx context.Context) func() {
	return beating(ctx, d.extend)
}

// beating does something at every heartbeat until the returned function is
// called, which waits for one under way and may be called again.
func beating(ctx context.Context, do func(context.Context)) func() {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var done sync.WaitGroup
	done.Go(func() {
		beat := time.NewTicker(heartbeat)
		defer beat.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
				do(ctx)
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}

func (d *delivery) extend(ctx context.Context) {
	leases := make([]ports.Lease, 0, len(d.works))
	for _, w := range d.works {
		leases = append(leases, w.lease)
	}
	lost, err := d.Runs.Extend(ctx, leases, d.Now().Add(leaseLife))
	if err != nil {
		d.Log.WarnContext(ctx, "prolonging leases failed", "binding_id", d.binding.ID, "error", err)
		return
	}
	for _, id := range lost {
		for _, w := range d.works {
			if w.run.ID == id {
				w.lost.Store(true)
			}
		}
	}
}

// isBulk reports whether every run of the batch can wait for live work.
func (d *delivery) isBulk() bool {
	return !slices.ContainsFunc(d.works, func(w *work) bool { return w.run.Urgency != syncrun.Bulk })
}

// call calls the provider with a session of the batch's urgency.
func (d *delivery) call(ctx context.Context, call func(session) error) error {
	return d.withSession(ctx, d.binding, func(s session) error {
		s.IsBulk = d.isBulk()
		d.calls++
		defer failpoint.Hit("answer.after")
		return call(s)
	})
}

// record stores what became of the batch, and marks the store or the binding
// when its key or consent was refused.
func (d *delivery) record(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	now := d.Now()
	var outcomes []ports.Outcome
	var unlink bool
	if err := d.checkKey(ctx); err != nil {
		d.Log.WarnContext(ctx, "whether the shop refuses our key was not found out", "binding_id", d.binding.ID, "error", err)
	}
	for _, w := range d.works {
		if w.lost.Load() {
			continue
		}
		outcome, decision := w.outcome(now, d.NewID)
		d.nameDecider(ctx, &outcome)
		outcomes = append(outcomes, outcome)
		unlink = unlink || decision.UnlinkBinding
	}
	var all error
	failpoint.Hit("outcome.before")
	recorded := d.Runs.RecordOutcomes(ctx, outcomes)
	d.publishOutcomes(ctx, outcomes, recorded)
	for i, err := range recorded {
		all = errors.Join(all, d.recordAgain(ctx, outcomes[i], err))
	}
	failpoint.Hit("outcome.after")
	if unlink {
		all = errors.Join(all, d.unlink(ctx))
	}
	return all
}

// checkKey asks the shop once more when it refused our key. A refusal that does
// not stand becomes a fault that passes.
func (d *delivery) checkKey(ctx context.Context) error {
	var refused []*work
	for _, w := range d.works {
		if fault.Is(w.err, fault.CodeMagentoAuth) {
			refused = append(refused, w)
		}
	}
	if len(refused) == 0 || d.shop.KeyID == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, keyTime)
	defer cancel()
	stands, err := d.keyRefused(ctx, d.shop, d.binding.StoreID)
	if err == nil && stands {
		return nil
	}
	for _, w := range refused {
		w.err = passing(w.err)
	}
	return err
}

// recordAgain deals with an outcome that could not be stored: one whose entity
// belongs to another document is stored as failed, without the link; one that
// was claimed by somebody else is theirs.
func (d *delivery) recordAgain(ctx context.Context, outcome ports.Outcome, err error) error {
	switch {
	case err == nil:
		return nil
	case fault.Is(err, fault.CodeXrefCollision):
		w := newWork(outcome.Run, outcome.Attempt.StartedAt)
		w.lease = outcome.Lease
		w.fail(err)
		failed, _ := w.outcome(d.Now(), d.NewID)
		recorded := d.Runs.RecordOutcomes(ctx, []ports.Outcome{failed})
		d.publishOutcomes(ctx, []ports.Outcome{failed}, recorded)
		for _, err := range recorded {
			if err != nil {
				return fmt.Errorf("storing the collision of run %s: %w", outcome.Run.ID, err)
			}
		}
		return nil
	case fault.IsKind(err, fault.Conflict):
		d.Log.WarnContext(ctx, "a run was claimed by another worker before its outcome was stored", "run_id", outcome.Run.ID)
		return nil
	}
	return fmt.Errorf("storing the outcome of run %s: %w", outcome.Run.ID, err)
}

func (d *delivery) unlink(ctx context.Context) error {
	b, err := d.Bindings.FindBinding(ctx, d.binding.TenantID, d.binding.ID)
	if err != nil {
		return fmt.Errorf("finding the binding: %w", err)
	}
	if b.Status != binding.StatusActive || b.GrantID != d.binding.GrantID {
		return nil
	}
	grant, err := d.Grants.FindGrant(ctx, b.TenantID, b.GrantID)
	if err != nil && !fault.IsKind(err, fault.NotFound) {
		return fmt.Errorf("finding the grant: %w", err)
	}
	if err == nil && grant.RefreshedAt.After(d.startedAt) {
		return nil // somebody consented anew while the batch was under way
	}
	b.Status = binding.StatusUnlinked
	if _, err := d.Bindings.SaveBinding(ctx, b, d.Now(), d.entry(access.System(b.TenantID), audit.BindingUnlinked, b.ID, nil)); err != nil && !fault.IsKind(err, fault.Conflict) {
		return fmt.Errorf("marking the binding as unlinked: %w", err)
	}
	d.publishMany(ctx, []binding.Binding{b})
	return nil
}

func (d *delivery) xref(kind syncrun.XrefKind, key string, entity ports.BookEntity) syncrun.Xref {
	return syncrun.Xref{
		TenantID: d.binding.TenantID, StoreID: d.binding.StoreID, Provider: d.binding.Provider, OrganisationID: d.binding.Organisation.ID,
		Kind: kind, Key: key, EntityID: entity.ID, Reference: entity.Number, URL: entity.URL, CreatedAt: d.Now(),
	}
}
