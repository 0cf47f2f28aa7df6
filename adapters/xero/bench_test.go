package xero_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/ports"
	sandbox "byte8.io/ledger/sandbox/xero"
)

const redirectURL = "https://ledger.test/oauth/callback"

// recording is one call as it went over the wire.
type recording struct {
	request *http.Request
	sent    []byte
	status  int
	header  http.Header
	got     []byte
}

// recorder is a transport that keeps every call.
type recorder struct {
	next http.RoundTripper
	mu   sync.Mutex
	all  []recording
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	kept := recording{request: request.Clone(context.WithoutCancel(request.Context()))}
	if request.Body != nil {
		kept.sent, _ = io.ReadAll(request.Body)
		request.Body = io.NopCloser(bytes.NewReader(kept.sent))
	}
	response, err := r.next.RoundTrip(request)
	if err == nil {
		kept.status, kept.header = response.StatusCode, response.Header
		kept.got, _ = io.ReadAll(response.Body)
		response.Body = io.NopCloser(bytes.NewReader(kept.got))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, kept)
	return response, err
}

func (r *recorder) calls() []recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]recording(nil), r.all...)
}

// of are the calls with the method to the path below /api.xro/2.0.
func (r *recorder) of(method, path string) []recording {
	var out []recording
	for _, c := range r.calls() {
		if c.request.Method == method && c.request.URL.Path == "/api.xro/2.0"+path {
			out = append(out, c)
		}
	}
	return out
}

// bench is a provider in front of a sandbox, with a consent given.
type bench struct {
	*xero.Provider
	t        *testing.T
	sandbox  *sandbox.Server
	recorder *recorder
	url      string
	tokens   ports.Tokens
	session  ports.Session
}

func newBench(t *testing.T, change ...func(*sandbox.Options, *xero.Config)) *bench {
	t.Helper()
	options := sandbox.Options{Limits: sandbox.Limits{Minute: -1, Concurrent: -1, Day: -1, AppMinute: -1}}
	config := xero.Config{ClientID: "sandbox-client", ClientSecret: "sandbox-secret", Timeout: 5 * time.Second}
	for _, c := range change {
		c(&options, &config)
	}
	b := &bench{t: t, sandbox: sandbox.New(options), recorder: &recorder{next: newTransport(t)}}
	server := httptest.NewServer(b.sandbox)
	t.Cleanup(server.Close)
	b.url = server.URL
	config.APIURL, config.IdentityURL, config.LoginURL, config.Transport = b.url, b.url, b.url, b.recorder
	var err error
	b.Provider, err = xero.New(config)
	require.NoError(t, err)
	b.tokens = b.consent()
	organisations, err := b.Organisations(t.Context(), b.tokens)
	require.NoError(t, err)
	require.NotEmpty(t, organisations)
	b.session = ports.Session{OrganisationID: organisations[0].ID, ShortCode: "!SBX01", AccessToken: b.tokens.AccessToken}
	return b
}

func newTransport(t *testing.T) *http.Transport {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// consent walks the browser's part of the login and exchanges the code.
func (b *bench) consent() ports.Tokens {
	b.t.Helper()
	verifier := oauth2.GenerateVerifier()
	code := b.authorize(verifier).Get("code")
	require.NotEmpty(b.t, code)
	tokens, err := b.Exchange(b.t.Context(), code, verifier, redirectURL)
	require.NoError(b.t, err)
	return tokens
}

func (b *bench) authorize(verifier string) url.Values {
	b.t.Helper()
	address, err := b.AuthorizationURL("state-1", verifier, redirectURL)
	require.NoError(b.t, err)
	browser := &http.Client{
		Transport:     newTransport(b.t),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := browser.Get(address)
	require.NoError(b.t, err)
	defer response.Body.Close()
	require.Equal(b.t, http.StatusFound, response.StatusCode)
	location, err := response.Location()
	require.NoError(b.t, err)
	require.Equal(b.t, "state-1", location.Query().Get("state"))
	return location.Query()
}

func (b *bench) inject(kind sandbox.Kind, method, path string) {
	b.t.Helper()
	require.NoError(b.t, b.sandbox.InjectFault(sandbox.Fault{Kind: kind, Count: 1, Method: method, Path: path}))
}

// contact makes a contact and returns its id.
func (b *bench) contact(number, name string) string {
	b.t.Helper()
	outcomes, err := b.PutContacts(b.t.Context(), b.session, []ports.ContactWrite{contactWrite(number, name)})
	require.NoError(b.t, err)
	require.NoError(b.t, outcomes[0].Err)
	return outcomes[0].ID
}

func contactWrite(number string, names ...string) ports.ContactWrite {
	return ports.ContactWrite{Key: "key-" + number, Contact: books.Contact{Number: number, Names: names}}
}

// invoices are approved invoices of one canvas bag each.
func invoices(contactID string, numbers ...string) []ports.InvoiceWrite {
	out := make([]ports.InvoiceWrite, 0, len(numbers))
	for _, n := range numbers {
		out = append(out, ports.InvoiceWrite{Key: "key-" + n, Invoice: invoice(contactID, n)})
	}
	return out
}

func invoice(contactID, number string) books.Invoice {
	date := books.Date{Year: 2026, Month: time.October, Day: 1}
	return books.Invoice{
		Number: number, Reference: "Order " + number, ContactID: contactID, Date: date, DueDate: date.AddDays(30), TermsDays: 30,
		Currency: "GBP", Status: books.StatusAuthorised, SourceURL: "https://shop.example.test/admin/sales/order/view/order_id/7",
		Lines: []books.Line{{
			Description: "Canvas bag & strap", Quantity: money.Of("2"), UnitAmount: money.Of("12.3456"),
			AccountCode: "200", TaxType: "OUTPUT2", TaxPercent: money.Of("20"),
		}},
	}
}

func numbered(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s%04d", prefix, i+1)
	}
	return out
}

// stub is a provider in front of a handler that plays Xero.
func stub(t *testing.T, handler http.HandlerFunc, change ...func(*xero.Config)) (*xero.Provider, *recorder) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	r := &recorder{next: newTransport(t)}
	config := xero.Config{
		ClientID: "client", ClientSecret: "secret", APIURL: server.URL, IdentityURL: server.URL, LoginURL: server.URL,
		Transport: r, Timeout: 5 * time.Second,
	}
	for _, c := range change {
		c(&config)
	}
	p, err := xero.New(config)
	require.NoError(t, err)
	return p, r
}

var stubSession = ports.Session{OrganisationID: "11111111-1111-1111-1111-111111111111", AccessToken: "token"}
