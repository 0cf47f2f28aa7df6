package integration_test

import (
	"bufio"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/adapters/asynq"
	"byte8.io/ledger/adapters/redis"
	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/graph"
)

// process is a second set of use cases over the same store, whose changes go
// through the Redis server.
func (p *inProcess) process(t *testing.T, redisURL string) *app.App {
	t.Helper()
	client, err := asynq.Open(redisURL)
	if err != nil {
		t.Fatal(err)
	}
	changes := redis.NewChanges(t.Context(), client, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { _, _ = changes.Close(), client.Close() })
	deps := p.app.Deps
	deps.Changes = changes
	return app.New(deps)
}

// serveLive serves a process's API to a caller.
func serveLive(t *testing.T, a *app.App, p access.Principal) string {
	t.Helper()
	api := graph.NewHandler(graph.Options{App: a, Log: slog.New(slog.DiscardHandler)})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api.ServeHTTP(w, r.WithContext(graph.WithPrincipal(r.Context(), p)))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// told is what a client is told of runs and chips, in the order it came.
type told struct {
	Data struct {
		Run  *struct{ ID, Status string } `json:"syncRunUpdated"`
		Chip *struct{ Status string }     `json:"syncStateChanged"`
	}
	Errors []struct {
		Extensions struct{ Code string }
	}
}

// status is the status told, or the code of the error.
func (t told) status() string {
	switch {
	case len(t.Errors) > 0:
		return t.Errors[0].Extensions.Code
	case t.Data.Run != nil:
		return t.Data.Run.Status
	case t.Data.Chip != nil:
		return t.Data.Chip.Status
	}
	return ""
}

// listen subscribes with server-sent events and returns what is told.
func listen(t *testing.T, address, subscription string) <-chan told {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/graphql?query="+url.QueryEscape(subscription), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	answer, err := http.DefaultClient.Do(r) //nolint:bodyclose // the reader below closes it
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("subscribing: %v, %v", answer, err)
	}
	out := make(chan told, 100)
	go func() {
		defer close(out)
		defer answer.Body.Close()
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			data, isData := strings.CutPrefix(lines.Text(), "data: ")
			var event told
			if isData && json.Unmarshal([]byte(data), &event) == nil {
				out <- event
			}
		}
	}()
	return out
}

// until collects what is told up to a status.
func until(t *testing.T, from <-chan told, last string) []string {
	t.Helper()
	var seen []string
	timeout := time.After(30 * time.Second)
	for {
		select {
		case event, ok := <-from:
			if !ok {
				t.Fatalf("the stream ended after %q", seen)
			}
			if seen = append(seen, event.status()); seen[len(seen)-1] == last {
				return seen
			}
		case <-timeout:
			t.Fatalf("%s did not come; there were %q", last, seen)
		}
	}
}

func TestClientsOfOneProcessSeeWhatAnotherDoes(t *testing.T) {
	t.Parallel()
	for name, redisURL := range map[string]string{"embedded": "redis://" + miniredis.RunT(t).Addr(), "redis": ""} {
		t.Run(name, func(t *testing.T) {
			if redisURL == "" {
				_, redisURL = services(t)
			}
			p := newInProcess(t, "sqlite")
			strange := serveLive(t, p.process(t, redisURL), p.stranger(t))
			api := p.process(t, redisURL)
			p.app = p.process(t, redisURL)
			address := serveLive(t, api, p.admin)

			seen := listen(t, address, `subscription { syncRunUpdated { id status } }`)
			chips := listen(t, address, `subscription { syncStateChanged { status } }`)
			strangers := []<-chan told{listen(t, strange, `subscription { syncRunUpdated { id status } }`), listen(t, strange, `subscription { syncStateChanged { status } }`)}
			socket := listenOnSocket(t, api, p.admin)

			p.raise(t, 1)
			if got := []string{nextStatus(t, seen), nextStatus(t, chips), nextStatus(t, socket)}; !cmp.Equal(got, []string{"QUEUED", "PENDING", "QUEUED"}) {
				t.Errorf("after the event: %q", got)
			}
			p.work(t, 1)
			rest := until(t, seen, "SUCCEEDED")
			if len(rest) > 2 || (len(rest) == 2 && rest[0] != "RUNNING") {
				t.Errorf("the run was told as %q; each change is one event", rest)
			}
			if rest := until(t, chips, "SYNCED"); len(rest) != 1 {
				t.Errorf("the chip was told as %q", rest)
			}
			until(t, socket, "SUCCEEDED")
			for _, stranger := range strangers {
				select {
				case event := <-stranger:
					t.Errorf("the stranger saw %+v", event)
				default:
				}
			}
		})
	}
}

// nextStatus is the status of the next thing told, soon.
func nextStatus(t *testing.T, from <-chan told) string {
	t.Helper()
	select {
	case event := <-from:
		return event.status()
	case <-time.After(30 * time.Second):
		t.Fatal("nothing was told")
		return ""
	}
}

// listenOnSocket subscribes to runs over WebSocket as an API key of the tenant.
func listenOnSocket(t *testing.T, a *app.App, p access.Principal) <-chan told {
	t.Helper()
	_, secret, err := a.CreateAPIKey(t.Context(), p, app.CreateAPIKey{Name: "live", Scopes: access.Scopes{access.ScopeRunsRead}})
	if err != nil {
		t.Fatal(err)
	}
	// The request itself is nobody's.
	conn, _, err := websocket.Dial(t.Context(), serveLive(t, a, access.Principal{}), &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}}) //nolint:bodyclose // a WebSocket takes the body over
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	type frame struct {
		ID      string `json:"id,omitempty"`
		Type    string `json:"type"`
		Payload any    `json:"payload,omitempty"`
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	ask := []frame{
		{Type: "connection_init", Payload: map[string]string{"Authorization": "Bearer " + secret}},
		{ID: "1", Type: "subscribe", Payload: map[string]string{"query": `subscription { syncRunUpdated { id status } }`}},
		// The answer to a ping comes after the subscription began.
		{Type: "ping"},
	}
	for _, f := range ask {
		if err := wsjson.Write(ctx, conn, f); err != nil {
			t.Fatal(err)
		}
	}
	out, begun := make(chan told, 100), make(chan struct{})
	go func() {
		defer close(out)
		for {
			var f struct {
				Type    string
				Payload json.RawMessage
			}
			if wsjson.Read(ctx, conn, &f) != nil {
				return
			}
			var event told
			switch {
			case f.Type == "pong":
				close(begun)
			case f.Type == "next" && json.Unmarshal(f.Payload, &event) == nil:
				out <- event
			}
		}
	}()
	select {
	case <-begun:
	case <-ctx.Done():
		t.Fatal("the socket does not answer")
	}
	return out
}
