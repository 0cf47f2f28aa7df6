package httpserver

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"byte8.io/ledger/domain/trail"
)

// requestHeader carries a request's id.
const requestHeader = "X-Request-Id"

// Served is what became of a request.
type Served struct {
	// Route is the pattern that the request fits; empty for none.
	Route  string
	Status int
	// IsStream reports that the answer was not one message.
	IsStream bool
	Took     time.Duration
}

// observed gives each request an id, tells the observer of it, and writes a line
// of it into the log: the pattern of its route and never its address, its query
// or its body.
func (o Options) observed(next http.Handler) http.Handler {
	now := o.Now
	if now == nil {
		now = time.Now
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := now()
		id := requestID(r.Header.Get(requestHeader))
		w.Header().Set(requestHeader, id)
		ctx := trail.WithRequest(r.Context(), id)
		done := func(Served) {}
		if o.Observe != nil {
			ctx, done = o.Observe(ctx, r)
		}
		r = r.WithContext(ctx)
		counted := &statusWriter{ResponseWriter: w}
		defer func() {
			ended := now()
			served := Served{Route: r.Pattern, Status: counted.answered(), Took: ended.Sub(began)}
			served.IsStream = served.Status == http.StatusSwitchingProtocols || strings.HasPrefix(w.Header().Get("Content-Type"), "text/event-stream")
			done(served)
			o.access(ctx, ended, r.Method, served)
		}()
		next.ServeHTTP(counted, r)
	})
}

// access writes the line of a request. Probes are of interest when they fail.
func (o Options) access(ctx context.Context, ended time.Time, method string, s Served) {
	level := slog.LevelInfo
	if s.Status < http.StatusBadRequest && (s.Route == "GET /healthz" || s.Route == "GET /readyz" || s.Route == "GET /metrics") {
		level = slog.LevelDebug
	}
	if !o.Log.Enabled(ctx, level) {
		return
	}
	record := slog.NewRecord(ended, level, "request", 0) // where it is logged tells nothing
	record.AddAttrs(slog.String("method", knownMethod(method)), slog.String("route", s.Route), slog.Int("status", s.Status),
		slog.Float64("ms", float64(s.Took.Microseconds())/1000)) //nolint:mnd // microseconds in a millisecond
	_ = o.Log.Handler().Handle(ctx, record) // there is nobody else to tell
}

// knownMethod is the method, which a client may make up.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// longestRequestID bounds an id that a client chooses.
const longestRequestID = 64

// requestID is the client's id where it is 8 to 64 letters, digits, dots,
// hyphens and underscores, and one of ours else.
func requestID(claimed string) string {
	const shortest = 8
	if len(claimed) < shortest || len(claimed) > longestRequestID {
		return rand.Text()
	}
	for _, c := range []byte(claimed) {
		isPlain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'
		if !isPlain {
			return rand.Text()
		}
	}
	return claimed
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements [http.ResponseWriter].
func (w *statusWriter) WriteHeader(status int) {
	isFinal := status >= http.StatusOK || status == http.StatusSwitchingProtocols
	if w.status == 0 && isFinal {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap gives [http.ResponseController] what else the connection can do.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// answered is the status; a handler that wrote nothing answered 200.
func (w *statusWriter) answered() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}
