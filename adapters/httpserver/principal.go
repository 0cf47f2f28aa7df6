package httpserver

import (
	"net/http"
	"strings"

	"byte8.io/ledger/domain/fault"
)

// Bearer is the request's bearer token, or empty.
func Bearer(r *http.Request) string {
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// withPrincipal authenticates before GraphQL sees the request. A wrong token is
// refused here; no token goes on, and the schema's own rules refuse it.
func (o Options) withPrincipal(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := o.Authenticate(r.Context(), Bearer(r))
		if err != nil {
			o.refuseGraphQL(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(o.WithPrincipal(r.Context(), p)))
	})
}

// refuseGraphQL answers in GraphQL's own form.
func (o Options) refuseGraphQL(w http.ResponseWriter, r *http.Request, err error) {
	status, code, message := present(err)
	if status >= http.StatusInternalServerError {
		o.Log.ErrorContext(r.Context(), "authenticating failed", "error", err)
		w.Header().Set("Retry-After", "5")
	}
	writeJSON(w, status, map[string]any{"errors": []any{map[string]any{
		"message": message, "extensions": map[string]any{"code": fault.KindOf(err).String(), "errorCode": code},
	}}})
}
