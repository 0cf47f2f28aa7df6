package magento_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"byte8.io/ledger/adapters/magento"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

func newClient(t *testing.T, opts magento.Options) *magento.Client {
	t.Helper()
	if opts.Now == nil {
		opts.Now = issuedAt
	}
	c := magento.NewClient(opts)
	t.Cleanup(c.Close)
	return c
}

func private() magento.Options { return magento.Options{AllowPrivate: true} }

func accessTo(url string) ports.ShopAccess {
	return ports.ShopAccess{TenantID: vectorTenant, BaseURL: url, Secret: vectorSecret}
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func answerJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

const smallCustomer = `{"magento_id":7,"email":"a@example.com","website_id":1,"addresses":[]}`

func TestEveryCallCarriesAFreshToken(t *testing.T) {
	t.Parallel()
	var tokens []string
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		tokens = append(tokens, r.Header.Get("Authorization"))
		if got, want := r.URL.Path, "/store/rest/V1/byte8/customer/7"; got != want {
			t.Errorf("path %s, want %s", got, want)
		}
		if got := r.Header.Get("Accept"); got != "application/json" {
			t.Errorf("Accept %q", got)
		}
		answerJSON(w, http.StatusOK, smallCustomer)
	})
	client := newClient(t, private())
	for range 2 {
		if _, err := client.Customer(t.Context(), accessTo(url+"/store/"), 7); err != nil {
			t.Fatal(err)
		}
	}
	if len(tokens) != 2 || tokens[0] == tokens[1] {
		t.Fatalf("tokens %q", tokens)
	}
	header, claims := open(t, tokens[0])
	if diff := cmp.Diff(map[string]any{"alg": "HS256", "typ": "JWT"}, header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	if id, err := uuid.Parse(claims["jti"].(string)); err != nil || id.Version() != 4 {
		t.Errorf("jti %v is no version 4 UUID", claims["jti"])
	}
	delete(claims, "jti")
	want := map[string]any{
		"iss": "byte8-ledger", "aud": "magento", "sub": string(vectorTenant),
		"iat": json.Number("1767225580"), "nbf": json.Number("1767225580"), "exp": json.Number("1767225880"),
	}
	if diff := cmp.Diff(want, claims); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

// open checks a token's signature with the contract's inbound key.
func open(t *testing.T, authorization string) (header, claims map[string]any) {
	t.Helper()
	token, ok := strings.CutPrefix(authorization, "Bearer ")
	parts := strings.Split(token, ".")
	if !ok || len(parts) != 3 {
		t.Fatalf("Authorization %q", authorization)
	}
	key, err := hex.DecodeString(vectorInbound)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(parts[0] + "." + parts[1]))
	if got := base64.RawURLEncoding.EncodeToString(mac.Sum(nil)); got != parts[2] {
		t.Fatal("the signature is not the inbound subkey's")
	}
	for i, into := range []*map[string]any{&header, &claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		decoder := json.NewDecoder(strings.NewReader(string(raw)))
		decoder.UseNumber()
		if err := decoder.Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	return header, claims
}

func TestAnswersAreClassified(t *testing.T) {
	t.Parallel()
	page := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<html>back soon</html>")
		}
	}
	said := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, status, body) }
	}
	tests := map[string]struct {
		handler http.HandlerFunc
		want    fault.Code
		message string
	}{
		"401":                   {said(401, `{"message":"no"}`), fault.CodeMagentoAuth, ""},
		"404":                   {said(404, `{"message":"No such entity."}`), fault.CodeMagentoNotFound, "(No such entity)"},
		"400":                   {said(400, `{"message":"bad\u0000 input"}`), fault.CodeMagentoRefused, "400 (bad  input)"},
		"403":                   {page(403), fault.CodeMagentoRefused, "403"},
		"429":                   {said(429, `{}`), fault.CodeMagentoRefused, "429"},
		"500":                   {said(500, `{"message":"Report ID: webapi-1"}`), fault.CodeMagentoRefused, "webapi-1"},
		"503":                   {page(503), fault.CodeMagentoRefused, "503"},
		"204 to a read":         {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, fault.CodeMagentoDocument, ""},
		"page with 200":         {page(200), fault.CodeMagentoRefused, "maintenance"},
		"half a document":       {said(200, `{"magento_id":7,`), fault.CodeMagentoRefused, ""},
		"document without id":   {said(200, `{"email":"a@example.com"}`), fault.CodeMagentoDocument, "magento_id"},
		"another document":      {said(200, strings.Replace(smallCustomer, "7", "8", 1)), fault.CodeMagentoDocument, "answered with 8"},
		"document too long":     {said(200, `{"email":"`+strings.Repeat("x", 5<<20)+`"}`), fault.CodeMagentoDocument, "4 MB"},
		"redirect":              {redirect("https://www.shop.example/rest/V1/byte8/customer/7"), fault.CodeMagentoRefused, "to https://www.shop.example;"},
		"redirect to nowhere":   {redirect("/maintenance"), fault.CodeMagentoRefused, "redirects;"},
		"connection cut":        {cut(""), fault.CodeMagentoUnreachable, ""},
		"answer cut":            {cut("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"), fault.CodeMagentoUnreachable, ""},
		"not HTTP":              {cut("hello\r\n\r\n"), fault.CodeMagentoUnreachable, ""},
		"headers without end":   {cut("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 128<<10) + "\r\n\r\n"), fault.CodeMagentoUnreachable, ""},
		"long words of a shop":  {said(500, `{"message":"`+strings.Repeat("é", 300)+`"}`), fault.CodeMagentoRefused, "(" + strings.Repeat("é", 200) + ")"},
		"error that never ends": {said(500, strings.Repeat("x", 1<<20)), fault.CodeMagentoRefused, "500."},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newClient(t, private()).Customer(t.Context(), accessTo(serve(t, tc.handler)), 7)
			if got := fault.CodeOf(err); got != tc.want {
				t.Fatalf("code %s, want %s (%v)", got, tc.want, err)
			}
			if !strings.Contains(fault.Of(err).Message, tc.message) {
				t.Errorf("message %q lacks %q", fault.Of(err).Message, tc.message)
			}
			if strings.Contains(err.Error(), "127.0.0.1") && strings.Contains(err.Error(), "http://") {
				t.Errorf("the error quotes the address: %v", err)
			}
		})
	}
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	}
}

// cut writes raw bytes and closes the connection.
func cut(raw string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, raw)
		_ = conn.Close()
	}
}

func TestAShopsPauseIsKept(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"30": 30 * time.Second, "99999999999": time.Hour, "999999": time.Hour, "-1": 0, "soon": 0, "": 0,
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", header)
			w.WriteHeader(http.StatusServiceUnavailable)
		})
		err := newClient(t, private()).Ping(t.Context(), accessTo(url))
		if got := fault.Of(err).Wait; got != want {
			t.Errorf("Retry-After %q: wait %s, want %s", header, got, want)
		}
	}
}

func TestASlowShopIsUnreachable(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(release) })
	client := newClient(t, magento.Options{AllowPrivate: true, Timeout: 50 * time.Millisecond})
	started := time.Now()
	err := client.Ping(t.Context(), accessTo(url))
	if !fault.Is(err, fault.CodeMagentoUnreachable) {
		t.Errorf("code %s (%v)", fault.CodeOf(err), err)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := client.Ping(ctx, accessTo(url)); !fault.Is(err, fault.CodeMagentoUnreachable) {
		t.Errorf("cancelled: code %s (%v)", fault.CodeOf(err), err)
	}
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		answerJSON(w, http.StatusOK, `[]`)
	})
	client := newClient(t, magento.Options{})
	for _, base := range []string{url, strings.Replace(url, "127.0.0.1", "localhost", 1), "http://[::1]:1", "http://169.254.169.254", "http://0x7f000001:80"} {
		err := client.Ping(t.Context(), accessTo(base))
		if base == "http://0x7f000001:80" && fault.Is(err, fault.CodeMagentoUnreachable) {
			continue // a resolver need not read numbers this way
		}
		if !fault.Is(err, fault.CodeStoreAddressRefused) {
			t.Errorf("%s: code %s (%v)", base, fault.CodeOf(err), err)
		}
	}
	if err := client.Pair(t.Context(), ports.PairRequest{Provider: "xero", BaseURL: url}); !fault.Is(err, fault.CodeStoreAddressRefused) {
		t.Errorf("pairing: code %s (%v)", fault.CodeOf(err), err)
	}
	if got := calls.Load(); got != 0 {
		t.Errorf("%d calls arrived", got)
	}
	if err := newClient(t, private()).Ping(t.Context(), accessTo("http://shop.example:notaport")); !fault.Is(err, fault.CodeStoreAddressRefused) {
		t.Errorf("an address that cannot be parsed: %v", err)
	}
}

// A shop burns a token when it reads it. When the connection then breaks, the
// transport sends the same request again, and the shop refuses it.
func TestABurntTokenOfABrokenConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	burnt := map[string]bool{}
	var calls int
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		token := r.Header.Get("Authorization")
		calls++
		switch {
		case burnt[token]:
			answerJSON(w, http.StatusUnauthorized, `{}`)
		case calls == 2:
			burnt[token] = true
			cut("")(w, r)
		default:
			burnt[token] = true
			answerJSON(w, http.StatusOK, `[true]`)
		}
	})
	client := newClient(t, private())
	for range 2 {
		if err := client.Ping(t.Context(), accessTo(url)); err != nil {
			t.Fatalf("after %d calls: %v", calls, err)
		}
	}
	if calls != 4 {
		t.Errorf("%d calls, want 4: one, a broken one, its repeat, a fresh one", calls)
	}
}

func TestAPlainRefusalIsNotRepeated(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		answerJSON(w, http.StatusUnauthorized, `{}`)
	})
	err := newClient(t, private()).Ping(t.Context(), accessTo(url))
	if !fault.Is(err, fault.CodeMagentoAuth) || calls.Load() != 1 {
		t.Errorf("%d calls, %v", calls.Load(), err)
	}
}

func TestNothingIsAskedWithoutAnID(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	url := serve(t, func(http.ResponseWriter, *http.Request) { calls.Add(1) })
	if _, err := newClient(t, private()).Customer(t.Context(), accessTo(url), 0); !fault.Is(err, fault.CodeMagentoNotFound) {
		t.Errorf("guest: %v", err)
	}
	if calls.Load() != 0 {
		t.Error("the shop was asked for customer 0")
	}
}
