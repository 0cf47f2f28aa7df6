package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"byte8.io/ledger/adapters/vault"
	"byte8.io/ledger/app"
	"byte8.io/ledger/ports"
)

const (
	email    = "owner@alpha.example"
	password = "correct horse battery"
)

// outbox keeps messages instead of sending them.
type outbox struct{ messages chan ports.Message }

func (o outbox) Send(_ context.Context, message ports.Message) error {
	o.messages <- message
	return nil
}

// site is a whole embedded ledger over HTTP.
type site struct {
	*ledger
	url  string
	mail outbox
	log  *lockedBuffer
	made app.NewTenant
}

type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func openSite(t *testing.T, flags ...string) *site {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	s := &site{url: "http://" + server.Listener.Addr().String(), mail: outbox{make(chan ports.Message, 100)}, log: &lockedBuffer{}}
	var cli commands
	parser, err := kong.New(&cli)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(append([]string{"serve", "--data-dir", t.TempDir(), "--public-url", s.url}, flags...)); err != nil {
		t.Fatal(err)
	}
	if err := cli.complete(); err != nil {
		t.Fatal(err)
	}
	s.ledger, err = openLedger(t.Context(), &cli.Config, slog.New(slog.NewTextHandler(s.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	s.app.Mail = s.mail
	s.app.Passwords = vault.NewPasswords(vault.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1})
	server.Config.Handler = s.handler()
	server.Start()
	t.Cleanup(func() {
		server.Close()
		if err := s.close(); err != nil {
			t.Error(err)
		}
		for _, secret := range []string{password, s.made.OwnerPassword, s.made.APIKey} {
			if secret != "" && strings.Contains(s.log.String(), secret) {
				t.Error("a secret was logged")
			}
		}
	})
	if s.made, err = s.app.CreateTenant(t.Context(), "Alpha", email); err != nil {
		t.Fatal(err)
	}
	return s
}

// browser keeps cookies and follows no redirect.
func (s *site) browser(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(client.CloseIdleConnections)
	return &visitor{site: s, client: client, headers: http.Header{}}
}

type visitor struct {
	*site
	client  *http.Client
	headers http.Header
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (v *visitor) send(t *testing.T, method, path, kind, body string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, v.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = v.headers.Clone()
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	res, err := v.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

func (v *visitor) post(t *testing.T, path string, fields map[string]string) answer {
	t.Helper()
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return v.send(t, http.MethodPost, path, "application/json", string(body))
}

func (v *visitor) form(t *testing.T, path string, fields map[string]string) answer {
	t.Helper()
	form := url.Values{}
	for name, value := range fields {
		form.Set(name, value)
	}
	return v.send(t, http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode())
}

func (v *visitor) graphql(t *testing.T, operation string) answer {
	t.Helper()
	return v.post(t, "/graphql", map[string]string{"query": operation})
}

func (v *visitor) signIn(t *testing.T, email, password string) answer {
	t.Helper()
	return v.post(t, "/v1/session", map[string]string{"email": email, "password": password})
}

// isKnown reports whether the visitor is the member with the address.
func (v *visitor) isKnown(t *testing.T, email string) bool {
	t.Helper()
	return strings.Contains(v.graphql(t, `{ viewer { principal { kind name } } }`).body, `"kind":"MEMBER","name":"`+email+`"`)
}

func (v *visitor) wantStatus(t *testing.T, what string, got answer, want int) {
	t.Helper()
	if got.status != want {
		t.Fatalf("%s: %d %s, want %d", what, got.status, got.body, want)
	}
}

// linkToken is the token of the next message's link.
func (s *site) linkToken(t *testing.T) string {
	t.Helper()
	select {
	case message := <-s.mail.messages:
		link, err := url.Parse(message.Link)
		if err != nil || !strings.HasPrefix(message.Link, s.url+"/") {
			t.Fatalf("the link is %q: %v", message.Link, err)
		}
		return link.Query().Get("token")
	case <-time.After(10 * time.Second):
		t.Fatal("no message came")
		return ""
	}
}

func TestSigningInAndOut(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	v := s.browser(t)
	got := v.signIn(t, " Owner@Alpha.example ", s.made.OwnerPassword)
	v.wantStatus(t, "signing in", got, http.StatusOK)
	cookie := got.header.Get("Set-Cookie")
	for _, part := range []string{"ledger_session=", "Path=/", "HttpOnly", "SameSite=Lax", "Expires="} {
		if !strings.Contains(cookie, part) {
			t.Errorf("the cookie %q lacks %s", cookie, part)
		}
	}
	if strings.Contains(cookie, "Secure") {
		t.Errorf("the cookie %q would not come back over http", cookie)
	}
	if !v.isKnown(t, email) {
		t.Fatal("a signed-in member is not known")
	}
	second := s.browser(t)
	second.wantStatus(t, "signing in elsewhere", second.signIn(t, email, s.made.OwnerPassword), http.StatusOK)
	first := strings.Split(strings.Split(cookie, ";")[0], "=")[1]
	v.wantStatus(t, "signing in again", v.signIn(t, email, s.made.OwnerPassword), http.StatusOK)
	stolen := s.browser(t)
	stolen.headers.Set("Cookie", "ledger_session="+first)
	if stolen.isKnown(t, email) {
		t.Error("signing in again left the earlier token alive")
	}
	v.wantStatus(t, "signing out", v.send(t, http.MethodDelete, "/v1/session", "", ""), http.StatusNoContent)
	if v.isKnown(t, email) || !second.isKnown(t, email) {
		t.Error("signing out ended the wrong session")
	}
	v.wantStatus(t, "signing out again", v.send(t, http.MethodDelete, "/v1/session", "", ""), http.StatusNoContent)
	s.app.Now = func() time.Time { return clock().Add(8 * 24 * time.Hour) }
	if second.isKnown(t, email) {
		t.Error("a session outlived a week of not being used")
	}
}

func TestCookieUnderHTTPS(t *testing.T) {
	t.Parallel()
	s := openSite(t, "--public-url", "https://ledger.example")
	got := s.browser(t).signIn(t, email, s.made.OwnerPassword)
	if cookie := got.header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "__Host-ledger_session=") || !strings.Contains(cookie, "Secure") || strings.Contains(cookie, "Domain") {
		t.Errorf("the cookie is %q", cookie)
	}
}

func TestOtherSitesCannotUseTheCookie(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	v := s.browser(t)
	v.wantStatus(t, "signing in", v.signIn(t, email, s.made.OwnerPassword), http.StatusOK)
	const mutation = `mutation { inviteMember(input: {email: "evil@other.example", role: OWNER}) { link } }`
	for name, headers := range map[string]map[string]string{
		"another site":               {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
		"another host of the domain": {"Sec-Fetch-Site": "same-site", "Origin": "http://other.127.0.0.1"},
		"an old browser":             {"Origin": "https://evil.example"},
		"a sandboxed frame":          {"Origin": "null"},
	} {
		evil := *v
		evil.headers = http.Header{}
		for key, value := range headers {
			evil.headers.Set(key, value)
		}
		for _, kind := range []string{"application/json", "text/plain", "application/x-www-form-urlencoded"} {
			body, _ := json.Marshal(map[string]string{"query": mutation})
			if got := evil.send(t, http.MethodPost, "/graphql", kind, string(body)); got.status != http.StatusForbidden || !strings.Contains(got.body, "cross_origin") {
				t.Errorf("%s, %s: %d %s", name, kind, got.status, got.body)
			}
		}
		for _, path := range []string{"/v1/session", "/v1/sign-up", "/v1/password-reset", "/v1/password-reset/confirm", "/v1/invitations/accept"} {
			if got := evil.form(t, path, map[string]string{"email": email, "password": s.made.OwnerPassword}); got.status != http.StatusForbidden {
				t.Errorf("%s, %s: %d %s", name, path, got.status, got.body)
			}
		}
		evil.headers.Set("Connection", "Upgrade")
		evil.headers.Set("Upgrade", "websocket")
		if got := evil.send(t, http.MethodGet, "/graphql", "", ""); got.status != http.StatusForbidden {
			t.Errorf("%s opened a WebSocket: %d %s", name, got.status, got.body)
		}
		evil.headers = http.Header{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}, "Authorization": {"Bearer " + s.made.APIKey}}
		if got := evil.graphql(t, `{ viewer { principal { kind } } }`); !strings.Contains(got.body, "API_KEY") {
			t.Errorf("%s with a key of its own: %d %s", name, got.status, got.body)
		}
	}
	if got := v.send(t, http.MethodGet, "/graphql?query="+url.QueryEscape(mutation), "", ""); strings.Contains(got.body, "accept-invitation") {
		t.Errorf("a GET changed something: %s", got.body)
	}
	if got := v.graphql(t, `{ members { nodes { email } } invitations { id } }`); !strings.Contains(got.body, `"invitations":[]`) {
		t.Errorf("something was changed: %s", got.body)
	}
	v.headers.Set("Origin", s.url)
	v.headers.Set("Sec-Fetch-Site", "same-origin")
	if got := v.graphql(t, `mutation { inviteMember(input: {email: "new@alpha.example", role: VIEWER}) { invitation { email } } }`); !strings.Contains(got.body, "new@alpha.example") {
		t.Errorf("our own page: %d %s", got.status, got.body)
	}
}

func TestGuessesAreSlowedDown(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	v := s.browser(t)
	for _, address := range []string{email, "nobody@alpha.example"} {
		for i := range 10 {
			got := v.signIn(t, address, "a wrong password")
			if got.status != http.StatusUnauthorized || !strings.Contains(got.body, "The e-mail address or the password is wrong.") {
				t.Fatalf("guess %d for %s: %d %s", i, address, got.status, got.body)
			}
		}
		got := v.signIn(t, address, s.made.OwnerPassword)
		if got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") == "" || !strings.Contains(got.body, "too_many_tries") {
			t.Errorf("the eleventh for %s: %d %v %s", address, got.status, got.header, got.body)
		}
	}
}

func TestPasswordReset(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	v, other := s.browser(t), s.browser(t)
	other.wantStatus(t, "signing in", other.signIn(t, email, s.made.OwnerPassword), http.StatusOK)
	for _, address := range []string{"nobody@alpha.example", "no address", "", email} {
		got := v.post(t, "/v1/password-reset", map[string]string{"email": address})
		if got.status != http.StatusAccepted || got.body != "{\"status\":\"accepted\"}\n" {
			t.Errorf("asking for %q: %d %s", address, got.status, got.body)
		}
	}
	token := s.linkToken(t)
	page := v.send(t, http.MethodGet, "/reset-password?token="+token, "", "")
	if page.status != http.StatusOK || !strings.Contains(page.body, token) {
		t.Fatalf("the link's page: %d %s", page.status, page.body)
	}
	short := v.post(t, "/v1/password-reset/confirm", map[string]string{"token": token, "password": "short"})
	v.wantStatus(t, "a short password", short, http.StatusBadRequest)
	confirm := map[string]string{"token": token, "password": password}
	v.wantStatus(t, "a new password", v.post(t, "/v1/password-reset/confirm", confirm), http.StatusNoContent)
	again := v.post(t, "/v1/password-reset/confirm", confirm)
	if again.status != http.StatusBadRequest || !strings.Contains(again.body, "link_invalid") {
		t.Errorf("the link again: %d %s", again.status, again.body)
	}
	if other.isKnown(t, email) {
		t.Error("an earlier session outlived the new password")
	}
	v.wantStatus(t, "the old password", v.signIn(t, email, s.made.OwnerPassword), http.StatusUnauthorized)
	v.wantStatus(t, "the new password", v.signIn(t, email, password), http.StatusOK)
	select {
	case message := <-s.mail.messages:
		t.Errorf("a message for nobody: %+v", message)
	default:
	}
}

func TestInvitationsInABrowser(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	owner, guest := s.browser(t), s.browser(t)
	owner.wantStatus(t, "signing in", owner.signIn(t, email, s.made.OwnerPassword), http.StatusOK)
	if got := owner.graphql(t, `mutation { inviteMember(input: {email: "guest@alpha.example", role: VIEWER}) { link userErrors { code } } }`); !strings.Contains(got.body, `"userErrors":[]`) {
		t.Fatal(got.body)
	}
	token := s.linkToken(t)
	page := guest.send(t, http.MethodGet, "/accept-invitation?token="+token, "", "")
	if page.status != http.StatusOK || !strings.Contains(page.body, "You join Alpha as guest@alpha.example.") {
		t.Fatalf("the link's page: %d %s", page.status, page.body)
	}
	got := guest.form(t, "/v1/invitations/accept", map[string]string{"token": token, "password": password})
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/" || !guest.isKnown(t, "guest@alpha.example") {
		t.Fatalf("accepting: %d %v %s", got.status, got.header, got.body)
	}
	again := s.browser(t).form(t, "/v1/invitations/accept", map[string]string{"token": token, "password": password})
	if again.status != http.StatusBadRequest || !strings.Contains(again.body, `role="alert"`) {
		t.Errorf("accepting again: %d %s", again.status, again.body)
	}
	if got := guest.graphql(t, `{ members { nodes { email } } }`); !strings.Contains(got.body, "DENIED") {
		t.Errorf("a viewer lists members: %s", got.body)
	}
	members := owner.graphql(t, `{ members { nodes { id email } } }`).body
	id := regexp.MustCompile(`mem_\w+`).FindAllString(members, -1)[1]
	if got := owner.graphql(t, `mutation { removeMember(input: {memberId: "`+id+`"}) { removedMemberId userErrors { code } } }`); !strings.Contains(got.body, id) {
		t.Fatal(got.body)
	}
	if guest.isKnown(t, "guest@alpha.example") {
		t.Error("a removed member is still known")
	}
}

func TestSigningUp(t *testing.T) {
	t.Parallel()
	fields := map[string]string{"email": "new@beta.example", "password": password, "tenantName": "Beta"}
	closed := openSite(t).browser(t)
	if got := closed.post(t, "/v1/sign-up", fields); got.status != http.StatusForbidden || !strings.Contains(got.body, "sign_up_closed") {
		t.Errorf("on a closed server: %d %s", got.status, got.body)
	}
	closed.wantStatus(t, "the closed page", closed.send(t, http.MethodGet, "/sign-up", "", ""), http.StatusForbidden)

	open := openSite(t, "--sign-up", "open").browser(t)
	open.wantStatus(t, "signing up", open.post(t, "/v1/sign-up", fields), http.StatusOK)
	if !open.isKnown(t, "new@beta.example") {
		t.Error("who signed up is not known")
	}
	open.wantStatus(t, "the same address again", open.post(t, "/v1/sign-up", fields), http.StatusConflict)
	for name, value := range map[string]string{"email": "no address", "password": "short", "tenantName": " "} {
		bad := map[string]string{"email": "x@beta.example", "password": password, "tenantName": "Beta"}
		bad[name] = value
		open.wantStatus(t, "a bad "+name, open.post(t, "/v1/sign-up", bad), http.StatusBadRequest)
	}
}

func TestPagesOfForms(t *testing.T) {
	t.Parallel()
	v := openSite(t, "--sign-up", "open").browser(t)
	for _, path := range []string{"/sign-in", "/sign-up", "/reset-password", "/reset-password?token=x"} {
		got := v.send(t, http.MethodGet, path, "", "")
		v.wantStatus(t, path, got, http.StatusOK)
		policy := got.header.Get("Content-Security-Policy")
		if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "form-action 'self'") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
		if strings.Contains(got.body, "<script") || !strings.Contains(got.body, `<form method="post"`) {
			t.Errorf("%s: %s", path, got.body)
		}
	}
	sent := v.form(t, "/v1/session", map[string]string{"email": email, "password": v.made.OwnerPassword, "returnTo": "/dashboard?tab=1"})
	if sent.status != http.StatusSeeOther || sent.header.Get("Location") != "/dashboard?tab=1" {
		t.Errorf("after signing in: %d to %q", sent.status, sent.header.Get("Location"))
	}
	for _, elsewhere := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", ""} {
		sent := v.form(t, "/v1/session", map[string]string{"email": email, "password": v.made.OwnerPassword, "returnTo": elsewhere})
		if sent.status != http.StatusSeeOther || sent.header.Get("Location") != "/" {
			t.Errorf("returnTo %q: %d to %q", elsewhere, sent.status, sent.header.Get("Location"))
		}
	}
	hostile := v.form(t, "/v1/session", map[string]string{"email": `"><script>alert(1)</script>`, "password": "x"})
	if hostile.status != http.StatusUnauthorized || strings.Contains(hostile.body, "<script") {
		t.Errorf("a hostile address: %d %s", hostile.status, hostile.body)
	}
	v.wantStatus(t, "a body of no kind", v.send(t, http.MethodPost, "/v1/session", "text/plain", "{}"), http.StatusBadRequest)
	v.wantStatus(t, "a huge body", v.post(t, "/v1/session", map[string]string{"email": strings.Repeat("x", 1<<20)}), http.StatusBadRequest)
}
