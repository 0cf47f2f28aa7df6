package httpserver

import (
	"net/http"
	"strings"
	"time"
)

// The session's cookie. Under https its name binds it to this host and to
// https, whatever other hosts of the domain do.
const (
	cookieName       = "ledger_session"
	secureCookieName = "__Host-ledger_session"
)

func (a *Accounts) isSecure() bool { return strings.HasPrefix(a.PublicURL, "https://") }

func (a *Accounts) cookieName() string {
	if a.isSecure() {
		return secureCookieName
	}
	return cookieName
}

// setCookie sets the session's cookie until the time, or removes it.
func (a *Accounts) setCookie(w http.ResponseWriter, value string, until time.Time) {
	cookie := http.Cookie{ //nolint:gosec // a server without https is for trying it at home
		Name: a.cookieName(), Value: value, Path: "/", HttpOnly: true, Secure: a.isSecure(), SameSite: http.SameSiteLaxMode, Expires: until,
	}
	if value == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, &cookie)
}

// sessionToken is the token of the request's cookie, or empty.
func (o Options) sessionToken(r *http.Request) string {
	if o.Accounts == nil {
		return ""
	}
	cookie, err := r.Cookie(o.Accounts.cookieName())
	if err != nil {
		return ""
	}
	return cookie.Value
}

func (o Options) setSession(w http.ResponseWriter, done SignedIn) {
	o.Accounts.setCookie(w, done.Token, done.ExpiresAt)
}

func (o Options) clearSession(w http.ResponseWriter) { o.Accounts.setCookie(w, "", time.Time{}) }
