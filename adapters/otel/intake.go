package otel

import (
	"context"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// Intake counts events, and has the runs of an event go on with its trace.
func (o *Observer) Intake(next ports.Intake) ports.Intake { return &intake{next, o} }

type intake struct {
	ports.Intake
	*Observer
}

// Accept implements [ports.Intake]. Only events of authenticated shops get here.
func (i *intake) Accept(ctx context.Context, token ports.TokenUse, event syncrun.Event, runs []syncrun.Run) ([]ports.Accepted, error) {
	i.traces.Trust(ctx)
	ctx, end := i.traces.Begin(ctx, "store event")
	parent := i.traces.Parent(ctx)
	for n := range runs {
		runs[n].TraceParent = parent
	}
	accepted, err := i.Intake.Accept(ctx, token, event, runs)
	end(err)
	i.metrics.events.WithLabelValues(eventLabel(event), acceptance(event, accepted, err)).Inc()
	return accepted, err
}

// eventLabel is the event's name where it is one we know: the name is the shop's.
func eventLabel(event syncrun.Event) string {
	if _, known := event.Name.Entity(); known {
		return string(event.Name)
	}
	return "other"
}

func acceptance(event syncrun.Event, accepted []ports.Accepted, err error) string {
	switch {
	case fault.KindOf(err) == fault.Unauthenticated && err != nil:
		return "refused"
	case err != nil:
		return "failed"
	case event.Ignored:
		return "ignored"
	}
	for _, a := range accepted {
		if a.IsNew {
			return "accepted"
		}
	}
	return "repeated"
}
