package httpserver

import (
	"net/http"
	"strings"

	"byte8.io/ledger/domain/fault"
)

// originGuard keeps pages of other sites from acting with a visitor's cookie.
type originGuard struct{ protection *http.CrossOriginProtection }

// newOriginGuard trusts the host a request names and our own origin: a proxy may
// change the former.
func newOriginGuard(publicURL string) *originGuard {
	protection := http.NewCrossOriginProtection()
	_ = protection.AddTrustedOrigin(publicURL) // what is no origin is trusted by nobody
	return &originGuard{protection}
}

// check refuses a request that another site's page may have made: one that
// could change something, and one that opens a WebSocket, which browsers let
// any page do.
func (g *originGuard) check(r *http.Request) error {
	asked := r
	if isUpgrade(r) {
		if r.Header.Get("Origin") == "" {
			return refusedOrigin(nil)
		}
		// A handshake is a GET, which is safe for everything else.
		asked = r.Clone(r.Context())
		asked.Method = http.MethodPost
	}
	if err := g.protection.Check(asked); err != nil {
		return refusedOrigin(err)
	}
	return nil
}

func refusedOrigin(cause error) error {
	return fault.Wrap(fault.CodeCrossOrigin, "The request came from a page of another site.", cause)
}

func isUpgrade(r *http.Request) bool {
	for _, value := range r.Header.Values("Upgrade") {
		if strings.Contains(strings.ToLower(value), "websocket") {
			return true
		}
	}
	return false
}

// require lets a request through that no other site's page has made.
func (g *originGuard) require(o Options, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := g.check(r); err != nil {
			o.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}
