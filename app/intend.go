package app

import (
	"context"
	"encoding/json"
	"fmt"

	"byte8.io/ledger/app/failpoint"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// intend records what is about to be sent, exactly, and returns the works that
// may be sent. A work whose run was claimed by somebody else is not.
func (d *delivery) intend(ctx context.Context, works []*work, operation syncrun.Operation, document func(*work) any) []*work {
	var ready []*work
	var intents []ports.RunIntent
	for _, w := range works {
		if w.ended || w.lost.Load() {
			continue
		}
		body, err := json.Marshal(document(w))
		if err != nil {
			w.fail(fmt.Errorf("encoding the document: %w", err))
			continue
		}
		intent := syncrun.NewIntent(w.run, d.binding.Organisation.ID, operation, body, w.nextEpoch(operation), d.Now())
		w.before, w.run.Intent = w.run.Intent, &intent
		ready = append(ready, w)
		intents = append(intents, ports.RunIntent{Lease: w.lease, Intent: intent})
	}
	if len(ready) == 0 {
		return nil
	}
	if err := d.Runs.RecordIntents(ctx, intents); err != nil {
		for _, w := range ready {
			w.run.Intent = w.before
			w.fail(fmt.Errorf("recording what is about to be sent: %w", err))
		}
		return nil
	}
	failpoint.Hit("intent.after")
	return ready
}

// settleFault ends a work by a fault of its write, and says what the intent is
// worth now: open while the outcome is unknown, as before when nothing was
// sent, settled after a definite refusal.
func (d *delivery) settleFault(w *work, err error) {
	if w.request == nil && w.run.Intent != nil {
		w.request = w.run.Intent.Document
	}
	switch fault.KindOf(err) {
	case fault.Uncertain, fault.Internal:
		err = fault.Wrap(fault.CodeProviderUncertain, "The provider's answer was lost.", err)
	case fault.Throttled, fault.Unavailable, fault.Unlinked:
		w.run.Intent = w.before
	default:
		w.settle(d.Now())
	}
	w.fail(err)
}
