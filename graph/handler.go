package graph

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"byte8.io/ledger/app"
	"byte8.io/ledger/graph/exec"
)

// The limits of one request.
const (
	// DefaultTimeout bounds the time a request takes.
	DefaultTimeout = 30 * time.Second
	// DefaultCostLimit bounds the cost of an operation. A page of 200 runs with
	// totals, trace and binding fits; two nested pages do not.
	DefaultCostLimit = 5000
	// tokenLimit bounds the text of an operation: 500 ids and 500 fields fit.
	tokenLimit = 5000
)

// Options are what the handler works with.
type Options struct {
	App *app.App
	// Log gets the errors whose words are hidden from callers.
	Log *slog.Logger
	// Timeout bounds a request; zero means [DefaultTimeout].
	Timeout time.Duration
	// CostLimit bounds an operation's cost; zero means [DefaultCostLimit].
	CostLimit int
}

// NewHandler serves GraphQL by POST, and queries by GET too. The caller is the
// principal that [WithPrincipal] put into the request's context; without one
// only __typename is answered.
func NewHandler(opts Options) http.Handler {
	if opts.Timeout == 0 {
		opts.Timeout = DefaultTimeout
	}
	if opts.CostLimit == 0 {
		opts.CostLimit = DefaultCostLimit
	}
	schema := exec.NewExecutableSchema(exec.Config{
		Resolvers:  resolver{opts.App},
		Directives: exec.DirectiveRoot{Auth: authorise},
		Complexity: costs(),
	})
	server := handler.New(schema)
	server.AddTransport(transport.GET{})
	server.AddTransport(transport.POST{})
	server.SetQueryCache(newShortTexts[*ast.QueryDocument](100))
	server.SetParserTokenLimit(tokenLimit)
	presenter := presenter{opts.Log}
	server.SetErrorPresenter(presenter.present)
	server.SetRecoverFunc(presenter.recovered)
	server.Use(extension.AutomaticPersistedQuery{Cache: newShortTexts[string](1000)})
	server.Use(shapeLimit{})
	server.Use(introspection{})
	server.Use(&costLimit{limit: opts.CostLimit})
	server.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		return next(withLoaders(ctx, opts.App))
	})
	return bounded(server, opts.Timeout)
}

// SDL is the text of schema.graphqls.
func SDL() string {
	return exec.NewExecutableSchema(exec.Config{}).Schema().Query.Position.Src.Input
}
