package httpserver

import (
	"context"
	"net/http"
	"strings"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/trail"
)

// Bearer is the request's bearer token, or empty.
func Bearer(r *http.Request) string {
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// withPrincipal authenticates before GraphQL sees the request: by the bearer
// token where there is one, else by the session's cookie, which pages of other
// sites cannot use. A wrong token is refused here; no token, and a session that
// has ended, go on, and the API refuses what is not for everybody.
func (o Options) withPrincipal(guard *originGuard, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, err := o.authenticated(r.Context(), guard, r)
		if err != nil {
			o.refuseGraphQL(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func (o Options) authenticated(ctx context.Context, guard *originGuard, r *http.Request) (context.Context, error) {
	bearer, token := Bearer(r), o.sessionToken(r)
	if bearer != "" || token == "" {
		p, err := o.Authenticate(ctx, bearer)
		if err != nil {
			return nil, err
		}
		return o.WithPrincipal(ctx, p), nil
	}
	if err := guard.check(r); err != nil {
		return nil, err
	}
	p, err := o.Accounts.FindSession(ctx, token)
	if err != nil {
		return nil, err
	}
	return o.Accounts.WithSession(o.WithPrincipal(ctx, p), access.DigestSecret(token)), nil
}

// refuseGraphQL answers in GraphQL's own form.
func (o Options) refuseGraphQL(w http.ResponseWriter, r *http.Request, err error) {
	status, code, message := present(err)
	if status >= http.StatusInternalServerError {
		o.Log.ErrorContext(r.Context(), "authenticating failed", "error", err)
		w.Header().Set("Retry-After", "5")
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	extensions := map[string]any{"code": fault.KindOf(err).String(), "errorCode": code, "requestId": trail.Of(r.Context()).RequestID()}
	writeJSON(w, status, map[string]any{"errors": []any{map[string]any{"message": message, "extensions": extensions}}})
}
