package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

const (
	// weighedRuns is how many runs of each kind are looked at, the newest first.
	weighedRuns = 100
	// weighedAtOnce is how many of them are read before the time is looked at.
	weighedAtOnce = 25
	// weighingTime bounds it where the caller does not; what was not looked at by
	// then is not counted.
	weighingTime = 20 * time.Second
	// weighedSamples is how many are shown of those meant.
	weighedSamples = 20
)

// SettingsImpact is what a change of settings would do.
type SettingsImpact struct {
	// Fields are what keeps the change from being saved; empty when nothing does.
	Fields  []fault.Field
	Changes []settings.Change
	// HeldReleased and FailedReleased are runs that would be written and with
	// their own settings would not; SkippedReleased are those that would no
	// longer be left out.
	HeldReleased, SkippedReleased, FailedReleased ImpactCount
	// Remapped are documents in the books that would have been written otherwise,
	// or not at all.
	Remapped ImpactCount
}

// ImpactCount is how many of the documents looked at are meant.
type ImpactCount struct {
	Count int
	// Examined is how many were looked at, of Total, which stops at [MaxCount].
	Examined, Total int
	Samples         []ImpactSample
}

// ImpactSample is a document that a change touches.
type ImpactSample struct {
	RunID, IncrementID string
	// Before is what becomes of it with the settings its run followed, After with
	// those proposed.
	Before, After Foreseen
	// Changes are the fields written otherwise; none where it is not written both
	// times.
	Changes []books.Change
}

// WeighSettings is the input of weighing a change of settings.
type WeighSettings struct {
	BindingID string
	// Settings are all of them as they would be.
	Settings settings.Settings
	// Within bounds the time it takes; zero stands for 20 seconds.
	Within time.Duration
}

// WeighSettings says what a change of settings would do. It reads documents of
// earlier runs from the shop again, for as long as it may, and decides each
// twice: with the settings its run followed, and with those proposed. It calls
// no provider and writes nothing.
func (a *App) WeighSettings(ctx context.Context, p access.Principal, in WeighSettings) (SettingsImpact, error) {
	if err := p.Require(access.ScopeSettingsWrite); err != nil {
		return SettingsImpact{}, err
	}
	b, err := a.bindingOf(ctx, p, in.BindingID)
	if err != nil {
		return SettingsImpact{}, err
	}
	ref, err := a.Bindings.FindReference(ctx, b.TenantID, b.ID)
	if err != nil {
		return SettingsImpact{}, fmt.Errorf("finding the reference data: %w", err)
	}
	newest, err := a.Bindings.FindSettings(ctx, b.TenantID, b.ID, b.SettingsVersion)
	if err != nil {
		return SettingsImpact{}, fmt.Errorf("finding the settings: %w", err)
	}
	provider, err := a.provider(b)
	if err != nil {
		return SettingsImpact{}, err
	}
	within, cancel := context.WithTimeout(ctx, cmp.Or(in.Within, weighingTime))
	defer cancel()
	out := SettingsImpact{
		Fields:  settings.Validate(in.Settings, ref, a.methodsOf(within, b), provider.Capabilities()),
		Changes: settings.Diff(newest.Settings, in.Settings),
	}
	w := weighing{App: a, binding: b, proposed: in.Settings}
	for _, kind := range []struct {
		status syncrun.Status
		count  *ImpactCount
		touch  func(before, after verdict) bool
	}{
		{syncrun.StatusHeld, &out.HeldReleased, isReleased},
		{syncrun.StatusFailed, &out.FailedReleased, isReleased},
		{syncrun.StatusSkipped, &out.SkippedReleased, isLetIn},
		{syncrun.StatusSucceeded, &out.Remapped, isRemapped},
	} {
		if *kind.count, err = w.weigh(ctx, within, kind.status, kind.touch); err != nil {
			return SettingsImpact{}, err
		}
	}
	return out, nil
}

func isReleased(before, after verdict) bool {
	return !before.isWhole() && after.isWhole()
}

func isLetIn(before, after verdict) bool {
	return before.SkipReason != "" && after.SkipReason == ""
}

func isRemapped(before, after verdict) bool {
	return before.Outcome == PreviewWrite && !before.isSame(after)
}

// weighing is one change of a binding's settings.
type weighing struct {
	*App
	binding  binding.Binding
	proposed settings.Settings
}

// weigh looks at the newest runs of a status as far as there is time within the
// second context.
func (w weighing) weigh(ctx, within context.Context, status syncrun.Status, touch func(before, after verdict) bool) (ImpactCount, error) {
	filter := ports.RunFilter{BindingID: w.binding.ID, Statuses: []syncrun.Status{status}}
	out := ImpactCount{Samples: []ImpactSample{}}
	var err error
	if out.Total, err = w.Runs.CountRuns(ctx, w.binding.TenantID, filter, MaxCount); err != nil {
		return out, fmt.Errorf("counting runs: %w", err)
	}
	if out.Total == 0 || within.Err() != nil {
		return out, nil
	}
	newest, err := w.Runs.ListRuns(ctx, w.binding.TenantID, filter, ports.Page{First: weighedRuns})
	if err != nil {
		return out, fmt.Errorf("listing runs: %w", err)
	}
	for some := range slices.Chunk(newest.Rows, weighedAtOnce) {
		if err := w.weighSome(ctx, within, some, touch, &out); err != nil {
			return out, err
		}
		if within.Err() != nil {
			break
		}
	}
	return out, nil
}

// weighSome decides some runs twice. What there was no time for is left out.
func (w weighing) weighSome(ctx, within context.Context, runs []syncrun.Run, touch func(before, after verdict) bool, out *ImpactCount) error {
	before, err := w.foresee(ctx, w.binding, nil, runs)
	if err != nil {
		return err
	}
	after, err := w.foresee(ctx, w.binding, &w.proposed, runs)
	if err != nil {
		return err
	}
	before.anew, after.anew = true, true
	err = guarded(func() error {
		before.readAll(within)
		after.takeRead(before)
		before.decideAll(ctx, within)
		after.decideAll(ctx, within)
		return nil
	})
	if err != nil {
		return fmt.Errorf("deciding documents: %w", err)
	}
	for i, run := range runs {
		was, is := before.works[i], after.works[i]
		if within.Err() != nil && (was.err != nil || is.err != nil) {
			continue
		}
		out.Examined++
		b, a := before.verdictOn(was), after.verdictOn(is)
		if !touch(b, a) {
			continue
		}
		out.Count++
		if len(out.Samples) < weighedSamples {
			changes, err := b.changesTo(a)
			if err != nil {
				return err
			}
			out.Samples = append(out.Samples, ImpactSample{
				RunID: run.ID, IncrementID: was.run.IncrementID, Before: b.Foreseen, After: a.Foreseen, Changes: changes,
			})
		}
	}
	return nil
}

// takeRead takes over what another foresight on the same runs read from the shop.
func (f *foresight) takeRead(from *foresight) {
	for i, w := range f.works {
		read := from.works[i]
		w.invoice, w.memo, w.customer, w.product = read.invoice, read.memo, read.customer, read.product
		w.run.IncrementID, w.run.Currency, w.run.ParentID = read.run.IncrementID, read.run.Currency, read.run.ParentID
		if read.err != nil {
			w.fail(read.err)
		}
	}
}
