package graph

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
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
	// Live bounds subscriptions; zero fields mean the defaults.
	Live LiveOptions
	// Trusted are the documents that clients may name by an id.
	Trusted TrustedDocuments
	// Observe is told of each operation; nil for nobody.
	Observe Observe
	// isGeneratedOnly leaves every operation to the generated executor.
	isGeneratedOnly bool
}

// NewHandler serves GraphQL by POST, queries by GET too, and subscriptions as
// server-sent events and over WebSocket. The caller is the
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
	server := handler.New(opts.executable(schema))
	presenter := presenter{opts.Log}
	live := newSubscriptions(opts.App, presenter.present, opts.Live)
	server.AddTransport(live.socket())
	server.AddTransport(live.events())
	writes := writes{opts.App}
	answers := sender{&answerBuffers{}, writes}
	server.AddTransport(get{sender: answers})
	server.AddTransport(post{sender: answers})
	validated := newShortTexts[*ast.QueryDocument](100)
	server.SetQueryCache(validated)
	server.SetParserTokenLimit(tokenLimit)
	server.SetErrorPresenter(presenter.present)
	server.SetRecoverFunc(presenter.recovered)
	server.Use(opts.Trusted)
	server.Use(extension.AutomaticPersistedQuery{Cache: newShortTexts[string](1000)})
	server.Use(draftLimit{validated})
	server.Use(shapeLimit{})
	server.Use(knownCaller{})
	server.Use(argumentBounds{})
	server.Use(&costLimit{limit: opts.CostLimit, app: opts.App})
	if opts.Observe != nil {
		server.AroundOperations(opts.Observe.around)
	}
	server.AroundOperations(writes.around)
	server.AroundOperations(live.around)
	server.AroundRootFields(writes.aroundRootField)
	return bounded(server, opts.Timeout)
}

// SDL is the text of schema.graphqls.
func SDL() string {
	return exec.NewExecutableSchema(exec.Config{}).Schema().Query.Position.Src.Input
}
