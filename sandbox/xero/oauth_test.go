package xero_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"byte8.io/ledger/sandbox/xero"
)

func TestAuthorizeSendsFaultsBackOnTheRedirect(t *testing.T) {
	t.Parallel()
	b := start(t)
	for _, c := range []struct {
		name, key, value, want string
	}{
		{"refused by the user", "deny", "true", "access_denied"},
		{"another response type", "response_type", "token", "unsupported_response_type"},
		{"no state", "state", "", "invalid_request"},
		{"plain challenge", "code_challenge", strings.Repeat("x", 43), "invalid_request"},
		{"broad scope", "scope", "offline_access accounting.transactions", "invalid_scope"},
		{"misspelt scope", "scope", "offline_access accounting.invoice", "invalid_scope"},
	} {
		got := b.consent(func(q url.Values) { q.Set(c.key, c.value) })
		require.Equal(t, c.want, got.Get("error"), c.name)
		require.Empty(t, got.Get("code"), c.name)
	}
	require.Equal(t, "s1", b.consent(nil).Get("state"))
}

func TestAuthorizeRedirectsOnlyWhereItMay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		uri      string
		loopback bool
		want     int
	}{
		{"https://ledger.test/cb", false, http.StatusFound},
		{"http://localhost:8080/cb", false, http.StatusFound},
		{"http://ledger.test/cb", false, http.StatusBadRequest},
		{"http://127.0.0.1:8080/cb", false, http.StatusBadRequest},
		{"http://127.0.0.1:8080/cb", true, http.StatusFound},
		{"http://10.0.0.1/cb", true, http.StatusBadRequest},
		{"", true, http.StatusBadRequest},
	} {
		b := start(t, func(o *xero.Options) { o.AllowLoopbackRedirect = c.loopback })
		query := url.Values{"response_type": {"code"}, "client_id": {"sandbox-client"}, "redirect_uri": {c.uri}, "scope": {scope}, "state": {"s"}}
		response, err := b.client.Get(b.url + "/identity/connect/authorize?" + query.Encode())
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, c.want, response.StatusCode, "%q, loopback %v", c.uri, c.loopback)
	}
}

func TestCodeIsExchangedOnceAndSoon(t *testing.T) {
	t.Parallel()
	b := start(t)
	redirect := b.consent(nil)
	tokens := b.exchange(redirect, "")
	require.NotEmpty(t, tokens["access_token"])
	require.NotEmpty(t, tokens["refresh_token"])
	require.Equal(t, json.Number("1800"), tokens["expires_in"])

	form := url.Values{"grant_type": {"authorization_code"}, "code": {redirect.Get("code")}, "redirect_uri": {redirectURI}}
	status, body := b.token(form)
	require.Equal(t, http.StatusBadRequest, status)
	require.Equal(t, "invalid_grant", body["error"])

	form.Set("code", b.consent(nil).Get("code"))
	b.clock.advance(5 * time.Minute)
	_, body = b.token(form)
	require.Equal(t, "invalid_grant", body["error"])

	form.Set("code", b.consent(nil).Get("code"))
	form.Set("redirect_uri", redirectURI+"/")
	_, body = b.token(form)
	require.Equal(t, "invalid_grant", body["error"])
}

func TestPKCEVerifierMustProveTheChallenge(t *testing.T) {
	t.Parallel()
	b := start(t)
	verifier := strings.Repeat("v", 43)
	digest := sha256.Sum256([]byte(verifier))
	challenged := func(q url.Values) {
		q.Set("code_challenge", base64.RawURLEncoding.EncodeToString(digest[:]))
		q.Set("code_challenge_method", "S256")
	}
	require.NotEmpty(t, b.exchange(b.consent(challenged), verifier)["access_token"])

	_, body := b.token(url.Values{
		"grant_type": {"authorization_code"}, "code": {b.consent(challenged).Get("code")}, "redirect_uri": {redirectURI},
		"code_verifier": {strings.Repeat("w", 43)},
	})
	require.Equal(t, "invalid_grant", body["error"])
}

func TestTokenEndpointRefusals(t *testing.T) {
	t.Parallel()
	b := start(t)
	_, body := b.token(url.Values{"grant_type": {"password"}})
	require.Equal(t, "unsupported_grant_type", body["error"])

	request, err := http.NewRequest(http.MethodPost, b.url+"/connect/token", strings.NewReader("grant_type=refresh_token"))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth("sandbox-client", "wrong")
	status, body := b.send(request)
	require.Equal(t, http.StatusBadRequest, status)
	require.Equal(t, "invalid_client", body["error"])
}

func TestAccessTokenNamesUserAndEvent(t *testing.T) {
	t.Parallel()
	b := linked(t)
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(b.access, ".")[1])
	require.NoError(t, err)
	var claims map[string]any
	require.NoError(t, json.Unmarshal(payload, &claims))
	require.NotEmpty(t, claims["xero_userid"])
	event := claims["authentication_event_id"].(string)
	require.Len(t, b.connections(event), 1)
	require.Empty(t, b.connections("00000000-0000-0000-0000-000000000001"))
}

func TestConnectionsFollowConsent(t *testing.T) {
	t.Parallel()
	second := "11111111-2222-4333-8444-555555555555"
	b := linked(t, func(o *xero.Options) {
		o.Organisations = []xero.Organisation{
			xero.UKOrganisation("7d2c4a19-0b1e-4f6a-9c55-2a6f3f1d8e01", "One Ltd"), xero.UKOrganisation(second, "Two Ltd"),
		}
	})
	before := b.connections("")
	require.Len(t, before, 2)

	request, err := http.NewRequest(http.MethodDelete, b.url+"/connections/"+before[1]["id"].(string), nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+b.access)
	status, _ := b.send(request)
	require.Equal(t, http.StatusNoContent, status)
	status, _ = b.send(request)
	require.Equal(t, http.StatusNotFound, status)
	status, _ = b.call("GET", "/Organisation", "", "Xero-Tenant-Id", second)
	require.Equal(t, http.StatusForbidden, status)

	b.consent(func(q url.Values) { q.Set("organisation", second) })
	after := b.connections("")
	require.Len(t, after, 2)
	require.Equal(t, second, after[1]["tenantId"])
	require.NotEqual(t, before[1]["id"], after[1]["id"])
	require.Equal(t, before[0]["id"], after[0]["id"])
}

func TestAPIRefusesBadTokenTenantAndScope(t *testing.T) {
	t.Parallel()
	b := linked(t)
	status, body := b.call("GET", "/Organisation", "", "Authorization", "Bearer nonsense")
	require.Equal(t, http.StatusUnauthorized, status)
	require.Equal(t, "AuthenticationUnsuccessful", body["Detail"])

	status, body = b.call("GET", "/Organisation", "", "Xero-Tenant-Id", "")
	require.Equal(t, http.StatusForbidden, status)
	require.Equal(t, "AuthenticationUnsuccessful", body["Detail"])

	b.clock.advance(30 * time.Minute)
	status, body = b.call("GET", "/Organisation", "")
	require.Equal(t, http.StatusUnauthorized, status)
	require.Contains(t, body["Detail"], "TokenExpired")

	fresh := start(t)
	tokens := fresh.exchange(fresh.consent(func(q url.Values) { q.Set("scope", "accounting.contacts.read") }), "")
	require.NotContains(t, tokens, "refresh_token")
	fresh.access, fresh.tenant = tokens["access_token"].(string), b.tenant
	fresh.want("GET", "/Contacts", "Contacts", "")
	status, _ = fresh.call("PUT", "/Contacts", `{"Name":"X"}`)
	require.Equal(t, http.StatusForbidden, status)
	status, _ = fresh.call("GET", "/Invoices", "")
	require.Equal(t, http.StatusForbidden, status)
}

func TestAnswerIsXMLUnlessJSONIsAccepted(t *testing.T) {
	t.Parallel()
	b := linked(t)
	response, err := b.client.Do(b.request("GET", "/Currencies", "", "Accept", "*/*"))
	require.NoError(t, err)
	defer response.Body.Close()
	require.Contains(t, response.Header.Get("Content-Type"), "text/xml")
	require.NotEmpty(t, response.Header.Get("Xero-Correlation-Id"))
}
