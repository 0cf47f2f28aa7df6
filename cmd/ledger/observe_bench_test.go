package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"byte8.io/ledger/adapters/httpserver"
	"byte8.io/ledger/adapters/otel"
	"byte8.io/ledger/graph"
)

// BenchmarkChips answers a grid's question of 50 chips in a process, by turns
// with all that is observed and with a handler that only authenticates. What the
// first takes more is what metrics, ids, access lines and a mux cost.
func BenchmarkChips(b *testing.B) {
	var cli commands
	parser, err := kong.New(&cli)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := parser.Parse([]string{"serve", "--data-dir", b.TempDir(), "--log-level", "error", "--cost-rate", "0"}); err != nil {
		b.Fatal(err)
	}
	if err := cli.complete(); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	d, err := startDemo(ctx, cli.Config, demoCommand{}, streams{out: io.Discard, err: io.Discard})
	if err != nil {
		cancel()
		b.Fatal(err)
	}
	defer d.ledger.close()
	defer func() { _ = d.group.Wait() }() // told to end
	defer cancel()
	chips := d.fillChips(b)

	null, err := os.OpenFile(filepath.Clean(os.DevNull), os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer null.Close()
	d.ledger.log = slog.New(otel.NewLogHandler(slog.NewJSONHandler(null, nil)))
	api := graph.NewHandler(graph.Options{App: d.ledger.app, Log: d.ledger.log})
	plain := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := d.ledger.app.Authenticate(r.Context(), httpserver.Bearer(r))
		if err != nil {
			b.Error(err)
		}
		api.ServeHTTP(w, r.WithContext(graph.WithPrincipal(r.Context(), p)))
	})
	observed := d.ledger.handler()
	ask := func(handler http.Handler) time.Duration {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/graphql", strings.NewReader(chips))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+d.api.bearer)
		w := httptest.NewRecorder()
		began := time.Now()
		handler.ServeHTTP(w, r)
		took := time.Since(began)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"magentoId"`) {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
		return took
	}
	var without, with []time.Duration
	for b.Loop() {
		without, with = append(without, ask(plain)), append(with, ask(observed))
	}
	slices.Sort(without)
	slices.Sort(with)
	for name, share := range map[string]int{"quarter": 4, "median": 2} {
		before, after := without[len(without)/share], with[len(with)/share]
		b.ReportMetric(float64(before.Nanoseconds()), name+"-plain-ns")
		b.ReportMetric(float64(after.Nanoseconds()), name+"-observed-ns")
		b.ReportMetric(100*float64(after-before)/float64(before), name+"-more-%")
	}
}

// fillChips raises invoices until 50 have chips, and returns the question for them.
func (d *demo) fillChips(b *testing.B) string {
	b.Helper()
	ctx := b.Context()
	bindingID, err := d.connect(ctx, io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	if err := d.configure(ctx, bindingID); err != nil {
		b.Fatal(err)
	}
	if err := d.shop.post(ctx, "/_sandbox/raise", map[string]any{"invoices": 50, "seed": 1, "perSecond": 100}, nil); err != nil {
		b.Fatal(err)
	}
	ids := make([]string, 50)
	for i := range ids {
		ids[i] = fmt.Sprintf(`\"%d\"`, i+1)
	}
	question := `{"query":"{ syncStates(entityType: INVOICE, magentoIds: [` + strings.Join(ids, ",") + `]) { magentoId status providerReference providerUrl } }"}`
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		done, err := d.progress(ctx)
		if err != nil {
			b.Fatal(err)
		}
		if done.posted > 0 && done.open == 0 {
			return question
		}
	}
	b.Fatal("the invoices did not get through in a minute")
	return ""
}
