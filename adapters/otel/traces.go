package otel

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// traceHeader is W3C's name of the header, and of a stored trace context.
const traceHeader = "traceparent"

// Traces makes spans. The zero value makes none and costs next to nothing.
// Spans carry ids, names and codes, and nothing of documents or people.
type Traces struct{ tracer trace.Tracer }

var _ ports.Traces = (*Traces)(nil)

// NewTraces makes spans with a provider.
func NewTraces(provider trace.TracerProvider) *Traces {
	return &Traces{provider.Tracer("byte8.io/ledger")}
}

// Export makes spans that are sent by OTLP over HTTP to an endpoint's /v1/traces.
// Headers, sampling and the service's name are what the variables of
// OpenTelemetry say. The function sends what is left and ends it.
func Export(ctx context.Context, endpoint, version string) (*Traces, func(context.Context) error, error) {
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(strings.TrimRight(endpoint, "/")+"/v1/traces"))
	if err != nil {
		return nil, nil, fmt.Errorf("setting the export of traces up: %w", err)
	}
	own, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "byte8-ledger"), attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		return nil, nil, fmt.Errorf("naming the service in traces: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(own))
	return NewTraces(provider), provider.Shutdown, nil
}

// Begin implements [ports.Traces].
func (t *Traces) Begin(ctx context.Context, name string, parents ...string) (context.Context, func(error)) {
	if t.tracer == nil {
		return ctx, func(error) {}
	}
	var options []trace.SpanStartOption
	switch known := spansOf(ctx, parents); len(known) {
	case 0:
	case 1:
		ctx = trace.ContextWithRemoteSpanContext(ctx, known[0])
	default:
		links := make([]trace.Link, len(known))
		for i, parent := range known {
			links[i].SpanContext = parent
		}
		options = append(options, trace.WithNewRoot(), trace.WithLinks(links...))
	}
	ctx, span := t.tracer.Start(ctx, name, options...)
	return ctx, func(err error) {
		if err != nil {
			code := string(fault.CodeOf(err))
			span.SetStatus(codes.Error, code)
			span.SetAttributes(attribute.String("error.type", code))
		}
		span.End()
	}
}

// Parent is the context's span as a stored trace context; empty for none.
func (t *Traces) Parent(ctx context.Context) string {
	if t.tracer == nil {
		return ""
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier[traceHeader]
}

// Outcome makes a run's try a span of the run's own trace, linked to the batch.
func (t *Traces) Outcome(ctx context.Context, o ports.Outcome) {
	if t.tracer == nil || o.Attempt == nil {
		return
	}
	parents := spansOf(ctx, []string{o.Run.TraceParent})
	if len(parents) == 0 {
		return
	}
	batch := trace.LinkFromContext(ctx)
	_, span := t.tracer.Start(trace.ContextWithRemoteSpanContext(ctx, parents[0]), "run",
		trace.WithTimestamp(o.Attempt.StartedAt), trace.WithLinks(batch),
		trace.WithAttributes(
			attribute.String("ledger.run", o.Run.ID), attribute.String("ledger.event", string(o.Run.Event)),
			attribute.String("ledger.outcome", string(o.Run.Status)), attribute.String("ledger.code", string(o.Run.ErrorCode))))
	span.End(trace.WithTimestamp(o.Attempt.FinishedAt))
}

type claimedKey struct{}

// Request begins the span of a request, in a trace of its own: whose trace the
// caller says it is part of is not believed before [Traces.Trust].
func (t *Traces) Request(ctx context.Context, r *http.Request) (context.Context, func(route string, status int)) {
	if t.tracer == nil {
		return ctx, func(string, int) {}
	}
	if claimed := r.Header.Get(traceHeader); claimed != "" {
		ctx = context.WithValue(ctx, claimedKey{}, claimed)
	}
	ctx, span := t.tracer.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer))
	return context.WithValue(ctx, requestKey{}, span), func(route string, status int) {
		if route != "" {
			span.SetName(route)
		}
		span.SetAttributes(attribute.Int("http.response.status_code", status))
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

type requestKey struct{}

// Trust links a request's span to the trace that its caller named. Call it once
// the caller is authenticated.
func (t *Traces) Trust(ctx context.Context) {
	claimed, ok := ctx.Value(claimedKey{}).(string)
	if !ok {
		return
	}
	span, ok := ctx.Value(requestKey{}).(trace.Span)
	if !ok {
		return
	}
	for _, caller := range spansOf(ctx, []string{claimed}) {
		span.AddLink(trace.Link{SpanContext: caller})
	}
}

// spansOf reads trace contexts, each once, without those that cannot be read.
func spansOf(ctx context.Context, parents []string) []trace.SpanContext {
	ctx = trace.ContextWithSpanContext(ctx, trace.SpanContext{})
	var out []trace.SpanContext
	seen := make(map[string]bool, len(parents))
	for _, parent := range parents {
		if parent == "" || seen[parent] {
			continue
		}
		seen[parent] = true
		read := propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{traceHeader: parent})
		if span := trace.SpanContextFromContext(read); span.IsValid() {
			out = append(out, span)
		}
	}
	return out
}
