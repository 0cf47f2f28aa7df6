package graph

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/live"
	"byte8.io/ledger/graph/stream"
)

const (
	// codeSubscriptionGap ends a stream that may have missed changes.
	codeSubscriptionGap = "SUBSCRIPTION_GAP"
	// codeStreamLimit refuses a stream to who has as many as are allowed.
	codeStreamLimit = "STREAM_LIMIT_EXCEEDED"
	// checkCallerEvery is how often a stream's caller is checked again.
	checkCallerEvery = 30 * time.Second
)

// endKey is where a subscription's context has the function that ends it.
type endKey struct{}

// The limits of subscriptions.
const (
	// DefaultStreamsEach is how many subscriptions, and how many WebSockets, one
	// caller may have at once in one process.
	DefaultStreamsEach = 20
	// DefaultStreams is how many all callers may have.
	DefaultStreams = 1000
)

// LiveOptions bound subscriptions; zero fields mean the defaults.
type LiveOptions struct {
	StreamsEach int
	Streams     int
	// CheckCallerEvery is how often a stream's caller is checked again.
	CheckCallerEvery time.Duration
	// Heartbeat and WriteTimeout are those of [stream.Options].
	Heartbeat    time.Duration
	WriteTimeout time.Duration
	// Origins are further hosts whose pages may open a WebSocket; those of the
	// host the request names always may.
	Origins []string
	// Stop, when closed, ends every stream.
	Stop <-chan struct{}
}

// subscriptions looks after the operations that last: who may have how many,
// whether their callers are still welcome, and how they end.
type subscriptions struct {
	app     *app.App
	present graphql.ErrorPresenterFunc
	// streams counts subscriptions, connections WebSockets.
	streams, connections *limiter
	options              LiveOptions
}

func newSubscriptions(a *app.App, present graphql.ErrorPresenterFunc, o LiveOptions) *subscriptions {
	o.CheckCallerEvery = cmp.Or(o.CheckCallerEvery, checkCallerEvery)
	each, all := cmp.Or(o.StreamsEach, DefaultStreamsEach), cmp.Or(o.Streams, DefaultStreams)
	return &subscriptions{
		app: a, present: present, options: o,
		streams: newLimiter("subscriptions", each, all), connections: newLimiter("WebSockets", each, all),
	}
}

func (s *subscriptions) events() stream.Events { return stream.Events{Options: s.streaming()} }

func (s *subscriptions) socket() stream.Socket {
	return stream.Socket{Options: s.streaming(), Origins: s.options.Origins, Init: s.letIn, Check: s.check}
}

func (s *subscriptions) streaming() stream.Options {
	return stream.Options{Heartbeat: s.options.Heartbeat, WriteTimeout: s.options.WriteTimeout, Refuse: refuseStream, Stop: s.options.Stop}
}

// refuseStream answers a request of which no stream begins. Its status is never
// 200: a client that waits for events would take that for a stream.
func refuseStream(w http.ResponseWriter, _ *http.Request, errs gqlerror.List) {
	header, status := w.Header(), http.StatusBadRequest
	header.Set("Content-Type", jsonType)
	header.Set("Cache-Control", "no-store")
	for _, err := range errs {
		if err.Extensions["errorCode"] == string(fault.CodeThrottled) {
			status = http.StatusTooManyRequests
		}
		if wait, is := err.Extensions["retryAfter"].(int); is {
			header.Set("Retry-After", strconv.Itoa(wait))
		}
	}
	body, err := stream.Encode(map[string]any{"errors": errs})
	if err != nil {
		status = http.StatusInternalServerError
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client went away
}

// around is the middleware of operations. A subscription's loaders last for one
// event, and its last response says why it ended, unless the client ended it.
func (s *subscriptions) around(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	if graphql.GetOperationContext(ctx).Operation.Operation != ast.Subscription {
		return next(withLoaders(ctx, s.app))
	}
	if !stream.IsStreamed(ctx) {
		return s.refuse(ctx, refused(codeBadRequest, "subscriptions are streamed: send Accept: text/event-stream, or use a WebSocket"))
	}
	release, err := s.streams.take(principalOf(ctx))
	if err != nil {
		return s.refuse(ctx, err)
	}
	context.AfterFunc(ctx, release)
	client := ctx
	watched, end := context.WithCancelCause(ctx)
	watched = context.WithValue(watched, endKey{}, end)
	go s.mind(watched, end)
	responses, hasEnded := next(watched), false
	return func(ctx context.Context) *graphql.Response {
		if response := responses(withLoaders(ctx, s.app)); response != nil {
			return response
		}
		cause := context.Cause(watched)
		if hasEnded || cause == nil || client.Err() != nil {
			return nil
		}
		hasEnded = true
		return &graphql.Response{Errors: gqlerror.List{s.presentEnd(ctx, cause)}}
	}
}

func (s *subscriptions) refuse(ctx context.Context, err error) graphql.ResponseHandler {
	return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{s.present(ctx, err)}})
}

func (s *subscriptions) presentEnd(ctx context.Context, err error) *gqlerror.Error {
	if errors.Is(err, live.ErrGap) {
		return refused(codeSubscriptionGap, "Changes may have been missed. Subscribe again, then read again what you show.")
	}
	return s.present(ctx, err)
}

// mind ends a stream whose caller is not welcome any more, or whose server
// stops.
func (s *subscriptions) mind(ctx context.Context, end context.CancelCauseFunc) {
	tick := time.NewTicker(s.options.CheckCallerEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			end(context.Cause(ctx))
			return
		case <-s.options.Stop:
			end(live.ErrGap)
			return
		case <-tick.C:
		}
		if err := s.check(ctx); err != nil {
			end(err)
			return
		}
	}
}

// check reports whether the caller is still welcome. While that cannot be known
// it is.
func (s *subscriptions) check(ctx context.Context) error {
	err := s.app.CheckCaller(ctx, principalOf(ctx))
	if fault.IsKind(err, fault.Unauthenticated, fault.Denied, fault.NotFound) {
		return err
	}
	return nil
}

// letIn names the caller of a WebSocket: who its connection_init names, or else
// who its request named.
func (s *subscriptions) letIn(ctx context.Context, authorization string) (context.Context, func(), error) {
	if authorization != "" {
		p, err := s.app.Authenticate(ctx, bearerOf(authorization))
		if err != nil {
			return nil, nil, fmt.Errorf("authenticating: %w", err)
		}
		ctx = WithPrincipal(ctx, p)
	}
	if err := mayUse(principalOf(ctx), nil); err != nil {
		return nil, nil, err
	}
	release, err := s.connections.take(principalOf(ctx))
	if err != nil {
		return nil, nil, err
	}
	return ctx, release, nil
}

// bearerOf is the token after the word Bearer.
func bearerOf(authorization string) string {
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return authorization
	}
	return strings.TrimSpace(token)
}
