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
	// CompleteConsent ends an OAuth consent.
	CompleteConsent func(ctx context.Context, c Consent) (Consented, error)
	// ConnectMagento pairs a shop and returns the store's and the binding's id.
	ConnectMagento func(ctx context.Context, p access.Principal, baseURL, pairingCode string, provider binding.Provider) (storeID, bindingID string, err error)
	// Ready reports whether the store and migrations are in order.
	Ready func(ctx context.Context) error
	// Register adds further routes, such as Magento's.
	Register func(mux *http.ServeMux)
	Log      *slog.Logger
}

// NewHandler builds the routes.
func NewHandler(o Options) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", o.withPrincipal(o.GraphQL))
	mux.HandleFunc("POST /v1/magento/connect", o.connectMagento)
	mux.HandleFunc("GET /oauth/{provider}/callback", o.oauthCallback)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /readyz", o.ready)
	mux.HandleFunc("GET /{$}", home)
	if o.Register != nil {
		o.Register(mux)
	}
	return secured(mux)
}

// secured sets the headers every answer carries.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

func (o Options) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	if err := o.Ready(ctx); err != nil {
		o.Log.WarnContext(ctx, "not ready", "error", err)
		w.Header().Set("Retry-After", "5")
		writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "unavailable"})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
}

// ServeOn serves until the context ends, then lets requests under way finish
// for at most the grace period. It closes the listener.
func ServeOn(ctx context.Context, listener net.Listener, handler http.Handler, grace time.Duration) error {
	server := &http.Server{
		Handler:           handler,
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
	return nil
}
