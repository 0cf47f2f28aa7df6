package httpserver_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"byte8.io/ledger/adapters/httpserver"
	"byte8.io/ledger/domain/access"
)

func TestClientIsTheNearestStranger(t *testing.T) {
	t.Parallel()
	proxies, err := httpserver.ParseProxies("127.0.0.0/8, ::1,10.0.0.9")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ peer, forwarded, want string }{
		"nobody in between":            {"192.0.2.1:1234", "", "192.0.2.1"},
		"a liar":                       {"192.0.2.1:1234", "198.51.100.1", "192.0.2.1"},
		"a proxy":                      {"127.0.0.1:1234", "198.51.100.1", "198.51.100.1"},
		"a proxy and a liar before it": {"127.0.0.1:1234", "203.0.113.7, 198.51.100.1", "198.51.100.1"},
		"two proxies":                  {"[::1]:1234", "198.51.100.1, 10.0.0.9", "198.51.100.1"},
		"a proxy that says nothing":    {"127.0.0.1:1234", "", "127.0.0.1"},
		"a proxy that says nonsense":   {"127.0.0.1:1234", "unknown", "127.0.0.1"},
		"IPv6":                         {"[2001:db8:1:2:3:4:5:6]:1234", "", "2001:db8:1:2::/64"},
		"IPv4 in IPv6":                 {"[::ffff:192.0.2.1]:1234", "", "192.0.2.1"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.RemoteAddr = tt.peer
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		if got := proxies.Client(r); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	for _, bad := range []string{"localhost", "10.0.0.0/33"} {
		if _, err := httpserver.ParseProxies(bad); err == nil {
			t.Errorf("ParseProxies(%q) took it", bad)
		}
	}
}

func TestPagesMayLoadTheirStyleOnly(t *testing.T) {
	t.Parallel()
	handler := httpserver.NewHandler(httpserver.Options{Accounts: &httpserver.Accounts{}, Log: slog.New(slog.DiscardHandler)})
	for _, path := range []string{"/", "/sign-in"} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
		_, rest, _ := strings.Cut(w.Body.String(), "<style>")
		style, _, _ := strings.Cut(rest, "</style>")
		sum := sha256.Sum256([]byte(style))
		if policy, want := w.Header().Get("Content-Security-Policy"), "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'"; !strings.Contains(policy, want) {
			t.Errorf("%s: the policy %q does not allow the page's own style %s", path, policy, want)
		}
	}
}

// A consent asked for in a browser comes back to that browser.
func TestConsentCarriesTheSession(t *testing.T) {
	t.Parallel()
	type key struct{}
	var asked, came string
	handler := httpserver.NewHandler(httpserver.Options{
		Authenticate:  func(context.Context, string) (access.Principal, error) { return access.Principal{}, nil },
		WithPrincipal: func(ctx context.Context, _ access.Principal) context.Context { return ctx },
		Accounts: &httpserver.Accounts{
			FindSession: func(context.Context, string) (access.Principal, error) { return access.System("a"), nil },
			WithSession: func(ctx context.Context, digest string) context.Context { return context.WithValue(ctx, key{}, digest) },
		},
		GraphQL: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked, _ = r.Context().Value(key{}).(string) }),
		CompleteConsent: func(_ context.Context, c httpserver.Consent) (httpserver.Consented, error) {
			came = c.SessionDigest
			return httpserver.Consented{Organisation: "Demo Ltd"}, nil
		},
		Log: slog.New(slog.DiscardHandler),
	})
	for _, path := range []string{"/graphql", "/oauth/xero/callback?state=s&code=c"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
		r.AddCookie(&http.Cookie{Name: "ledger_session", Value: "token"})
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	if asked == "" || asked != came || asked != access.DigestSecret("token") {
		t.Errorf("asked in session %q, came back to %q", asked, came)
	}
}
