package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"byte8.io/ledger/adapters/otel"
)

// traced is a shop, a Xero and a ledger whose spans are kept.
type traced struct {
	*demo
	spans *tracetest.InMemoryExporter
	log   *lockedBuffer
}

func startTraced(t *testing.T) *traced {
	t.Helper()
	var cli commands
	parser, err := kong.New(&cli)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"serve", "--data-dir", t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	if err := cli.complete(); err != nil {
		t.Fatal(err)
	}
	cli.logLevel = slog.LevelDebug
	w := &traced{spans: tracetest.NewInMemoryExporter(), log: &lockedBuffer{}}
	traces := otel.NewTraces(sdktrace.NewTracerProvider(sdktrace.WithSyncer(w.spans)))
	ctx, cancel := context.WithCancel(t.Context())
	w.demo, err = startDemo(ctx, cli.Config, demoCommand{Seed: 1}, streams{out: io.Discard, err: w.log}, withTraces(traces))
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := w.group.Wait(); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
		if err := w.ledger.close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// await waits until the spans of one trace have all the names.
func (w *traced) await(t *testing.T, names ...string) []tracetest.SpanStub {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		byTrace := map[string][]tracetest.SpanStub{}
		for _, span := range w.spans.GetSpans() {
			id := span.SpanContext.TraceID().String()
			byTrace[id] = append(byTrace[id], span)
		}
		for _, spans := range byTrace {
			hasAll := !slices.ContainsFunc(names, func(name string) bool {
				return !slices.ContainsFunc(spans, func(s tracetest.SpanStub) bool { return s.Name == name })
			})
			if hasAll {
				return spans
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	var seen []string
	for _, span := range w.spans.GetSpans() {
		seen = append(seen, span.SpanContext.TraceID().String()[:6]+" "+span.Name)
	}
	t.Fatalf("no trace has all of %q; there are %q\n%s", names, seen, w.log.String())
	return nil
}

// TestOneTraceFromWebhookToCallback puts an invoice from a shop into Xero, over
// HTTP and through a database.
func TestOneTraceFromWebhookToCallback(t *testing.T) {
	t.Parallel()
	w := startTraced(t)
	ctx := t.Context()
	bindingID, err := w.connect(ctx, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.configure(ctx, bindingID); err != nil {
		t.Fatal(err)
	}
	if err := w.shop.post(ctx, "/_sandbox/raise", map[string]any{"invoices": 1, "seed": 1, "perSecond": 30}, nil); err != nil {
		t.Fatal(err)
	}
	spans := w.await(t, "POST /webhooks/magento/{tenant}/{event}", "store event", "deliver", "shop invoice", "map invoices", "xero put_invoices", "run", "tell the shop", "shop put_sync_state")
	for _, span := range spans {
		for _, a := range span.Attributes {
			if text := a.Value.String(); strings.Contains(text, "@") || strings.Contains(text, w.api.bearer) {
				t.Errorf("the span %s says %s = %s", span.Name, a.Key, text)
			}
		}
	}
	w.checkLog(t, spans[0].SpanContext.TraceID().String())
}

// checkLog looks at what was logged on every level.
func (w *traced) checkLog(t *testing.T, traceID string) {
	t.Helper()
	isNamed := false
	for line := range strings.Lines(w.log.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("%q is not JSON: %v", line, err)
		}
		if entry["trace_id"] == traceID && entry["route"] == "POST /webhooks/magento/{tenant}/{event}" {
			isNamed = true
			if entry["request_id"] == nil || entry["tenant_id"] != w.tenant {
				t.Errorf("the webhook's line is %s", line)
			}
		}
	}
	if !isNamed {
		t.Errorf("no line names the webhook with the trace %s:\n%s", traceID, w.log.String())
	}
}

const canary = "canary-4f1d9c-secret"

// ask sends a request whose every part that must not be logged has the canary.
func ask(t *testing.T, url, method, path, body string, header http.Header) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

func TestNothingSecretIsLogged(t *testing.T) {
	t.Parallel()
	s, log := openObserved(t, "--log-level", "debug")
	key := s.made.APIKey
	for _, bearer := range []string{canary, key, ""} {
		for _, call := range []struct{ method, path, body string }{
			{"POST", "/graphql?token=" + canary, `{"query":"query { syncStates(entityType: INVOICE, magentoIds: [\"1\"]) { status } }","variables":{"v":"` + canary + `"}}`},
			{"POST", "/graphql", `{"query":"mutation { createWebhookEndpoint(input: {url: \"` + canary + `\"}) { secret } }"}`},
			{"POST", "/graphql", canary},
			{"GET", "/graphql?query=" + canary, ""},
			{"POST", "/webhooks/magento/" + string(s.made.Tenant.ID) + "/invoice.created?x=" + canary, canary},
			{"GET", "/v1/status?entity_type=invoice&entity_id=" + canary, ""},
			{"GET", "/oauth/xero/callback?code=" + canary + "&state=" + canary, ""},
			{"GET", "/reset-password?token=" + canary, ""},
			{"GET", "/metrics?x=" + canary, ""},
			{"GET", "/" + canary, ""},
			{canary, "/graphql", ""},
		} {
			header := http.Header{"X-Request-Id": {canary + "!"}, "Cookie": {"ledger_session=" + canary}, "X-Canary": {canary}, "Traceparent": {canary}}
			if bearer != "" {
				header.Set("Authorization", "Bearer "+bearer)
			}
			ask(t, s.url, call.method, call.path, call.body, header)
		}
	}
	text := log.String()
	if strings.Contains(text, canary) || strings.Contains(text, key) {
		t.Errorf("a secret was logged:\n%s", text)
	}
	if !strings.Contains(text, `"route":"POST /webhooks/magento/{tenant}/{event}"`) && !strings.Contains(text, `"route":"/graphql"`) {
		t.Errorf("requests were not logged:\n%s", text)
	}
}

// openObserved is a server that logs as in production.
func openObserved(t *testing.T, flags ...string) (*site, *lockedBuffer) {
	t.Helper()
	s := openSite(t, flags...)
	log := &lockedBuffer{}
	s.ledger.log = slog.New(otel.NewLogHandler(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	s.app.Log = s.ledger.log
	server := httptest.NewServer(s.handler())
	t.Cleanup(server.Close)
	s.url = server.URL
	return s, log
}

func TestRequestIDsComeBack(t *testing.T) {
	t.Parallel()
	s, log := openObserved(t)
	for sent, isKept := range map[string]bool{"caller-0001.a_B": true, "short": false, "with blanks in it": false, strings.Repeat("x", 65): false, "": false} {
		response := ask(t, s.url, "POST", "/graphql", `{"query":"{ bindings(first: 1) { totalCount } }"}`, http.Header{"X-Request-Id": {sent}, "Content-Type": {"application/json"}})
		got := response.header.Get("X-Request-Id")
		if (got == sent) != isKept || len(got) < 8 {
			t.Errorf("X-Request-Id %q came back as %q", sent, got)
		}
		if !strings.Contains(response.body, got) {
			t.Errorf("the error does not name the request %s: %s", got, response.body)
		}
		if !strings.Contains(log.String(), got) {
			t.Errorf("no line names the request %s", got)
		}
	}
}

func TestMetricsAreNotForEverybody(t *testing.T) {
	t.Parallel()
	token := strings.Repeat("t", shortestToken)
	local, public, guarded := openSite(t), openSite(t, "--public-url", "https://ledger.example"), openSite(t, "--public-url", "https://ledger.example", "--metrics-token", token)
	for name, tt := range map[string]struct {
		site   *site
		header http.Header
		want   int
	}{
		"this machine, public URL localhost":   {local, http.Header{}, http.StatusOK},
		"through a proxy":                      {local, http.Header{"X-Forwarded-For": {"203.0.113.9"}}, http.StatusNotFound},
		"this machine, public URL elsewhere":   {public, http.Header{}, http.StatusNotFound},
		"a token nobody set":                   {public, http.Header{"Authorization": {"Bearer "}}, http.StatusNotFound},
		"with the token":                       {guarded, http.Header{"Authorization": {"Bearer " + token}}, http.StatusOK},
		"with a wrong token":                   {guarded, http.Header{"Authorization": {"Bearer " + token + "x"}}, http.StatusUnauthorized},
		"without the token, from this machine": {guarded, http.Header{}, http.StatusUnauthorized},
	} {
		response := ask(t, tt.site.url, "GET", "/metrics", "", tt.header)
		if response.status != tt.want {
			t.Errorf("%s: %d, want %d", name, response.status, tt.want)
		}
	}
	if body := ask(t, local.url, "GET", "/metrics", "", http.Header{}).body; !strings.Contains(body, "ledger_backlog_readable 1") {
		t.Errorf("a scrape says %.300s", body)
	}
}

func TestReadyWithoutRedis(t *testing.T) {
	t.Parallel()
	s := openSite(t, "--redis-url", "redis://127.0.0.1:1")
	response := ask(t, s.url, "GET", "/readyz", "", http.Header{})
	if response.status != http.StatusOK || !strings.Contains(response.body, "Redis does not answer") {
		t.Errorf("without Redis /readyz answers %d %s", response.status, response.body)
	}
}
