package httpserver

import (
	"context"
	"net/http"
	"time"
)

// NewProbes serves /healthz, /readyz and /metrics alone, for a listener of their
// own.
func NewProbes(o Options, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	o.registerProbes(mux)
	mux.Handle("GET /metrics", metrics)
	return secured(mux)
}

func (o Options) registerProbes(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /readyz", o.ready)
}

// readiness is the answer of /readyz.
type readiness struct {
	Status string `json:"status"`
	// Warnings are what does not work although the server does.
	Warnings []string `json:"warnings,omitempty"`
}

func (o Options) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	if err := o.Ready(ctx); err != nil {
		o.Log.WarnContext(ctx, "not ready", "error", err)
		w.Header().Set("Retry-After", "5")
		writeJSON(w, http.StatusServiceUnavailable, readiness{Status: "unavailable"})
		return
	}
	answer := readiness{Status: "ready"}
	if o.Degraded != nil {
		answer.Warnings = o.Degraded(ctx)
	}
	writeJSON(w, http.StatusOK, answer)
}
