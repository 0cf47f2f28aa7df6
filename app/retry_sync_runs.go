package app

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// RetrySyncRuns says which runs are retried, and how.
type RetrySyncRuns struct {
	// Which are the held, failed and skipped runs that fit.
	Which    ListSyncRuns
	Settings RetrySettings
	// DryRun only counts.
	DryRun bool
}

// RetryPreview is what a retry takes.
type RetryPreview struct {
	// Runs is how many would be due again, up to [MaxCount].
	Runs int
	// Calls is about how many calls to the provider that takes, and Takes about how
	// long, with the share of its limits that bulk work may use.
	Calls int
	Takes time.Duration
}

// RetrySyncRuns makes a job that makes held and failed runs due again, and skipped
// ones where they are named by status or reason, and says what that takes. There is no job when only asked for the preview, or when no run
// fits. The job takes runs that are there now, each at most once.
func (a *App) RetrySyncRuns(ctx context.Context, p access.Principal, in RetrySyncRuns) (RetryPreview, *job.Job, error) {
	if err := p.Require(access.ScopeRunsRetry); err != nil {
		return RetryPreview{}, nil, err
	}
	if in.Settings != SettingsOriginal && in.Settings != SettingsCurrent {
		return RetryPreview{}, nil, invalidField("settings", "settings is ORIGINAL or CURRENT.")
	}
	for _, status := range in.Which.Statuses {
		if status != syncrun.StatusHeld && status != syncrun.StatusFailed && status != syncrun.StatusSkipped {
			return RetryPreview{}, nil, invalidField("filter.status", "Only runs that are held, failed or skipped are retried in numbers.")
		}
	}
	filter, some, err := a.runFilter(ctx, p, in.Which)
	if err != nil || !some {
		return RetryPreview{}, nil, err
	}
	switch {
	case len(filter.Statuses) > 0:
	case filter.SkipReason != "":
		filter.Statuses = []syncrun.Status{syncrun.StatusSkipped}
	default:
		filter.Statuses = []syncrun.Status{syncrun.StatusHeld, syncrun.StatusFailed}
	}
	filter.Statuses = slices.Compact(slices.Sorted(slices.Values(filter.Statuses)))
	now := a.Now()
	if filter.CreatedTo == nil || filter.CreatedTo.After(now) {
		filter.CreatedTo = &now
	}
	parts, total, err := a.retryParts(ctx, p, filter)
	if err != nil {
		return RetryPreview{}, nil, err
	}
	preview := a.retryPreview(parts)
	if in.DryRun || total == 0 {
		return preview, nil, nil
	}
	input, err := json.Marshal(newRetryInput(filter, in.Settings, parts))
	if err != nil {
		return RetryPreview{}, nil, fmt.Errorf("writing the job's input: %w", err)
	}
	bindingID := ""
	if len(parts) == 1 {
		bindingID = parts[0].binding.ID
	}
	j, err := a.createJob(ctx, p, job.Job{Kind: job.Retry, BindingID: bindingID, Input: input, Total: total, CreatedAt: now})
	if err != nil {
		return RetryPreview{}, nil, err
	}
	return preview, &j, nil
}

// retryPart is the runs to retry of one binding.
type retryPart struct {
	binding binding.Binding
	runs    int
}

// retryParts counts the runs by binding, leaving out bindings without any and those
// that were disconnected for good.
func (a *App) retryParts(ctx context.Context, p access.Principal, filter ports.RunFilter) ([]retryPart, int, error) {
	bindings, err := a.bindingsOf(ctx, p.TenantID, ports.BindingFilter{Provider: filter.Provider, ID: filter.BindingID})
	if err != nil {
		return nil, 0, err
	}
	var parts []retryPart
	total := 0
	for _, b := range bindings {
		if !b.Status.IsLive() {
			continue
		}
		filter.BindingID = b.ID
		n, err := a.Runs.CountRuns(ctx, p.TenantID, filter, math.MaxInt32)
		if err != nil {
			return nil, 0, fmt.Errorf("counting runs: %w", err)
		}
		if n > 0 {
			parts, total = append(parts, retryPart{b, n}), total+n
		}
	}
	return parts, total, nil
}

const (
	// callsPerBatch is about how many calls a batch of documents takes: one each for
	// the contacts, the documents, and their payments or look-ups.
	callsPerBatch = 3
	// bulkPercent is the share of a provider's limits that bulk work may use.
	bulkPercent = 85
)

// retryPreview estimates what the parts take. Organisations have limits of their
// own, so that the slowest one decides.
func (a *App) retryPreview(parts []retryPart) RetryPreview {
	var preview RetryPreview
	loads := map[string]int{}
	for _, part := range parts {
		preview.Runs += part.runs
		provider, err := a.provider(part.binding)
		if err != nil {
			continue
		}
		can := provider.Capabilities()
		batch := max(can.BatchSize, 1)
		calls := (part.runs + batch - 1) / batch * callsPerBatch
		preview.Calls += calls
		organisation := string(part.binding.Provider) + ":" + part.binding.Organisation.ID
		loads[organisation] += calls
		preview.Takes = max(preview.Takes, timeOf(loads[organisation], can.Limits.PerMinute, can.Limits.PerDay))
	}
	preview.Runs = min(preview.Runs, MaxCount)
	return preview
}

// timeOf is how long calls take with the bulk share of the limits; 0 means no limit.
func timeOf(calls, perMinute, perDay int) time.Duration {
	var takes time.Duration
	if share := perMinute * bulkPercent / 100; share > 0 {
		takes = time.Duration(calls) * time.Minute / time.Duration(share)
	}
	if share := perDay * bulkPercent / 100; share > 0 {
		takes = max(takes, time.Duration(calls/share)*24*time.Hour)
	}
	return takes
}
