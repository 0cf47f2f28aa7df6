package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// The codes a connection is closed with, as graphql-transport-ws names them.
const (
	closeBadMessage   websocket.StatusCode = 4400
	closeUnauthorised websocket.StatusCode = 4401
	closeForbidden    websocket.StatusCode = 4403
	closeSubprotocol  websocket.StatusCode = 4406
	closeInitTimeout  websocket.StatusCode = 4408
	closeSubscribed   websocket.StatusCode = 4409
	closeInitTwice    websocket.StatusCode = 4429
)

// connection is one client's WebSocket.
type connection struct {
	transport Socket
	socket    *websocket.Conn
	exec      graphql.GraphExecutor
	headers   http.Header

	// running counts operations; the connection outlives each of them.
	running sync.WaitGroup

	mu     sync.Mutex
	active map[string]context.CancelFunc
	// idle is set when the server stops, and closed when no operation is left.
	idle chan struct{}
}

// frame is one message of the protocol.
type frame struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// closing is why a connection ends.
type closing struct {
	code   websocket.StatusCode
	reason string
}

// longestReason is how many bytes of a reason fit a closing frame.
const longestReason = 120

func clip(text string) string {
	if len(text) > longestReason {
		return strings.ToValidUTF8(text[:longestReason], "")
	}
	return text
}

// Error implements error.
func (c closing) Error() string { return fmt.Sprintf("closing with %d: %s", c.code, c.reason) }

// serve speaks with the client until either side ends it.
func (c *connection) serve(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	admitted, release, err := c.admit(ctx)
	if err == nil {
		defer release()
		var minding sync.WaitGroup
		minding.Go(func() { c.beat(ctx, cancel) })
		minding.Go(func() { c.stopWhenTold(ctx) })
		err = c.listen(admitted)
		cancel()
		minding.Wait()
	}
	cancel()
	c.running.Wait()
	if why, ok := errors.AsType[closing](err); ok {
		_ = c.socket.Close(why.code, clip(why.reason))
	}
}

// admit waits for connection_init and lets the client in.
func (c *connection) admit(ctx context.Context) (context.Context, func(), error) {
	timed, cancel := context.WithTimeout(ctx, initTimeout)
	defer cancel()
	init, err := c.read(timed)
	switch {
	case timed.Err() != nil && ctx.Err() == nil:
		return nil, nil, closing{closeInitTimeout, "Connection initialisation timeout"}
	case err != nil:
		return nil, nil, err
	case init.Type != "connection_init":
		return nil, nil, closing{closeUnauthorised, "Unauthorized"}
	}
	authorization, err := authorizationOf(init.Payload)
	if err != nil {
		return nil, nil, err
	}
	admitted, release, err := c.transport.Init(ctx, authorization)
	if err != nil {
		return nil, nil, closing{closeForbidden, c.presented(ctx, err)}
	}
	if err := c.write(ctx, frame{Type: "connection_ack"}); err != nil {
		release()
		return nil, nil, err
	}
	return admitted, release, nil
}

// authorizationOf is what connection_init carries as Authorization.
func authorizationOf(payload json.RawMessage) (string, error) {
	if len(payload) == 0 {
		return "", nil
	}
	var carried map[string]any
	if err := json.Unmarshal(payload, &carried); err != nil {
		return "", closing{closeBadMessage, "The payload of connection_init is not an object"}
	}
	for name, value := range carried {
		if text, ok := value.(string); ok && strings.EqualFold(name, "Authorization") {
			return text, nil
		}
	}
	return "", nil
}

// listen acts on what the client says.
func (c *connection) listen(ctx context.Context) error {
	for {
		said, err := c.read(ctx)
		if err != nil {
			return err
		}
		switch said.Type {
		case "ping":
			err = c.write(ctx, frame{Type: "pong", Payload: said.Payload})
		case "pong":
		case "subscribe":
			err = c.subscribe(ctx, said)
		case "complete":
			c.end(said.ID)
		case "connection_init":
			err = closing{closeInitTwice, "Too many initialisation requests"}
		default:
			err = closing{closeBadMessage, "Unknown message type"}
		}
		if err != nil {
			return err
		}
	}
}

// subscribe starts an operation.
func (c *connection) subscribe(ctx context.Context, said frame) error {
	params := &graphql.RawParams{Headers: c.headers}
	if said.ID == "" || decode(strings.NewReader(string(said.Payload)), params, "payload") != nil {
		return closing{closeBadMessage, "A subscribe message has an id and an operation"}
	}
	if err := c.transport.Check(ctx); err != nil {
		return closing{closeForbidden, c.presented(ctx, err)}
	}
	own, cancel := context.WithCancel(graphql.StartOperationTrace(ctx))
	if err := c.begin(said.ID, cancel); err != nil {
		cancel()
		return err
	}
	operation, errs := prepare(own, c.exec, params)
	if len(errs) > 0 {
		c.end(said.ID)
		return c.fail(ctx, said.ID, errs)
	}
	c.running.Go(func() {
		defer c.end(said.ID)
		send := func(payload []byte) error { return c.write(ctx, frame{ID: said.ID, Type: "next", Payload: payload}) }
		// One that the client completed is not completed back.
		if operation.run(own, func() error { return nil }, send) == nil && own.Err() == nil {
			_ = c.write(ctx, frame{ID: said.ID, Type: "complete"}) // the client went away
		}
	})
	return nil
}

func (c *connection) fail(ctx context.Context, id string, errs gqlerror.List) error {
	payload, err := Encode(errs)
	if err != nil {
		return fmt.Errorf("writing the errors: %w", err)
	}
	return c.write(ctx, frame{ID: id, Type: "error", Payload: payload})
}

func (c *connection) begin(id string, cancel context.CancelFunc) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle != nil {
		return closing{websocket.StatusGoingAway, goodbye}
	}
	if _, isThere := c.active[id]; isThere {
		return closing{closeSubscribed, "Subscriber for " + id + " already exists"}
	}
	c.active[id] = cancel
	return nil
}

func (c *connection) end(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	cancel, ok := c.active[id]
	if !ok {
		return
	}
	cancel()
	delete(c.active, id)
	if c.idle != nil && len(c.active) == 0 {
		close(c.idle)
	}
}

// noMore refuses further operations; what it returns is closed when the last
// one has ended.
func (c *connection) noMore() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = make(chan struct{})
	if len(c.active) == 0 {
		close(c.idle)
	}
	return c.idle
}

func (c *connection) read(ctx context.Context) (frame, error) {
	kind, text, err := c.socket.Read(ctx)
	if err != nil {
		return frame{}, fmt.Errorf("reading a message: %w", err)
	}
	var said frame
	if kind != websocket.MessageText || json.Unmarshal(text, &said) != nil {
		return frame{}, closing{closeBadMessage, "A message is a JSON object"}
	}
	return said, nil
}

// write sends a message, or ends the connection when the client does not take it.
func (c *connection) write(ctx context.Context, said frame) error {
	text, err := Encode(said)
	if err != nil {
		return fmt.Errorf("writing a message: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.transport.writeTimeout())
	defer cancel()
	if err := c.socket.Write(ctx, websocket.MessageText, text); err != nil {
		return fmt.Errorf("sending a message: %w", err)
	}
	return nil
}

// beat asks the client for a sign of life until the context ends, and ends it
// when there is none.
func (c *connection) beat(ctx context.Context, gone context.CancelFunc) {
	tick := time.NewTicker(c.transport.heartbeat())
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		asked, cancel := context.WithTimeout(ctx, c.transport.writeTimeout())
		err := c.socket.Ping(asked)
		cancel()
		if err != nil {
			gone()
			_ = c.socket.CloseNow()
			return
		}
	}
}

// stopWhenTold lets the operations end when the server stops, and then says
// goodbye.
func (c *connection) stopWhenTold(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-c.transport.Stop:
	}
	select {
	case <-ctx.Done():
		return
	case <-c.noMore():
	}
	_ = c.socket.Close(websocket.StatusGoingAway, goodbye)
}

const goodbye = "The server stops; connect again"

// presented is what the client may see of an error.
func (c *connection) presented(ctx context.Context, err error) string {
	return c.exec.DispatchError(ctx, gqlerror.List{gqlerror.WrapIfUnwrapped(err)}).Errors[0].Message
}
