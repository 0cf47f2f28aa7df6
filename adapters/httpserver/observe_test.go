package httpserver_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/adapters/httpserver"
)

// TestStreamsPassTheObserver reads the first event of an answer that goes on.
func TestStreamsPassTheObserver(t *testing.T) {
	t.Parallel()
	told := make(chan httpserver.Served, 1)
	server := httptest.NewServer(httpserver.NewHandler(httpserver.Options{
		Log: slog.New(slog.DiscardHandler),
		Observe: func(ctx context.Context, _ *http.Request) (context.Context, func(httpserver.Served)) {
			return ctx, func(s httpserver.Served) { told <- s }
		},
		Register: func(mux *http.ServeMux) {
			mux.HandleFunc("GET /stream/{id}", func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				_, _ = io.WriteString(w, "event: next\n")
				control := http.NewResponseController(w)
				if err := control.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
					t.Error(err)
				}
				if err := control.Flush(); err != nil {
					t.Error(err)
				}
				<-r.Context().Done()
			})
		},
	}))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/stream/1?token=x", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(response.Body).ReadString('\n')
	if err != nil || line != "event: next\n" {
		t.Errorf("the first line is %q, %v", line, err)
	}
	cancel()
	response.Body.Close()
	served := <-told
	if served.Took <= 0 {
		t.Errorf("the stream took %s", served.Took)
	}
	served.Took = 0
	if diff := cmp.Diff(httpserver.Served{Route: "GET /stream/{id}", Status: http.StatusOK, IsStream: true}, served); diff != "" {
		t.Error(diff)
	}
}

type syncedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *syncedText) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func TestAccessLines(t *testing.T) {
	t.Parallel()
	var log syncedText
	handler := httpserver.NewHandler(httpserver.Options{
		Log: slog.New(slog.NewTextHandler(&log, nil)), Ready: func(context.Context) error { return nil },
		Register: func(mux *http.ServeMux) {
			mux.HandleFunc("GET /shops/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
		},
	})
	for _, path := range []string{"/healthz", "/readyz", "/shops/secret?token=secret", "/nowhere/secret"} {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
	}
	var lines []string
	for line := range strings.Lines(log.text.String()) {
		_, line, _ = strings.Cut(line, "method=")
		line, _, _ = strings.Cut(line, " ms=")
		lines = append(lines, line)
	}
	if diff := cmp.Diff([]string{`GET route="GET /shops/{id}" status=418`, `GET route="" status=404`}, lines); diff != "" {
		t.Errorf("access lines (-want +got):\n%s", diff)
	}
}
