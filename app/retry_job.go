package app

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

const (
	// openWindow is how many bulk runs of a binding, or callbacks of a store, may be
	// open while a job adds more: enough to fill batches, few enough that live work
	// meets no long queue and that cancelling ends what is not yet due.
	openWindow = 500
	// retryChunk is how many runs one step makes due.
	retryChunk = 100
	// windowPause is how long a job waits for open work to be done.
	windowPause = time.Second
)

// retryInput is the input of a retry job as it is stored.
type retryInput struct {
	Bindings     []string            `json:"bindings"`
	Provider     binding.Provider    `json:"provider,omitempty"`
	Statuses     []syncrun.Status    `json:"statuses"`
	SkipReason   syncrun.SkipReason  `json:"skip_reason,omitempty"`
	ErrorCode    fault.Code          `json:"error_code,omitempty"`
	EntityType   commerce.EntityType `json:"entity_type,omitempty"`
	MagentoID    int64               `json:"magento_id,omitempty"`
	Event        commerce.EventName  `json:"event,omitempty"`
	Text         string              `json:"text,omitempty"`
	CreatedFrom  *time.Time          `json:"created_from,omitempty"`
	CreatedTo    *time.Time          `json:"created_to"`
	KeepSettings bool                `json:"keep_settings"`
}

func newRetryInput(f ports.RunFilter, choice RetrySettings, parts []retryPart) retryInput {
	in := retryInput{
		Provider: f.Provider, Statuses: f.Statuses, SkipReason: f.SkipReason, ErrorCode: f.ErrorCode, EntityType: f.EntityType,
		MagentoID: f.MagentoID, Event: f.Event, Text: f.Text, CreatedFrom: f.CreatedFrom, CreatedTo: f.CreatedTo,
		KeepSettings: choice == SettingsOriginal,
	}
	for _, part := range parts {
		in.Bindings = append(in.Bindings, part.binding.ID)
	}
	return in
}

// filter is the runs of one binding in one status.
func (in retryInput) filter(bindingID string, status syncrun.Status) ports.RunFilter {
	return ports.RunFilter{
		Provider: in.Provider, BindingID: bindingID, Statuses: []syncrun.Status{status}, SkipReason: in.SkipReason, ErrorCode: in.ErrorCode,
		EntityType: in.EntityType, MagentoID: in.MagentoID, Event: in.Event, Text: in.Text, CreatedFrom: in.CreatedFrom, CreatedTo: in.CreatedTo,
	}
}

// retryCursor is how far a retry job is, by binding and status: those runs are in
// the order of an index.
type retryCursor struct {
	// After is where the next part begins.
	After map[string]string `json:"after"`
	// Done are those without more.
	Done map[string]bool `json:"done"`
}

// after is the cursor once a part was done.
func (c retryCursor) after(lane string, did ports.Retried) retryCursor {
	next := retryCursor{After: maps.Clone(c.After), Done: maps.Clone(c.Done)}
	if next.After == nil {
		next.After, next.Done = map[string]string{}, map[string]bool{}
	}
	if did.Cursor == "" {
		delete(next.After, lane)
		next.Done[lane] = true
	} else {
		next.After[lane] = did.Cursor
	}
	return next
}

// retryStep makes the next runs of one binding due, the first that has room, and
// stores the job with them.
func (a *App) retryStep(ctx context.Context, j job.Job) (job.Job, error) {
	var in retryInput
	var cursor retryCursor
	if err := readJob(j, &in, &cursor); err != nil {
		return job.Job{}, err
	}
	for _, id := range in.Bindings {
		left := slices.IndexFunc(in.Statuses, func(s syncrun.Status) bool { return !cursor.Done[laneOf(id, s)] })
		if left < 0 {
			continue
		}
		open, err := a.Jobs.CountOpenBulk(ctx, j.TenantID, id, openWindow)
		if err != nil {
			return job.Job{}, fmt.Errorf("counting open runs: %w", err)
		}
		if openWindow-open < retryChunk {
			continue
		}
		return a.retryOf(ctx, j, in, cursor, id, in.Statuses[left])
	}
	return a.saveJob(ctx, j.Advance(0, 0, j.Cursor, a.Now().Add(windowPause)))
}

// laneOf names a binding's runs of one status in the cursor.
func laneOf(bindingID string, status syncrun.Status) string { return bindingID + ":" + string(status) }

func (a *App) retryOf(ctx context.Context, j job.Job, in retryInput, cursor retryCursor, bindingID string, status syncrun.Status) (job.Job, error) {
	b, err := a.Bindings.FindBinding(ctx, j.TenantID, bindingID)
	if err != nil {
		return job.Job{}, fmt.Errorf("finding the binding: %w", err)
	}
	lane := laneOf(bindingID, status)
	after := cursor.After[lane]
	if after == "" && status == syncrun.StatusHeld {
		a.renewReference(ctx, b)
	}
	now := a.Now()
	part := ports.RetryPart{
		Filter: in.filter(bindingID, status), After: after, Limit: retryChunk, EndedBefore: j.CreatedAt, KeepSettings: in.KeepSettings,
	}
	saved, err := a.Jobs.RetryRuns(ctx, j, part, now, func(did ports.Retried) job.Job {
		next := cursor.after(lane, did)
		// A map of texts can always be written.
		text, _ := json.Marshal(next)
		advanced := j.Advance(did.Runs, 0, text, now)
		if len(next.Done) == len(in.Bindings)*len(in.Statuses) {
			return advanced.Finish(now)
		}
		return advanced
	})
	if err != nil {
		return job.Job{}, fmt.Errorf("queueing runs again: %w", err)
	}
	if saved.Done > j.Done {
		// Once for a job's binding: its further parts are told as workers take them,
		// which nobody does while the binding is not active.
		if after == "" || b.Status != binding.StatusActive {
			a.publishMany(ctx, []binding.Binding{b})
		}
		if b.Status == binding.StatusActive {
			a.nudgeBinding(ctx, j.TenantID, b.ID)
		}
	}
	return saved, nil
}
