package magento_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/adapters/magento"
	"byte8.io/ledger/domain/fault"
)

const eventBody = `{"magento_entity_id":42,"website_id":1,"store_id":1,"occurred_at":"2026-05-01T09:30:00Z","payload":{"increment_id":"000000042","paid":true}}`

func ask(t *testing.T, routes magento.Routes, method, target string, body io.Reader, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	mux := http.NewServeMux()
	routes.Register(mux)
	req := httptest.NewRequestWithContext(t.Context(), method, target, body)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, req)
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	if w.Body.Len() > 0 && w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("Content-Type %q", w.Header().Get("Content-Type"))
	}
	return w
}

func post(t *testing.T, routes magento.Routes, target, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	return ask(t, routes, http.MethodPost, target, strings.NewReader(body), append([]string{"Authorization", "Bearer tok"}, headers...)...)
}

func TestDeliveriesArriveWhole(t *testing.T) {
	t.Parallel()
	sum := sha1.Sum([]byte(eventBody))
	tests := map[string]struct {
		target  string
		headers []string
		want    magento.Delivery
	}{
		"public client": {
			"/webhooks/magento/t-1/invoice.created",
			[]string{"Idempotency-Key", "invoice.created:42"},
			magento.Delivery{TenantID: "t-1", Event: "invoice.created", IdempotencyKey: "invoice.created:42"},
		},
		"with provider": {
			"/webhooks/magento/t-1/invoice.paid?provider=xero",
			[]string{"Idempotency-Key", "k"},
			magento.Delivery{TenantID: "t-1", Event: "invoice.paid", Provider: "xero", IdempotencyKey: "k"},
		},
		"without key": {
			"/webhooks/magento/t-1/invoice.created", nil,
			magento.Delivery{TenantID: "t-1", Event: "invoice.created", IdempotencyKey: "invoice.created:" + hex.EncodeToString(sum[:])},
		},
		"encoded segments": {
			"/webhooks/magento/t%2F1/new%20thing%2Fx",
			[]string{"Idempotency-Key", "k"},
			magento.Delivery{TenantID: "t/1", Event: "new thing/x", IdempotencyKey: "k"},
		},
		"lower-case scheme": {
			"/webhooks/magento/t-1/e",
			[]string{"Idempotency-Key", "k", "Authorization", "bearer  tok "},
			magento.Delivery{TenantID: "t-1", Event: "e", IdempotencyKey: "k"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got magento.Delivery
			w := post(t, magento.Routes{
				Now: issuedAt,
				AcceptEvent: func(_ context.Context, d magento.Delivery) (magento.Receipt, error) {
					got = d
					return magento.Receipt{RunIDs: []string{"run_1"}}, nil
				},
			}, tc.target, eventBody, tc.headers...)
			tc.want.Bearer, tc.want.Body, tc.want.ReceivedAt = "tok", []byte(eventBody), issuedAt()
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("delivery (-want +got):\n%s", diff)
			}
			if w.Code != http.StatusAccepted || w.Body.String() != `{"sync_run_id":"run_1"}` {
				t.Errorf("answer %d %s", w.Code, w.Body)
			}
		})
	}
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	for want, ids := range map[string][]string{
		`{}`: nil, `{"sync_run_id":"a"}`: {"a"}, `{"sync_run_id":"a","sync_run_ids":["a","b"]}`: {"a", "b"},
	} {
		w := post(t, magento.Routes{AcceptEvent: func(context.Context, magento.Delivery) (magento.Receipt, error) {
			return magento.Receipt{RunIDs: ids}, nil
		}}, "/webhooks/magento/t/e", "{}")
		if w.Code != http.StatusAccepted || w.Body.String() != want {
			t.Errorf("%v: %d %s, want %s", ids, w.Code, w.Body, want)
		}
	}
}

func TestBadDeliveriesAreNotHandedOn(t *testing.T) {
	t.Parallel()
	routes := magento.Routes{AcceptEvent: func(context.Context, magento.Delivery) (magento.Receipt, error) {
		t.Error("handed on")
		return magento.Receipt{}, nil
	}}
	key := func(n int) []string { return []string{"Idempotency-Key", strings.Repeat("é", n)} }
	tests := map[string]struct {
		target, body string
		headers      []string
		want         int
		code         string
	}{
		"no token":             {"/webhooks/magento/t/e", "{}", []string{"Authorization", ""}, 401, "auth"},
		"basic":                {"/webhooks/magento/t/e", "{}", []string{"Authorization", "Basic tok"}, 401, "auth"},
		"empty token":          {"/webhooks/magento/t/e", "{}", []string{"Authorization", "Bearer  "}, 401, "auth"},
		"tenant with a NUL":    {"/webhooks/magento/%00/e", "{}", nil, 401, "auth"},
		"long event":           {"/webhooks/magento/t/" + strings.Repeat("e", 65), "{}", nil, 400, "validation"},
		"event of bad bytes":   {"/webhooks/magento/t/%ff", "{}", nil, 400, "validation"},
		"provider with a NUL":  {"/webhooks/magento/t/e?provider=%00", "{}", nil, 400, "validation"},
		"long key":             {"/webhooks/magento/t/e", "{}", key(129), 400, "validation"},
		"key of bad bytes":     {"/webhooks/magento/t/e", "{}", []string{"Idempotency-Key", "\xff"}, 400, "validation"},
		"body of a byte above": {"/webhooks/magento/t/e", strings.Repeat("x", 1<<20+1), nil, 413, "too_large"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := post(t, routes, tc.target, tc.body, tc.headers...)
			if w.Code != tc.want || !strings.Contains(w.Body.String(), `{"error":{"code":"`+tc.code+`","message":"`) {
				t.Errorf("%d %s, want %d with %s", w.Code, w.Body, tc.want, tc.code)
			}
		})
	}
}

func TestTheLargestDeliveryIsTaken(t *testing.T) {
	t.Parallel()
	w := post(t, magento.Routes{AcceptEvent: func(_ context.Context, d magento.Delivery) (magento.Receipt, error) {
		if len(d.Body) != 1<<20 {
			t.Errorf("%d bytes", len(d.Body))
		}
		return magento.Receipt{}, nil
	}}, "/webhooks/magento/t/"+strings.Repeat("e", 64), strings.Repeat("x", 1<<20), "Idempotency-Key", strings.Repeat("é", 128))
	if w.Code != http.StatusAccepted {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestABodyThatBreaksOffIsTemporary(t *testing.T) {
	t.Parallel()
	w := ask(t, magento.Routes{}, http.MethodPost, "/webhooks/magento/t/e", brokenBody{}, "Authorization", "Bearer tok")
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A shop gives an event up at any 4xx, so that each fault's status is pinned.
func TestStatusOfEveryFault(t *testing.T) {
	t.Parallel()
	statuses := func(err error) (webhook, status, health, disconnect int) {
		routes := magento.Routes{
			AcceptEvent: func(context.Context, magento.Delivery) (magento.Receipt, error) { return magento.Receipt{}, err },
			ReadStatus:  func(context.Context, string, string, string) (magento.Status, error) { return magento.Status{}, err },
			ReadHealth:  func(context.Context, string) (magento.Health, error) { return magento.Health{}, err },
			Disconnect:  func(context.Context, string, string) error { return err },
		}
		get := func(target string) int {
			return ask(t, routes, http.MethodGet, target, nil, "Authorization", "Bearer tok").Code
		}
		return post(t, routes, "/webhooks/magento/t/e", "{}").Code, get("/v1/status?entity_type=invoice&entity_id=1"),
			get("/v1/tile/health"), post(t, routes, "/v1/tenant/disconnect", "{}").Code
	}
	for _, row := range fault.Table() {
		want := [4]int{503, 503, 503, 503}
		switch row.Kind {
		case fault.Unauthenticated, fault.Denied:
			want = [4]int{401, 401, 401, 401}
		case fault.Invalid:
			want = [4]int{400, 400, 400, 400}
			if row.Code == fault.CodeTooLarge {
				want = [4]int{413, 413, 413, 413}
			}
		case fault.NotFound:
			want = [4]int{401, 404, 401, 401}
		default:
		}
		var got [4]int
		got[0], got[1], got[2], got[3] = statuses(fault.New(row.Code, "x"))
		if got != want {
			t.Errorf("%s: webhook, status, health, disconnect answer %v, want %v", row.Code, got, want)
		}
	}
	if webhook, _, _, _ := statuses(errors.New("plain")); webhook != 503 {
		t.Errorf("an unclassified error is %d", webhook)
	}
}

func TestATemporaryFaultHidesAndLogsItsCause(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := post(t, magento.Routes{
		AcceptEvent: func(context.Context, magento.Delivery) (magento.Receipt, error) {
			return magento.Receipt{}, fault.Wrap(fault.CodeDatabase, "pq says so", errors.New("disk full"))
		},
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	}, "/webhooks/magento/t/e", "{}")
	if w.Header().Get("Retry-After") != "5" || strings.Contains(w.Body.String(), "pq") || strings.Contains(w.Body.String(), "disk") {
		t.Errorf("answer %v %s", w.Header(), w.Body)
	}
	if !strings.Contains(log.String(), "disk full") || strings.Contains(log.String(), "tok") {
		t.Errorf("log %q", log.String())
	}
}

func TestStatusAndHealthAnswers(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 1, 9, 30, 0, 0, time.UTC)
	routes := magento.Routes{
		ReadStatus: func(_ context.Context, bearer, entityType, entityID string) (magento.Status, error) {
			if bearer != "tok" || entityType != "invoice" || entityID != "42" {
				t.Errorf("asked for %s %s with %s", entityType, entityID, bearer)
			}
			return magento.Status{EntityType: "invoice", MagentoID: 42, Provider: "xero", SyncStatus: "synced", ProviderReference: "INV-1", LastSyncAt: at}, nil
		},
		ReadHealth: func(context.Context, string) (magento.Health, error) {
			return magento.Health{ConnectionStatus: "active", BindingStatus: "active", LastRunAt: &at, Pending: 2, Failed24h: 1}, nil
		},
	}
	get := func(routes magento.Routes, target string) string {
		return ask(t, routes, http.MethodGet, target, nil, "Authorization", "Bearer tok").Body.String()
	}
	if got, want := get(routes, "/v1/status?entity_type=invoice&entity_id=42"),
		`{"entity_type":"invoice","magento_entity_id":42,"provider":"xero","sync_status":"synced","provider_reference":"INV-1","last_sync_at":"2026-05-01T09:30:00Z"}`; got != want {
		t.Errorf("status %s", got)
	}
	if got, want := get(routes, "/v1/tile/health"),
		`{"tenant":{"magento_connection_status":"active"},"binding":{"status":"active"},"sync":{"last_run_at":"2026-05-01T09:30:00Z","pending_count":2,"failed_24h":1}}`; got != want {
		t.Errorf("health %s", got)
	}
	routes.ReadHealth = func(context.Context, string) (magento.Health, error) {
		return magento.Health{ConnectionStatus: "pending", Region: "uk"}, nil
	}
	if got, want := get(routes, "/v1/tile/health"),
		`{"tenant":{"magento_connection_status":"pending"},"binding":{"status":"","region":"uk"},"sync":{"last_run_at":null,"pending_count":0,"failed_24h":0}}`; got != want {
		t.Errorf("health of a fresh store %s", got)
	}
	if w := ask(t, routes, http.MethodGet, "/v1/status?entity_type=invoice", nil, "Authorization", "Bearer tok"); w.Code != 400 {
		t.Errorf("status without id: %d", w.Code)
	}
	for _, target := range []string{"/v1/status", "/v1/tile/health"} {
		if w := ask(t, routes, http.MethodGet, target, nil); w.Code != 401 {
			t.Errorf("%s without token: %d", target, w.Code)
		}
	}
}

func TestDisconnectAnswersNothing(t *testing.T) {
	t.Parallel()
	var providers []string
	routes := magento.Routes{Disconnect: func(_ context.Context, bearer, provider string) error {
		providers = append(providers, bearer+" "+provider)
		return nil
	}}
	for _, query := range []string{"", "?provider=xero"} {
		if w := post(t, routes, "/v1/tenant/disconnect"+query, "{}"); w.Code != http.StatusNoContent || w.Body.Len() != 0 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if diff := cmp.Diff([]string{"tok ", "tok xero"}, providers); diff != "" {
		t.Error(diff)
	}
	if w := ask(t, routes, http.MethodPost, "/v1/tenant/disconnect", nil); w.Code != 401 {
		t.Errorf("without token: %d", w.Code)
	}
}
