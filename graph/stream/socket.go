package stream

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
)

const (
	// protocol is the only one spoken.
	protocol = "graphql-transport-ws"
	// initTimeout is how long a client may take to say who it is.
	initTimeout = 10 * time.Second
	// readLimit is how long a message may be.
	readLimit = 1 << 20
)

// Socket serves subscriptions over WebSocket in the protocol
// graphql-transport-ws. A browser may connect from the server's own origin only.
type Socket struct {
	Options
	// Origins are further hosts whose pages may connect.
	Origins []string
	// Init lets the client of a connection in. Authorization is what its
	// connection_init carries under that name; empty leaves it to the request. The
	// context it returns is that of the connection's operations; release is called
	// when the connection ends.
	Init func(ctx context.Context, authorization string) (_ context.Context, release func(), err error)
	// Check reports whether the client may still subscribe.
	Check func(ctx context.Context) error
}

var _ graphql.Transport = Socket{}

// Supports implements [graphql.Transport].
func (Socket) Supports(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// Do implements [graphql.Transport].
func (t Socket) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{protocol}, OriginPatterns: t.Origins})
	if err != nil {
		return // Accept has answered
	}
	defer func() { _ = socket.CloseNow() }()
	if socket.Subprotocol() != protocol {
		_ = socket.Close(closeSubprotocol, "speak "+protocol)
		return
	}
	socket.SetReadLimit(readLimit)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	c := &connection{transport: t, socket: socket, exec: exec, headers: r.Header, active: map[string]context.CancelFunc{}}
	c.serve(ctx)
}
