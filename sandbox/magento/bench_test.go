package magento_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"byte8.io/ledger/sandbox/magento"
)

const (
	apiKey   = "byte8_lk_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	tenantID = "a8d4e2e0-1c4e-11ef-9262-0242ac120002"
)

// clock is a time that moves only when told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// call is a request the ledger's stand-in got.
type call struct {
	URI, Key, Authorization, ContentType, Body string
}

// ledger is a stand-in that answers every call with the same status.
type ledger struct {
	mu     sync.Mutex
	status int
	calls  []call
}

func (l *ledger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	l.mu.Lock()
	l.calls = append(l.calls, call{
		r.URL.RequestURI(), r.Header.Get("Idempotency-Key"), r.Header.Get("Authorization"), r.Header.Get("Content-Type"), string(body),
	})
	status := l.status
	l.mu.Unlock()
	if status == http.StatusFound {
		w.Header().Set("Location", "/elsewhere")
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"sync_run_id":41}`)
}

func (l *ledger) answer(status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status = status
}

func (l *ledger) seen() []call {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]call(nil), l.calls...)
}

// bench is a shop over HTTP with a clock of its own, and a ledger to talk to.
type bench struct {
	t         *testing.T
	clock     *clock
	shop      *magento.Server
	url       string
	ledger    *ledger
	ledgerURL string
}

func newBench(t *testing.T, opts magento.Options) *bench {
	t.Helper()
	b := &bench{t: t, clock: &clock{now: noon}, ledger: &ledger{status: http.StatusAccepted}}
	opts.Now = b.clock.Now
	b.shop = magento.New(opts)
	shopServer := httptest.NewServer(b.shop)
	t.Cleanup(shopServer.Close)
	ledgerServer := httptest.NewServer(b.ledger)
	t.Cleanup(ledgerServer.Close)
	b.url, b.ledgerURL = shopServer.URL, ledgerServer.URL
	return b
}

func newPairedBench(t *testing.T, opts magento.Options) *bench {
	t.Helper()
	b := newBench(t, opts)
	b.pair(magento.ModuleXero)
	return b
}

func (b *bench) pair(m magento.Module) {
	b.t.Helper()
	code, err := b.shop.PairingCode(m)
	if err != nil {
		b.t.Fatal(err)
	}
	status, body := b.do(http.MethodPost, "/rest/V1"+m.PairPath(), "", map[string]any{
		"pairing_code": code, "tenant_id": tenantID, "byte8_api_key": apiKey, "ledger_base_url": b.ledgerURL + "/",
	})
	if status != http.StatusOK || body != "[]" {
		b.t.Fatalf("pairing: %d %s", status, body)
	}
}

// do makes a call; a nil body sends none, and an empty token sends no Authorization.
func (b *bench) do(method, path, token string, body any) (int, string) {
	b.t.Helper()
	var payload io.Reader = http.NoBody
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		payload = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, payload)
	if err != nil {
		b.t.Fatal(err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func (b *bench) get(path string) (int, string) {
	b.t.Helper()
	return b.do(http.MethodGet, "/rest/V1/byte8"+path, b.token(nil), nil)
}

func (b *bench) drain(ctx context.Context) int { return b.shop.DrainOnce(ctx) }

// runOnce lets the shop run through one round of what is due and what is scheduled.
func (b *bench) runOnce() {
	b.t.Helper()
	ended, cancel := context.WithCancel(b.t.Context())
	cancel()
	if err := b.shop.Run(ended); err != nil {
		b.t.Fatal(err)
	}
}

// token signs an acceptable token after change has had its way with the claims.
func (b *bench) token(change func(claims map[string]any)) string {
	b.t.Helper()
	now := b.clock.Now().Unix()
	claims := map[string]any{
		"iss": "byte8-ledger", "aud": "magento", "sub": tenantID,
		"iat": now, "nbf": now, "exp": now + 120, "jti": uuid.NewString(),
	}
	if change != nil {
		change(claims)
	}
	return sign(b.t, map[string]any{"alg": "HS256", "typ": "JWT"}, claims, apiKey)
}

func sign(t *testing.T, header, claims map[string]any, key string) string {
	t.Helper()
	subkey, err := magento.InboundKey(key)
	if err != nil {
		t.Fatal(err)
	}
	signed := segment(t, header) + "." + segment(t, claims)
	mac := hmac.New(sha256.New, subkey)
	_, _ = fmt.Fprint(mac, signed)
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func segment(t *testing.T, members map[string]any) string {
	t.Helper()
	raw, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}
