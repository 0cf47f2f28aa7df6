package otel

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"byte8.io/ledger/domain/trail"
)

// NewLogHandler has each line say which request, tenant, runs, job, webhook
// delivery and trace it is about, as far as its context knows.
func NewLogHandler(next slog.Handler) slog.Handler { return logHandler{next} }

type logHandler struct{ slog.Handler }

// Handle implements [slog.Handler].
func (h logHandler) Handle(ctx context.Context, record slog.Record) error {
	about := trail.Of(ctx)
	if id := about.RequestID(); id != "" {
		record.AddAttrs(slog.String("request_id", id))
	}
	if tenant := about.Tenant(); tenant != "" {
		record.AddAttrs(slog.String("tenant_id", string(tenant)))
	}
	if runs := about.RunIDs(); len(runs) > 0 {
		record.AddAttrs(slog.Any("run_ids", runs))
	}
	if id := about.JobID(); id != "" {
		record.AddAttrs(slog.String("job_id", id))
	}
	if id := about.DeliveryID(); id != "" {
		record.AddAttrs(slog.String("delivery_id", id))
	}
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()))
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs implements [slog.Handler].
func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements [slog.Handler].
func (h logHandler) WithGroup(name string) slog.Handler { return logHandler{h.Handler.WithGroup(name)} }
