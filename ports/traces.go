package ports

import "context"

// Traces follows a document through everything that is done about it.
type Traces interface {
	// Begin begins a span; the context is for what is done in it, and the
	// function ends it. With one parent, a W3C traceparent, the span is part of
	// that trace. With several it has a trace of its own that is linked to each,
	// and with none it is part of the context's. Parents that are empty or
	// cannot be read do not count.
	Begin(ctx context.Context, name string, parents ...string) (context.Context, func(err error))
}
