package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/trail"
	"byte8.io/ledger/graph/stream"
)

// maxBody is how many bytes a request's body may have.
const maxBody = 1 << 20

// bounded gives each request but streams a time-out, and lets only bodies through that are
// one JSON object of at most [maxBody] bytes.
func bounded(next http.Handler, timeout time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !stream.IsFor(r) {
			ctx, cancel := context.WithTimeout(r.Context(), timeout)
			defer cancel()
			r = r.WithContext(ctx)
		}
		if stream.IsFor(r) && r.Header.Get("Upgrade") == "" {
			// Every subscription needs a caller. Sockets tell theirs by themselves.
			if err := mayUse(principalOf(r.Context()), nil); err != nil {
				refuse(w, r, http.StatusUnauthorized, fault.Of(err))
				return
			}
		}
		switch media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); {
		case r.Method == http.MethodGet:
			next.ServeHTTP(w, r)
			return
		case r.Method != http.MethodPost:
			w.Header().Set("Allow", "GET, POST")
			refuse(w, r, http.StatusMethodNotAllowed, fault.New(fault.CodeMethodNotAllowed, "Send POST, or GET for a query."))
			return
		case media != jsonType:
			w.Header().Set("Accept-Post", jsonType)
			refuse(w, r, http.StatusUnsupportedMediaType, fault.New(fault.CodeMalformed, "Send the operation as application/json."))
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			refuse(w, r, http.StatusRequestEntityTooLarge, fault.New(fault.CodeTooLarge, "The body may have up to 1 MB."))
			return
		}
		if err != nil {
			refuse(w, r, http.StatusBadRequest, fault.New(fault.CodeMalformed, "The body cannot be read."))
			return
		}
		if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' || !json.Valid(body) {
			refuse(w, r, http.StatusBadRequest, fault.New(fault.CodeMalformed, "The body must be one JSON object with a query; lists of operations are not served."))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// refuse answers a request of which nothing is executed in GraphQL's own form.
func refuse(w http.ResponseWriter, r *http.Request, status int, f *fault.Error) {
	header := w.Header()
	header.Set("Content-Type", jsonType)
	header.Set("Cache-Control", "no-store")
	if status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(status)
	extensions := extensionsOf(f)
	if id := trail.Of(r.Context()).RequestID(); id != "" {
		extensions["requestId"] = id
	}
	answer := map[string]any{"errors": []any{map[string]any{"message": f.Message, "extensions": extensions}}}
	if body, err := stream.Encode(answer); err == nil {
		_, _ = w.Write(body) // the client went away
	}
}
