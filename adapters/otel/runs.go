package otel

import (
	"cmp"
	"context"

	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// Runs counts what becomes of runs, and tells each one's trace of it.
func (o *Observer) Runs(next ports.Runs) ports.Runs { return &runs{next, o} }

type runs struct {
	ports.Runs
	*Observer
}

// RecordOutcomes implements [ports.Runs].
func (r *runs) RecordOutcomes(ctx context.Context, outcomes []ports.Outcome) []error {
	recorded := r.Runs.RecordOutcomes(ctx, outcomes)
	for i, o := range outcomes {
		if i < len(recorded) && recorded[i] == nil {
			r.note(ctx, o)
		}
	}
	return recorded
}

func (r *runs) note(ctx context.Context, o ports.Outcome) {
	provider, event := string(o.Run.Provider), string(o.Run.Event)
	code := cmp.Or(string(o.Run.ErrorCode), string(o.Run.SkipReason))
	r.metrics.runOutcomes.WithLabelValues(provider, event, string(o.Run.Status), code).Inc()
	if o.Run.Status == syncrun.StatusSucceeded && o.Run.FinishedAt != nil {
		r.metrics.runSeconds.WithLabelValues(provider, event).Observe(o.Run.FinishedAt.Sub(o.Run.CreatedAt).Seconds())
	}
	r.traces.Outcome(ctx, o)
}
