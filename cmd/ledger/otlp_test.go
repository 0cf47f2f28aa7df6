package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/alecthomas/kong"
	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// otlpReceiver is a receiver of spans by OTLP over HTTP.
type otlpReceiver struct {
	mu sync.Mutex
	// got are the resources' spans as they arrived.
	got []*tracepb.ResourceSpans
}

// ServeHTTP implements [http.Handler].
func (c *otlpReceiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var request collectorpb.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" || proto.Unmarshal(body, &request) != nil {
		http.Error(w, "no spans", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, request.GetResourceSpans()...)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// TestSpansReachACollector has the ledger send the spans of one invoice as an
// operator's collector gets them. What is left goes when the ledger is closed.
func TestSpansReachACollector(t *testing.T) {
	t.Parallel()
	collector := &otlpReceiver{}
	server := httptest.NewServer(collector)
	t.Cleanup(server.Close)
	var cli commands
	parser, err := kong.New(&cli)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"serve", "--data-dir", t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	cli.OTLPEndpoint = server.URL + "/"
	if err := cli.complete(); err != nil {
		t.Fatal(err)
	}
	cli.logLevel = slog.LevelDebug
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	d, err := startDemo(ctx, cli.Config, demoCommand{Seed: 1}, streams{out: io.Discard, err: &lockedBuffer{}})
	if err != nil {
		t.Fatal(err)
	}
	bindingID, err := d.connect(ctx, io.Discard)
	if err == nil {
		err = d.configure(ctx, bindingID)
	}
	if err == nil {
		err = d.shop.post(ctx, "/_sandbox/raise", map[string]any{"invoices": 1, "seed": 1}, nil)
	}
	if err == nil {
		err = d.watch(ctx, io.Discard)
	}
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := d.group.Wait(); err != nil {
		t.Error(err)
	}
	if err := d.ledger.close(); err != nil {
		t.Error(err)
	}
	collector.check(t)
}

// check looks for a trace from the webhook to the chip, and at who sent it.
func (c *otlpReceiver) check(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	byTrace := map[string][]string{}
	for _, resource := range c.got {
		about := map[string]string{}
		for _, a := range resource.GetResource().GetAttributes() {
			about[a.GetKey()] = a.GetValue().GetStringValue()
		}
		if about["service.name"] != "byte8-ledger" || about["service.version"] != version {
			t.Fatalf("the spans are of %v", about)
		}
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				if span.GetEndTimeUnixNano() < span.GetStartTimeUnixNano() {
					t.Errorf("%s ends before it starts", span.GetName())
				}
				byTrace[string(span.GetTraceId())] = append(byTrace[string(span.GetTraceId())], span.GetName())
			}
		}
	}
	wanted := []string{"POST /webhooks/magento/{tenant}/{event}", "store event", "run", "tell the shop", "shop put_sync_state"}
	for _, names := range byTrace {
		if !slices.ContainsFunc(wanted, func(name string) bool { return !slices.Contains(names, name) }) {
			return
		}
	}
	t.Errorf("no trace of %d that arrived has all of %q", len(byTrace), wanted)
}
