package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Events serves a subscription as server-sent events, in the distinct
// connections mode of GraphQL over SSE: an event "next" for each response, then
// "complete". POST carries the operation as JSON; GET carries it in the query,
// for a browser's EventSource.
type Events struct{ Options }

var _ graphql.Transport = Events{}

const eventStream = "text/event-stream"

// Supports implements [graphql.Transport].
func (Events) Supports(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return false
	}
	return r.Header.Get("Upgrade") == "" && strings.Contains(r.Header.Get("Accept"), eventStream)
}

// Do implements [graphql.Transport].
func (t Events) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	params, err := paramsOf(r)
	if err != nil {
		t.Refuse(w, r, exec.DispatchError(r.Context(), gqlerror.List{gqlerror.Errorf("%s", err)}).Errors)
		return
	}
	operation, errs := prepare(r.Context(), exec, params)
	if len(errs) > 0 {
		t.Refuse(w, r, errs)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	out := &eventWriter{w: w, control: http.NewResponseController(w), timeout: t.writeTimeout()}
	// The server's time-out for reading the request would end the stream.
	if err := out.control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return
	}
	var beating sync.WaitGroup
	defer beating.Wait()
	defer cancel()
	started := func() error {
		w.Header().Set("Content-Type", eventStream)
		w.Header().Set("Cache-Control", "no-store")
		// Proxies that gather answers would hold events back.
		w.Header().Set("X-Accel-Buffering", "no")
		w.WriteHeader(http.StatusOK)
		beating.Go(func() { out.beat(ctx, t.heartbeat(), cancel) })
		return out.write(":\n\n")
	}
	send := func(payload []byte) error { return out.write("event: next\ndata: " + string(payload) + "\n\n") }
	if operation.run(ctx, started, send) == nil && ctx.Err() == nil {
		_ = out.write("event: complete\ndata:\n\n") // the client went away
	}
}

// paramsOf reads the operation from the body or from the query.
func paramsOf(r *http.Request) (*graphql.RawParams, error) {
	params := &graphql.RawParams{Headers: r.Header}
	if r.Method == http.MethodPost {
		if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
			return nil, errors.New("the body must be application/json")
		}
		return params, decode(r.Body, params, "the body")
	}
	query := r.URL.Query()
	params.Query, params.OperationName = query.Get("query"), query.Get("operationName")
	for name, into := range map[string]*map[string]any{"variables": &params.Variables, "extensions": &params.Extensions} {
		if text := query.Get(name); text != "" {
			if err := decode(strings.NewReader(text), into, name); err != nil {
				return nil, err
			}
		}
	}
	return params, nil
}

func decode(from io.Reader, into any, what string) error {
	decoder := json.NewDecoder(from)
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%s cannot be read as JSON", what)
	}
	return nil
}

// eventWriter writes events, one at a time.
type eventWriter struct {
	mu      sync.Mutex
	w       http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration
}

func (e *eventWriter) write(event string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	// A deadline that has passed ends a write that waits.
	cut := time.AfterFunc(e.timeout, func() { _ = e.control.SetWriteDeadline(time.Unix(1, 0)) })
	defer cut.Stop()
	if _, err := e.w.Write([]byte(event)); err != nil {
		return fmt.Errorf("writing an event: %w", err)
	}
	if err := e.control.Flush(); err != nil {
		return fmt.Errorf("flushing an event: %w", err)
	}
	return nil
}

// beat writes comments until the context ends, so that proxies keep the
// connection and a client that is gone is found out.
func (e *eventWriter) beat(ctx context.Context, every time.Duration, gone context.CancelFunc) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if e.write(": ping\n\n") != nil {
				gone()
				return
			}
		}
	}
}
