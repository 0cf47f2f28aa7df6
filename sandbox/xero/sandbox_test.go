package xero_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"byte8.io/ledger/sandbox/xero"
)

const (
	redirectURI = "https://ledger.test/oauth/callback"
	scope       = "openid offline_access accounting.invoices accounting.payments accounting.contacts accounting.settings"
)

// clock is a clock that moves only when told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is a sandbox behind a real HTTP server, with an app linked to it.
type bench struct {
	*xero.Server
	t       *testing.T
	clock   *clock
	url     string
	client  *http.Client
	tenant  string
	access  string
	refresh string
}

// start serves a sandbox that nobody is linked to.
func start(t *testing.T, change ...func(*xero.Options)) *bench {
	t.Helper()
	b := &bench{t: t, clock: &clock{now: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)}}
	options := xero.Options{Now: b.clock.Now, Limits: xero.Limits{Minute: -1, Concurrent: -1, Day: -1, AppMinute: -1}}
	for _, c := range change {
		c(&options)
	}
	b.Server = xero.New(options)
	server := httptest.NewServer(b.Server)
	t.Cleanup(server.Close)
	b.url = server.URL
	b.client = &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return b
}

// linked serves a sandbox and links the app to it.
func linked(t *testing.T, change ...func(*xero.Options)) *bench {
	t.Helper()
	b := start(t, change...)
	tokens := b.exchange(b.consent(nil), "")
	b.access, b.refresh = tokens["access_token"].(string), tokens["refresh_token"].(string)
	b.tenant = b.connections("")[0]["tenantId"].(string)
	return b
}

// consent walks the login and returns the query of the redirect.
func (b *bench) consent(change func(url.Values)) url.Values {
	b.t.Helper()
	query := url.Values{
		"response_type": {"code"}, "client_id": {"sandbox-client"}, "redirect_uri": {redirectURI}, "scope": {scope}, "state": {"s1"},
	}
	if change != nil {
		change(query)
	}
	response, err := b.client.Get(b.url + "/identity/connect/authorize?" + query.Encode())
	require.NoError(b.t, err)
	defer response.Body.Close()
	require.Equal(b.t, http.StatusFound, response.StatusCode)
	location, err := response.Location()
	require.NoError(b.t, err)
	return location.Query()
}

func (b *bench) exchange(redirect url.Values, verifier string) map[string]any {
	b.t.Helper()
	require.Empty(b.t, redirect.Get("error"))
	form := url.Values{"grant_type": {"authorization_code"}, "code": {redirect.Get("code")}, "redirect_uri": {redirectURI}}
	if verifier != "" {
		form.Set("code_verifier", verifier)
	}
	status, body := b.token(form)
	require.Equal(b.t, http.StatusOK, status, body)
	return body
}

func (b *bench) token(form url.Values) (int, map[string]any) {
	b.t.Helper()
	request, err := http.NewRequest(http.MethodPost, b.url+"/connect/token", strings.NewReader(form.Encode()))
	require.NoError(b.t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth("sandbox-client", "sandbox-secret")
	return b.send(request)
}

func (b *bench) rotate(refresh string) (int, map[string]any) {
	b.t.Helper()
	return b.token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
}

func (b *bench) connections(eventID string) []map[string]any {
	b.t.Helper()
	request, err := http.NewRequest(http.MethodGet, b.url+"/connections?authEventId="+eventID, nil)
	require.NoError(b.t, err)
	request.Header.Set("Authorization", "Bearer "+b.access)
	response, err := b.client.Do(request)
	require.NoError(b.t, err)
	defer response.Body.Close()
	require.Equal(b.t, http.StatusOK, response.StatusCode)
	var list []map[string]any
	require.NoError(b.t, json.NewDecoder(response.Body).Decode(&list))
	return list
}

func (b *bench) send(request *http.Request) (int, map[string]any) {
	b.t.Helper()
	response, err := b.client.Do(request)
	require.NoError(b.t, err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	var body map[string]any
	if len(raw) > 0 {
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		require.NoError(b.t, decoder.Decode(&body), string(raw))
	}
	return response.StatusCode, body
}

// request makes a call to the Accounting API, with headers as key and value by
// turns.
func (b *bench) request(method, path, body string, headers ...string) *http.Request {
	b.t.Helper()
	request, err := http.NewRequest(method, b.url+"/api.xro/2.0"+path, strings.NewReader(body))
	require.NoError(b.t, err)
	request.Header.Set("Authorization", "Bearer "+b.access)
	request.Header.Set("Xero-Tenant-Id", b.tenant)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return request
}

func (b *bench) call(method, path, body string, headers ...string) (int, map[string]any) {
	b.t.Helper()
	return b.send(b.request(method, path, body, headers...))
}

// want makes a call that must be answered with 200, and returns the elements.
func (b *bench) want(method, path, plural, body string, headers ...string) []map[string]any {
	b.t.Helper()
	status, answer := b.call(method, path, body, headers...)
	require.Equal(b.t, http.StatusOK, status, "%s %s: %v", method, path, answer)
	return elements(b.t, answer, plural)
}

// refused makes a call that must be answered with 400, and returns the messages
// of every element.
func (b *bench) refused(method, path, body string, headers ...string) string {
	b.t.Helper()
	status, answer := b.call(method, path, body, headers...)
	require.Equal(b.t, http.StatusBadRequest, status, "%s %s: %v", method, path, answer)
	var all []string
	list, _ := answer["Elements"].([]any)
	for _, item := range list {
		all = append(all, messages(item.(map[string]any)))
	}
	if all == nil {
		return answer["Message"].(string)
	}
	return strings.Join(all, "\n")
}

func (b *bench) control(method, path, body string) (int, map[string]any) {
	b.t.Helper()
	request, err := http.NewRequest(method, b.url+"/_sandbox"+path, strings.NewReader(body))
	require.NoError(b.t, err)
	return b.send(request)
}

func elements(t *testing.T, answer map[string]any, plural string) []map[string]any {
	t.Helper()
	list, ok := answer[plural].([]any)
	require.True(t, ok, "%s in %v", plural, answer)
	out := make([]map[string]any, 0, len(list))
	for _, item := range list {
		out = append(out, item.(map[string]any))
	}
	return out
}

func messages(element map[string]any) string {
	var out []string
	list, _ := element["ValidationErrors"].([]any)
	for _, item := range list {
		out = append(out, item.(map[string]any)["Message"].(string))
	}
	return strings.Join(out, "\n")
}

func (b *bench) contact(name string) string {
	b.t.Helper()
	return b.want("PUT", "/Contacts", "Contacts", `{"Contacts":[{"Name":"`+name+`"}]}`)[0]["ContactID"].(string)
}

// sale is the JSON of an approved invoice with the lines given.
func sale(contactID, number, lines string) string {
	return `{"Type":"ACCREC","Contact":{"ContactID":"` + contactID + `"},"InvoiceNumber":"` + number +
		`","Reference":"Order ` + number + `","Date":"2026-10-01","DueDate":"2026-10-31","Status":"AUTHORISED","LineItems":[` + lines + `]}`
}

func goods(unit string) string {
	return `{"Description":"Canvas bag","Quantity":1,"UnitAmount":` + unit + `,"AccountCode":"200","TaxType":"OUTPUT2"}`
}

func newKey() string { return uuid.NewString() }
