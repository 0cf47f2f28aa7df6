// Package httpserver serves what is spoken over HTTP beside Magento's own
// routes: GraphQL, OAuth callbacks, pairing over REST, health. It takes plain
// functions and knows no use case.
package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
)

// Options are what the routes call.
type Options struct {
	// GraphQL answers /graphql. The principal is in its request's context.
	GraphQL http.Handler
	// Authenticate turns a bearer token into a principal; no token is a zero one.
	Authenticate func(ctx context.Context, bearer string) (access.Principal, error)
	// WithPrincipal puts the principal where the GraphQL handler looks for it.
	WithPrincipal func(ctx context.Context, p access.Principal) context.Context
	// Accounts are for people who sign in; nil leaves their routes out.
	Accounts *Accounts
	// CompleteConsent ends an OAuth consent.
	CompleteConsent func(ctx context.Context, c Consent) (Consented, error)
	// ConnectMagento pairs a shop and returns the store's and the binding's id.
	ConnectMagento func(ctx context.Context, p access.Principal, baseURL, pairingCode string, provider binding.Provider) (storeID, bindingID string, err error)
	// Ready reports whether the store and migrations are in order.
	Ready func(ctx context.Context) error
	// Degraded says what does not work although the server does; nil for nothing.
	Degraded func(ctx context.Context) []string
	// Register adds further routes, such as Magento's.
	Register func(mux *http.ServeMux)
	// Observe is told of each request when it begins; its function, of how it
	// ended. Nil observes nothing.
	Observe func(ctx context.Context, r *http.Request) (context.Context, func(Served))
	// Now is the clock that requests are timed by; time.Now when nil.
	Now func() time.Time
	Log *slog.Logger
}

// NewHandler builds the routes.
func NewHandler(o Options) http.Handler {
	mux := http.NewServeMux()
	publicURL := ""
	if o.Accounts != nil {
		publicURL = o.Accounts.PublicURL
	}
	guard := newOriginGuard(publicURL)
	if o.Accounts != nil {
		o.registerAccounts(mux, guard)
	}
	mux.Handle("/graphql", o.withPrincipal(guard, o.GraphQL))
	mux.HandleFunc("POST /v1/magento/connect", o.connectMagento)
	mux.HandleFunc("GET /oauth/{provider}/callback", o.oauthCallback)
	o.registerProbes(mux)
	mux.HandleFunc("GET /{$}", home)
	if o.Register != nil {
		o.Register(mux)
	}
	return o.observed(secured(mux))
}

// secured sets the headers every answer carries.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// ServeOn serves until the context ends, then lets requests under way, and
// connections that handlers took over, finish for at most the grace period. It
// closes the listener.
func ServeOn(ctx context.Context, listener net.Listener, handler http.Handler, grace time.Duration) error {
	counted := &inFlight{next: handler}
	server := &http.Server{
		Handler:           counted,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(ending); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("shutting down: %w", err)
	}
	counted.wait(ending)
	return nil
}
