package otel

import (
	"context"
	"time"

	"byte8.io/ledger/domain/fault"
)

// Observer wraps ports so that what goes through them is counted and traced.
type Observer struct {
	metrics *Metrics
	traces  *Traces
	now     func() time.Time
}

// NewObserver makes an observer.
func NewObserver(m *Metrics, t *Traces, now func() time.Time) *Observer {
	return &Observer{m, t, now}
}

// watch begins a span. The function ends it and tells the result, ok or an
// error code, and the time that it took.
func (o *Observer) watch(ctx context.Context, span string) (context.Context, func(error) (string, time.Duration)) {
	began := o.now()
	ctx, end := o.traces.Begin(ctx, span)
	return ctx, func(err error) (string, time.Duration) {
		end(err)
		return resultOf(err), o.now().Sub(began)
	}
}

func resultOf(err error) string {
	if err == nil {
		return "ok"
	}
	return string(fault.CodeOf(err))
}
