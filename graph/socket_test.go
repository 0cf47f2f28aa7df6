package graph_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/live"
	"byte8.io/ledger/graph"
)

// socket is a client's WebSocket.
type socket struct {
	t    *testing.T
	conn *websocket.Conn
}

type frame struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// connect opens a WebSocket and says nothing yet.
func connect(t *testing.T, server *httptest.Server) *socket {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), server.URL+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}}) //nolint:bodyclose // a WebSocket takes the body over
	if err != nil {
		t.Fatalf("connecting: %v", err)
	}
	conn.SetReadLimit(1 << 20)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &socket{t: t, conn: conn}
}

// dial opens a WebSocket that the server has let in.
func dial(t *testing.T, server *httptest.Server) *socket {
	t.Helper()
	s := connect(t, server)
	s.send(frame{Type: "connection_init"})
	if got := s.read(); got.Type != "connection_ack" {
		t.Fatalf("got %+v, want connection_ack", got)
	}
	return s
}

func (s *socket) send(f frame) {
	s.t.Helper()
	if err := wsjson.Write(s.t.Context(), s.conn, f); err != nil {
		s.t.Fatalf("sending %+v: %v", f, err)
	}
}

func (s *socket) subscribe(id, operation string) {
	s.t.Helper()
	payload, err := json.Marshal(map[string]string{"query": operation})
	if err != nil {
		s.t.Fatal(err)
	}
	s.send(frame{ID: id, Type: "subscribe", Payload: payload})
}

func (s *socket) tryRead() (frame, error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), soon)
	defer cancel()
	var f frame
	err := wsjson.Read(ctx, s.conn, &f)
	return f, err
}

func (s *socket) read() frame {
	s.t.Helper()
	f, err := s.tryRead()
	if err != nil {
		s.t.Fatalf("reading: %v", err)
	}
	return f
}

// closedWith reads until the server closes the connection.
func (s *socket) closedWith() websocket.StatusCode {
	s.t.Helper()
	for range 10 {
		if _, err := s.tryRead(); err != nil {
			return websocket.CloseStatus(err)
		}
	}
	s.t.Fatal("the connection is not closed")
	return 0
}

func TestSubscriptionsShareASocket(t *testing.T) {
	t.Parallel()
	w := newWorld()
	s := dial(t, liveServer(t, w, owner, graph.LiveOptions{}))
	s.subscribe("a", `subscription { syncRunUpdated(runId: "run_3") { id } }`)
	s.subscribe("b", `subscription { syncRunUpdated(runId: "run_2") { id } }`)
	s.send(frame{Type: "ping", Payload: json.RawMessage(`{"n":1}`)})
	if got := s.read(); got.Type != "pong" || string(got.Payload) != `{"n":1}` {
		t.Errorf("got %+v, want the pong", got)
	}
	eventually(t, func() bool { return w.Hub().Watchers() == 2 })
	for id, run := range map[string]int{"a": 0, "b": 1} {
		w.Hub().Deliver([]live.Change{live.OfRun(w.Runs[run])})
		got := s.read()
		var r reply
		if err := json.Unmarshal(got.Payload, &r); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"syncRunUpdated": map[string]any{"id": w.Runs[run].ID}}
		if diff := cmp.Diff(want, r.Data); diff != "" || got.Type != "next" || got.ID != id {
			t.Errorf("%s %q (-want +got):\n%s", got.Type, got.ID, diff)
		}
	}
	s.send(frame{ID: "a", Type: "complete"})
	eventually(t, func() bool { return w.Hub().Watchers() == 1 })
	s.subscribe("a", `subscription { syncRunUpdated(runId: "run_1") { id } }`)
	eventually(t, func() bool { return w.Hub().Watchers() == 2 })
	w.Hub().Break()
	// The streams end beside each other: each is told of the gap, then that it is over.
	told := map[string][]string{}
	for range 4 {
		got := s.read()
		told[got.ID] = append(told[got.ID], got.Type)
		var r reply
		if got.Type == "next" && (json.Unmarshal(got.Payload, &r) != nil || r.code() != "SUBSCRIPTION_GAP") {
			t.Errorf("%s got %s", got.ID, got.Payload)
		}
	}
	if diff := cmp.Diff(map[string][]string{"a": {"next", "complete"}, "b": {"next", "complete"}}, told); diff != "" {
		t.Errorf("what the streams were told (-want +got):\n%s", diff)
	}
	s.subscribe("c", `{ viewer { tenant { id } } }`)
	if got := s.read(); got.Type != "error" || got.ID != "c" {
		t.Errorf("a query over WebSocket: %+v, want an error", got)
	}
}

func TestSocketsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld()
	mine := liveServer(t, w, owner, graph.LiveOptions{StreamsEach: 3})
	nobodys := liveServer(t, w, access.Principal{}, graph.LiveOptions{})
	tests := map[string]struct {
		say  func(t *testing.T) *socket
		code websocket.StatusCode
	}{
		"who is nobody": {func(t *testing.T) *socket {
			t.Helper()
			s := connect(t, nobodys)
			s.send(frame{Type: "connection_init"})
			return s
		}, 4403},
		"who subscribes first": {func(t *testing.T) *socket {
			t.Helper()
			s := connect(t, mine)
			s.subscribe("1", runUpdated)
			return s
		}, 4401},
		"who begins twice": {func(t *testing.T) *socket {
			t.Helper()
			s := dial(t, mine)
			s.send(frame{Type: "connection_init"})
			return s
		}, 4429},
		"who uses an id twice": {func(t *testing.T) *socket {
			t.Helper()
			s := dial(t, mine)
			s.subscribe("1", runUpdated)
			s.subscribe("1", runUpdated)
			return s
		}, 4409},
		"who says nonsense": {func(t *testing.T) *socket {
			t.Helper()
			s := dial(t, mine)
			s.send(frame{Type: "nonsense"})
			return s
		}, 4400},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.say(t).closedWith(); got != tt.code {
				t.Errorf("closed with %d, want %d", got, tt.code)
			}
		})
	}
}

func TestASocketFromAnotherOriginIsRefused(t *testing.T) {
	t.Parallel()
	server := liveServer(t, newWorld(), owner, graph.LiveOptions{Origins: []string{"ledger.example"}})
	for origin, want := range map[string]int{
		"https://evil.example": http.StatusForbidden, "https://ledger.example": http.StatusSwitchingProtocols, server.URL: http.StatusSwitchingProtocols,
	} {
		conn, answer, err := websocket.Dial(t.Context(), server.URL, &websocket.DialOptions{ //nolint:bodyclose // a WebSocket takes the body over
			Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{"Origin": {origin}},
		})
		if answer == nil || answer.StatusCode != want {
			t.Errorf("from %s: answer %v, error %v, want %d", origin, answer, err, want)
		}
		if conn != nil {
			_ = conn.CloseNow()
		}
	}
}

func TestAStoppingServerSaysGoodbye(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	w := newWorld()
	s := dial(t, liveServer(t, w, owner, graph.LiveOptions{Stop: stop}))
	s.subscribe("1", runUpdated)
	eventually(t, func() bool { return w.Hub().Watchers() == 1 })
	close(stop)
	for _, want := range []string{"next", "complete"} {
		if got := s.read(); got.Type != want {
			t.Errorf("got %s %s, want %s", got.Type, got.Payload, want)
		}
	}
	if got := s.closedWith(); got != websocket.StatusGoingAway {
		t.Errorf("closed with %d", got)
	}
}

func TestARevokedKeySubscribesNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld()
	s := dial(t, liveServer(t, w, owner, graph.LiveOptions{}))
	w.Keys[1].RevokedAt = &noon
	s.subscribe("1", runUpdated)
	if got := s.closedWith(); got != 4403 {
		t.Errorf("closed with %d, want 4403", got)
	}
}
