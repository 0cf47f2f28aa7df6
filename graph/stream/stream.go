// Package stream carries GraphQL subscriptions to clients: as server-sent
// events, one request a subscription, and over WebSocket in the protocol
// graphql-transport-ws, several on one connection.
//
// A client that does not read is not waited for: a write that takes longer than
// the write time-out ends its connection.
package stream

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const (
	// DefaultHeartbeat is how often a connection shows that it is alive.
	DefaultHeartbeat = 15 * time.Second
	// DefaultWriteTimeout is how long a client may take to accept a message.
	DefaultWriteTimeout = 10 * time.Second
)

// Options are what both transports work with.
type Options struct {
	// Heartbeat and WriteTimeout are the defaults when zero.
	Heartbeat    time.Duration
	WriteTimeout time.Duration
	// Refuse answers a request of which no stream begins; errors are presented.
	Refuse func(w http.ResponseWriter, r *http.Request, errs gqlerror.List)
	// Stop, when closed, ends every connection.
	Stop <-chan struct{}
}

func (o Options) heartbeat() time.Duration    { return cmp.Or(o.Heartbeat, DefaultHeartbeat) }
func (o Options) writeTimeout() time.Duration { return cmp.Or(o.WriteTimeout, DefaultWriteTimeout) }

// IsFor reports whether the request is one of this package's transports'.
func IsFor(r *http.Request) bool { return Events{}.Supports(r) || Socket{}.Supports(r) }

// live marks contexts of operations that a transport of this package carries.
type live struct{}

// IsStreamed reports whether the operation of the context may be a subscription.
func IsStreamed(ctx context.Context) bool {
	_, is := ctx.Value(live{}).(live)
	return is
}

// operation is one subscription on its way.
type operation struct {
	exec graphql.GraphExecutor
	op   *graphql.OperationContext
}

// prepare reads and checks an operation; errors are presented.
func prepare(ctx context.Context, exec graphql.GraphExecutor, params *graphql.RawParams) (operation, gqlerror.List) {
	now := graphql.Now()
	params.ReadTime = graphql.TraceTiming{Start: now, End: now}
	op, errs := exec.CreateOperationContext(ctx, params)
	if len(errs) == 0 && op.Operation.Operation != ast.Subscription {
		err := gqlerror.Errorf("only subscriptions are streamed; send queries and mutations by POST")
		errcode.Set(err, "BAD_REQUEST")
		errs = gqlerror.List{err}
	}
	if len(errs) > 0 {
		return operation{}, exec.DispatchError(graphql.WithOperationContext(ctx, op), errs).Errors
	}
	return operation{exec: exec, op: op}, nil
}

// run subscribes, says so, and sends each response until the subscription or
// the context ends or a response cannot be sent.
func (o operation) run(ctx context.Context, subscribed func() error, send func([]byte) error) error {
	ctx = context.WithValue(graphql.WithOperationContext(ctx, o.op), live{}, live{})
	// The subscription ends with the run, whatever ends it.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	responses, ctx := o.exec.DispatchOperation(ctx, o.op)
	if err := subscribed(); err != nil {
		return err
	}
	for {
		response := responses(ctx)
		if response == nil {
			return nil
		}
		payload, err := Encode(response)
		if err != nil {
			return err
		}
		if err := send(payload); err != nil {
			return err
		}
	}
}
