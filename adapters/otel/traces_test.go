package otel_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"byte8.io/ledger/adapters/otel"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/domain/trail"
	"byte8.io/ledger/ports"
)

func kept() (*otel.Traces, *tracetest.InMemoryExporter) {
	spans := tracetest.NewInMemoryExporter()
	return otel.NewTraces(sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))), spans
}

const (
	oneTrace   = "4bf92f3577b34da6a3ce929d0e0e4736"
	otherTrace = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	one        = "00-" + oneTrace + "-00f067aa0ba902b7-01"
	other      = "00-" + otherTrace + "-00f067aa0ba902b8-01"
)

func links(span tracetest.SpanStub) string {
	var ids []string
	for _, link := range span.Links {
		ids = append(ids, link.SpanContext.TraceID().String())
	}
	return strings.Join(ids, " ")
}

func TestBatchOfOneIsPartOfItsTrace(t *testing.T) {
	t.Parallel()
	traces, spans := kept()
	_, end := traces.Begin(t.Context(), "deliver", one, "", "nonsense", one)
	end(fault.New(fault.CodeRateLimited, "jane@example.test has no calls left."))
	got := spans.GetSpans()[0]
	if got.SpanContext.TraceID().String() != oneTrace || len(got.Links) > 0 {
		t.Errorf("the span is of %s, linked to %q", got.SpanContext.TraceID(), links(got))
	}
	if got.Status.Description != "rate_limited" {
		t.Errorf("the span failed with %q; only the code may be told", got.Status.Description)
	}
}

func TestBatchOfSeveralIsLinkedToEach(t *testing.T) {
	t.Parallel()
	traces, spans := kept()
	ctx, end := traces.Begin(t.Context(), "deliver", one, other)
	traces.Outcome(ctx, ports.Outcome{
		Run:     syncrun.Run{ID: "run_1", TraceParent: one},
		Attempt: &syncrun.Attempt{StartedAt: start, FinishedAt: start.Add(time.Second)},
	})
	traces.Outcome(ctx, ports.Outcome{Run: syncrun.Run{ID: "run_2"}, Attempt: &syncrun.Attempt{}})
	end(nil)
	got := spans.GetSpans()
	if len(got) != 2 {
		t.Fatalf("there are %d spans, want the batch and the run that has a trace", len(got))
	}
	run, batch := got[0], got[1]
	if id := batch.SpanContext.TraceID().String(); id == oneTrace || id == otherTrace || links(batch) != oneTrace+" "+otherTrace {
		t.Errorf("the batch is of %s, linked to %q", id, links(batch))
	}
	if run.SpanContext.TraceID().String() != oneTrace || links(run) != batch.SpanContext.TraceID().String() {
		t.Errorf("the run is of %s, linked to %q", run.SpanContext.TraceID(), links(run))
	}
	if run.EndTime.Sub(run.StartTime) != time.Second {
		t.Errorf("the try took %s", run.EndTime.Sub(run.StartTime))
	}
}

func TestCallersTraceIsTakenFromAuthenticatedCallersOnly(t *testing.T) {
	t.Parallel()
	for name, isKnown := range map[string]bool{"a stranger": false, "a known caller": true} {
		traces, spans := kept()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", http.NoBody)
		r.Header.Set("Traceparent", one)
		ctx, end := traces.Request(r.Context(), r)
		inner, done := traces.Begin(ctx, "inner")
		if isKnown {
			traces.Trust(inner)
		}
		done(nil)
		end("POST /graphql", http.StatusOK)
		got := spans.GetSpans()[1]
		if got.Name != "POST /graphql" || got.SpanContext.TraceID().String() == oneTrace {
			t.Errorf("%s: the span %q is of the caller's trace", name, got.Name)
		}
		if (links(got) == oneTrace) != isKnown {
			t.Errorf("%s: the span is linked to %q", name, links(got))
		}
	}
}

func TestWithoutTracesNothingIsMade(t *testing.T) {
	t.Parallel()
	var off otel.Traces
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", http.NoBody)
	ctx, end := off.Request(r.Context(), r)
	off.Trust(ctx)
	ctx, done := off.Begin(ctx, "deliver", one)
	off.Outcome(ctx, ports.Outcome{Run: syncrun.Run{TraceParent: one}, Attempt: &syncrun.Attempt{}})
	done(nil)
	end("", http.StatusOK)
	if ctx != r.Context() || off.Parent(ctx) != "" {
		t.Error("a context was changed, or has a parent")
	}
}

func TestLinesSayWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	traces, _ := kept()
	var text strings.Builder
	log := slog.New(otel.NewLogHandler(slog.NewTextHandler(&text, nil))).With("worker", "w")
	ctx := trail.WithRequest(t.Context(), "request-1")
	trail.NoteTenant(ctx, "tenant-1")
	ctx = trail.WithRuns(ctx, []string{"run_1", "run_2"})
	ctx, end := traces.Begin(ctx, "deliver", one)
	log.InfoContext(ctx, "said")
	end(nil)
	log.InfoContext(t.Context(), "alone")
	for name, ctx := range map[string]func(context.Context, string) context.Context{"job_id": trail.WithJob, "delivery_id": trail.WithDelivery} {
		before := text.Len()
		log.InfoContext(ctx(trail.WithTenant(t.Context(), "tenant-2"), "id-7"), "step")
		if got := text.String()[before:]; !strings.Contains(got, name+"=id-7") || !strings.Contains(got, "tenant_id=tenant-2") {
			t.Errorf("%q does not say %s and its tenant", got, name)
		}
	}
	lines := strings.Split(text.String(), "\n")
	about, alone := lines[0], lines[1]
	for _, want := range []string{"request_id=request-1", "tenant_id=tenant-1", "run_1", "run_2", "trace_id=" + oneTrace, "worker=w"} {
		if !strings.Contains(about, want) {
			t.Errorf("%q does not say %q", about, want)
		}
	}
	if strings.Contains(alone, "_id=") {
		t.Errorf("%q is about something", alone)
	}
}
