package xero_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
	sandbox "byte8.io/ledger/sandbox/xero"
)

func TestAuthorizationURL(t *testing.T) {
	t.Parallel()
	p, err := xero.New(xero.Config{ClientID: "app-1"})
	require.NoError(t, err)
	got, err := p.AuthorizationURL("s", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", redirectURL)
	require.NoError(t, err)
	u, err := url.Parse(got)
	require.NoError(t, err)
	want := url.Values{
		"response_type": {"code"}, "client_id": {"app-1"}, "redirect_uri": {redirectURL}, "state": {"s"},
		"scope": {xero.DefaultScopes}, "code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}
	if u.Scheme+"://"+u.Host+u.Path != "https://login.xero.com/identity/connect/authorize" {
		t.Errorf("AuthorizationURL leads to %s", u)
	}
	if diff := cmp.Diff(want, u.Query()); diff != "" {
		t.Errorf("AuthorizationURL query (-want +got):\n%s", diff)
	}
}

func TestWithoutApp(t *testing.T) {
	t.Parallel()
	p, err := xero.New(xero.Config{})
	require.NoError(t, err)
	_, err = p.AuthorizationURL("s", "v", redirectURL)
	require.Equal(t, fault.CodeProviderMisconfigured, fault.CodeOf(err))
	_, err = p.Exchange(t.Context(), "code", "v", redirectURL)
	require.Equal(t, fault.CodeProviderMisconfigured, fault.CodeOf(err))
	_, err = p.Refresh(t.Context(), "refresh")
	require.Equal(t, fault.CodeProviderMisconfigured, fault.CodeOf(err))
}

func TestConsentRefreshAndRevoke(t *testing.T) {
	t.Parallel()
	now := time.Now()
	b := newBench(t, func(o *sandbox.Options, c *xero.Config) {
		o.Now, c.Now = func() time.Time { return now }, func() time.Time { return now }
	})
	require.NotEmpty(t, b.tokens.Subject)
	require.Equal(t, now.Add(30*time.Minute), b.tokens.ExpiresAt)

	organisations, err := b.Organisations(t.Context(), b.tokens)
	require.NoError(t, err)
	want := []binding.Organisation{{ID: b.session.OrganisationID, LinkID: organisations[0].LinkID, Name: "Sandbox Trading Ltd"}}
	if diff := cmp.Diff(want, organisations); diff != "" {
		t.Errorf("Organisations (-want +got):\n%s", diff)
	}

	renewed, err := b.Refresh(t.Context(), b.tokens.RefreshToken)
	require.NoError(t, err)
	require.NotEqual(t, b.tokens.RefreshToken, renewed.RefreshToken)
	require.Equal(t, b.tokens.Subject, renewed.Subject)

	require.NoError(t, b.Revoke(t.Context(), renewed, organisations[0].LinkID))
	require.NoError(t, b.Revoke(t.Context(), renewed, organisations[0].LinkID), "an unknown link")
	organisations, err = b.Organisations(t.Context(), renewed)
	require.NoError(t, err)
	require.Empty(t, organisations)

	require.NoError(t, b.Revoke(t.Context(), renewed, ""))
	_, err = b.Refresh(t.Context(), renewed.RefreshToken)
	require.Equal(t, fault.CodeProviderUnlinked, fault.CodeOf(err))
}

func TestCodeWorksOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	verifier := oauth2.GenerateVerifier()
	code := b.authorize(verifier).Get("code")
	_, err := b.Exchange(t.Context(), code, verifier, redirectURL)
	require.NoError(t, err)
	_, err = b.Exchange(t.Context(), code, verifier, redirectURL)
	require.Equal(t, fault.CodeProviderUnlinked, fault.CodeOf(err))
}

func TestRefreshAfterLostAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.inject(sandbox.TimeoutAfter, http.MethodPost, "/connect/token")
	_, err := b.Refresh(t.Context(), b.tokens.RefreshToken)
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
	_, err = b.Refresh(t.Context(), b.tokens.RefreshToken)
	require.NoError(t, err)
}

func TestTokenFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		want   fault.Code
	}{
		"a rotated token":    {400, `{"error":"invalid_grant"}`, fault.CodeProviderUnlinked},
		"a wrong secret":     {400, `{"error":"invalid_client"}`, fault.CodeProviderMisconfigured},
		"a 401 wrong secret": {401, `{"error":"invalid_client"}`, fault.CodeProviderMisconfigured},
		"a wrong app type":   {400, `{"error":"unauthorized_client"}`, fault.CodeProviderMisconfigured},
		"an old scope":       {400, `{"error":"invalid_scope","error_description":"x"}`, fault.CodeProviderMisconfigured},
		"a 500":              {500, `{"error":"invalid_grant"}`, fault.CodeProviderUnavailable},
		"a page of HTML":     {503, `<html></html>`, fault.CodeProviderUnavailable},
		"a firewall":         {403, `<html></html>`, fault.CodeProviderUnavailable},
		"a limit":            {429, ``, fault.CodeRateLimited},
		"an empty success":   {200, `{}`, fault.CodeProviderUnavailable},
		"a broken success":   {200, `{"access_token":`, fault.CodeProviderUnavailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _ := stub(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			})
			_, err := p.Refresh(t.Context(), "refresh-1")
			if got := fault.CodeOf(err); got != tt.want {
				t.Errorf("Refresh = %v, want %s", err, tt.want)
			}
			require.NotContains(t, err.Error(), "refresh-1")
		})
	}
}

func TestRevokeConsent(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		want   fault.Code
	}{
		"a token it knows":      {200, ``, ""},
		"a token it has no use": {400, `{"error":"invalid_grant"}`, ""},
		"a wrong secret":        {400, `{"error":"invalid_client"}`, fault.CodeProviderMisconfigured},
		"a page of HTML":        {503, `<html>`, fault.CodeProviderUnavailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, r := stub(t, answer(tt.status, nil, tt.body))
			err := p.Revoke(t.Context(), ports.Tokens{RefreshToken: "refresh-1"}, "")
			if tt.want == "" {
				require.NoError(t, err)
			} else {
				require.Equal(t, tt.want, fault.CodeOf(err))
			}
			sent := r.calls()[0]
			require.Equal(t, "/connect/revocation", sent.request.URL.Path)
			require.Equal(t, "token=refresh-1", string(sent.sent))
			user, _, _ := sent.request.BasicAuth()
			require.Equal(t, "client", user)
		})
	}
	t.Run("without a token", func(t *testing.T) {
		t.Parallel()
		p, r := stub(t, answer(500, nil, ``))
		require.NoError(t, p.Revoke(t.Context(), ports.Tokens{}, ""))
		require.Empty(t, r.calls())
	})
}

func TestTokenRequest(t *testing.T) {
	t.Parallel()
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"xero_userid":"user-1"}`))
	for name, secret := range map[string]string{"an app with a secret": "secret", "a public app": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, r := stub(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(`{"access_token":"opaque","refresh_token":"r2","expires_in":1800,"id_token":"h.` + claims + `.s"}`))
			}, func(c *xero.Config) { c.ClientSecret = secret })
			tokens, err := p.Exchange(t.Context(), "code-1", "verifier-1", redirectURL)
			require.NoError(t, err)
			require.Equal(t, "user-1", tokens.Subject)
			sent := r.calls()[0]
			form, err := url.ParseQuery(string(sent.sent))
			require.NoError(t, err)
			want := url.Values{
				"grant_type": {"authorization_code"}, "code": {"code-1"}, "redirect_uri": {redirectURL}, "code_verifier": {"verifier-1"},
			}
			user, password, isBasic := sent.request.BasicAuth()
			if secret == "" {
				want.Set("client_id", "client")
				require.False(t, isBasic)
			} else {
				require.Equal(t, []string{"client", "secret"}, []string{user, password})
			}
			if diff := cmp.Diff(want, form); diff != "" {
				t.Errorf("token request (-want +got):\n%s", diff)
			}
			require.Equal(t, "/connect/token", sent.request.URL.Path)
			require.Equal(t, "byte8-ledger", sent.request.UserAgent())
		})
	}
}
