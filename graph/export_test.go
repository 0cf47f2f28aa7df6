package graph

import "net/http"

// NewGeneratedHandler is [NewHandler] with nothing but the generated executor.
func NewGeneratedHandler(opts Options) http.Handler {
	opts.isGeneratedOnly = true
	return NewHandler(opts)
}
