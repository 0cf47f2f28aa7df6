package xero

import (
	"crypto/rand"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// authorize is the consent screen. Nothing is redirected to an address that
// the app may not use; every other fault travels back on the redirect.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	target, ok := s.redirectTarget(query.Get("redirect_uri"))
	if !ok || query.Get("client_id") != s.options.ClientID {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte("<html><body><h1>Sorry, something went wrong</h1><p>unauthorized_client: unknown client or redirect URI</p></body></html>"))
		return
	}
	back := url.Values{}
	if state := query.Get("state"); state != "" {
		back.Set("state", state)
	}
	if fault := s.authorizeFault(query); fault != "" {
		back.Set("error", fault)
	} else {
		back.Set("code", s.consent(query))
	}
	merged := target.Query()
	for key, values := range back {
		merged[key] = values
	}
	target.RawQuery = merged.Encode()
	http.Redirect(w, r, target.String(), http.StatusFound) //nolint:gosec // redirectTarget admits only addresses of the app
}

func (s *Server) authorizeFault(query url.Values) string {
	challenge, method := query.Get("code_challenge"), query.Get("code_challenge_method")
	public := s.options.ClientSecret == ""
	switch {
	case query.Get("response_type") != "code":
		return "unsupported_response_type"
	case query.Get("state") == "",
		challenge == "" && (public || method != ""),
		challenge != "" && (method != "S256" || len(challenge) != 43):
		return "invalid_request"
	case !s.grantable(strings.Fields(query.Get("scope"))):
		return "invalid_scope"
	case query.Get("deny") == "true" || s.vault.refuses():
		return "access_denied"
	default:
		return ""
	}
}

// consent links the chosen organisations and issues a code.
func (s *Server) consent(query url.Values) string {
	now, v := s.options.Now(), s.vault
	v.mu.Lock()
	defer v.mu.Unlock()
	chosen := query["organisation"]
	if len(chosen) == 0 {
		chosen = v.choice
	}
	code := &authCode{
		redirectURI: query.Get("redirect_uri"),
		challenge:   query.Get("code_challenge"),
		scopes:      strings.Fields(query.Get("scope")),
		nonce:       query.Get("nonce"),
		eventID:     uuid.NewString(),
		issued:      now,
	}
	for _, f := range v.families {
		if !f.revoked {
			code.scopes = union(code.scopes, f.scopes)
		}
	}
	for _, id := range s.tenantIDs {
		if len(chosen) == 0 || slices.Contains(chosen, id) {
			v.link(id, code.eventID, now)
		}
	}
	value := rand.Text()
	v.codes[value] = code
	return value
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, item := range b {
		if !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	return out
}

func (v *vault) refuses() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.deny
}

// redirectTarget applies Xero's rules: https, or http to localhost; registered
// addresses are compared byte for byte.
func (s *Server) redirectTarget(raw string) (*url.URL, bool) {
	if len(s.options.RedirectURIs) > 0 && !slices.Contains(s.options.RedirectURIs, raw) {
		return nil, false
	}
	target, err := url.Parse(raw)
	if err != nil || target.Host == "" || target.Fragment != "" {
		return nil, false
	}
	switch target.Scheme {
	case "https":
		return target, true
	case "http":
		ip := net.ParseIP(target.Hostname())
		loopback := s.options.AllowLoopbackRedirect && ip != nil && ip.IsLoopback()
		return target, target.Hostname() == "localhost" || loopback
	default:
		return nil, false
	}
}
