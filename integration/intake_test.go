package integration_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"byte8.io/ledger/sandbox/magento"
)

// backends are the two ways a ledger is hosted.
func backends(t *testing.T) []backend {
	t.Helper()
	all := []backend{{name: "embedded"}}
	if hasServices(t) {
		return append(all, servers(t))
	}
	t.Log(howToServe)
	return all
}

// token mints a token of the shop for one request.
func (w *world) token(t *testing.T) string {
	t.Helper()
	res, err := http.Post(w.shopURL+"/_sandbox/token", "application/json", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var minted struct{ Token string }
	if err := json.NewDecoder(res.Body).Decode(&minted); err != nil {
		t.Fatal(err)
	}
	return minted.Token
}

// answer is what an event got.
type answer struct {
	status int
	runID  string
	body   string
	header http.Header
}

// post sends an event by hand.
func (w *world) post(t *testing.T, token, event, query, key, body string) answer {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, w.url+"/webhooks/magento/"+w.tenant+"/"+event+query, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var ok struct {
		SyncRunID string `json:"sync_run_id"`
	}
	_ = json.Unmarshal(raw, &ok)
	return answer{status: res.StatusCode, runID: ok.SyncRunID, body: string(raw), header: res.Header}
}

func eventBody(id int) string {
	return fmt.Sprintf(`{"magento_entity_id":%d,"website_id":1,"store_id":1,"occurred_at":"2026-05-01T09:30:00Z","payload":{"increment_id":"%09d","paid":false}}`, id, id)
}

func TestIntakeAnswers(t *testing.T) {
	t.Parallel()
	for _, where := range backends(t) {
		t.Run(where.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, where, worldOptions{})
			w.serve(t)
			w.connect(t)
			spent := w.token(t)
			if got := w.post(t, spent, "invoice.created", "", "k1", eventBody(901)); got.status != http.StatusAccepted || !strings.HasPrefix(got.runID, "run_") {
				t.Fatalf("an event got %d %s, want 202 with a run's id", got.status, got.body)
			}
			first := w.post(t, w.token(t), "invoice.created", "?provider=xero", "k2", eventBody(902))
			for name, c := range map[string]struct {
				token, event, query, key, body string
				status                         int
			}{
				"no token":                 {"", "invoice.created", "", "k3", eventBody(903), 401},
				"a token used before":      {spent, "invoice.created", "", "k3", eventBody(903), 401},
				"a forged token":           {strings.TrimRight(w.token(t), "=") + "x", "invoice.created", "", "k3", eventBody(903), 401},
				"an API key":               {w.apiKey, "invoice.created", "", "k3", eventBody(903), 401},
				"no JSON":                  {w.token(t), "invoice.created", "", "k3", "not json", 400},
				"no id":                    {w.token(t), "invoice.created", "", "k3", `{"website_id":1}`, 400},
				"a provider never had":     {w.token(t), "invoice.created", "?provider=freeagent", "k3", eventBody(903), 400},
				"a key that is too long":   {w.token(t), "invoice.created", "", strings.Repeat("k", 129), eventBody(903), 400},
				"a body over 1 MB":         {w.token(t), "invoice.created", "", "k3", eventBody(903) + strings.Repeat(" ", 1<<20), 413},
				"an unknown event":         {w.token(t), "quote.created", "", "k3", eventBody(903), 202},
				"a known key, other body":  {w.token(t), "invoice.created", "", "k2", eventBody(902) + " ", 202},
				"the public client's form": {w.token(t), "invoice.created", "", "k4", eventBody(904), 202},
			} {
				got := w.post(t, c.token, c.event, c.query, c.key, c.body)
				if got.status != c.status {
					t.Errorf("%s: %d %s, want %d", name, got.status, got.body, c.status)
				}
				if got.status >= 400 && !strings.Contains(got.body, `"error"`) {
					t.Errorf("%s: the answer names no error: %s", name, got.body)
				}
				if name == "an unknown event" && got.runID != "" {
					t.Errorf("%s: got the run %s", name, got.runID)
				}
			}
			if first.runID == "" {
				t.Error("the event with ?provider=xero got no run")
			}
		})
	}
}

func TestARepeatedEventIsOneRunAndOneInvoice(t *testing.T) {
	t.Parallel()
	for _, where := range backends(t) {
		t.Run(where.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, where, worldOptions{})
			w.serve(t)
			w.connect(t)
			if _, err := w.shop.Raise(1); err != nil {
				t.Fatal(err)
			}
			id := w.shop.Invoices()[0].ID
			tokens := make([]string, 20)
			for i := range tokens {
				tokens[i] = w.token(t)
			}
			runs := make(chan string, len(tokens))
			for _, token := range tokens {
				go func() {
					runs <- w.post(t, token, "invoice.created", "", fmt.Sprintf("invoice.created:%d", id), eventBody(id)).runID
				}()
			}
			seen := map[string]bool{}
			for range tokens {
				seen[<-runs] = true
			}
			if len(seen) != 1 {
				t.Errorf("20 repeats got the runs %v, want one", seen)
			}
			eventually(t, 20*time.Second, "the chip is final", w.settled)
			late := w.post(t, w.token(t), "invoice.created", "", fmt.Sprintf("invoice.created:%d", id), eventBody(id))
			if !seen[late.runID] {
				t.Errorf("a repeat after the end got %q, want the run that ended", late.runID)
			}
			w.checkBooks(t)
		})
	}
}

func TestDatabaseGoneIs503(t *testing.T) {
	t.Parallel()
	w := newWorld(t, servers(t), worldOptions{})
	w.serve(t)
	w.connect(t)
	token := w.token(t)
	w.breakDatabase(t)
	got := w.post(t, token, "invoice.created", "", "k1", eventBody(1))
	if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
		t.Errorf("without its tables intake answered %d %s, want 503 with Retry-After", got.status, got.body)
	}
	if bytes.Contains([]byte(got.body), []byte("relation")) {
		t.Errorf("the answer tells of the database: %s", got.body)
	}
}

func TestTileHealthStatusAndDisconnect(t *testing.T) {
	t.Parallel()
	w := newWorld(t, backend{name: "embedded"}, worldOptions{})
	w.serve(t)
	if status, _ := w.get(t, "", "/v1/tile/health"); status != http.StatusUnauthorized {
		t.Errorf("tile health without a token: %d, want 401", status)
	}
	w.connect(t)
	if _, err := w.shop.Raise(3); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "the chips are final", w.settled)
	eventually(t, 20*time.Second, "no run is open", func() bool { return w.pending(t) == 0 })
	status, body := w.get(t, w.token(t), "/v1/tile/health")
	if status != http.StatusOK || !strings.Contains(body, `"magento_connection_status":"active"`) || !strings.Contains(body, `"status":"active"`) || !strings.Contains(body, `"pending_count":0`) {
		t.Errorf("tile health: %d %s", status, body)
	}
	id := w.shop.Invoices()[0].ID
	status, body = w.get(t, w.token(t), fmt.Sprintf("/v1/status?entity_type=invoice&entity_id=%d", id))
	if status != http.StatusOK || !strings.Contains(body, `"sync_status":"synced"`) {
		t.Errorf("status of invoice %d: %d %s", id, status, body)
	}
	if status, _ = w.get(t, w.token(t), "/v1/status?entity_type=invoice&entity_id=4711"); status != http.StatusNotFound {
		t.Errorf("status of an unknown invoice: %d, want 404", status)
	}
	before := w.token(t)
	acknowledged, err := w.shop.Disconnect(t.Context(), magento.ModuleXero)
	if err != nil || !acknowledged {
		t.Fatalf("disconnect: %v, %v", acknowledged, err)
	}
	if got := w.post(t, before, "invoice.created", "", "k9", eventBody(9)); got.status != http.StatusUnauthorized {
		t.Errorf("an event after the disconnect got %d, want 401", got.status)
	}
	w.reconnects(t, id)
}

// reconnects pairs the shop again and expects the same binding, active without
// another consent, that still knows its documents.
func (w *world) reconnects(t *testing.T, known int) {
	t.Helper()
	code, err := w.shop.PairingCode(magento.ModuleXero)
	if err != nil {
		t.Fatal(err)
	}
	var paired struct {
		ConnectMagento struct{ Binding struct{ ID, Status string } }
	}
	w.graphql(t, `mutation($u: String!, $c: String!) { connectMagento(input: {baseUrl: $u, pairingCode: $c, provider: XERO}) { binding { id status } } }`,
		map[string]any{"u": w.shopURL, "c": code}, &paired)
	if got := paired.ConnectMagento.Binding; got.ID != w.binding || got.Status != "ACTIVE" {
		t.Errorf("paired again: %+v, want %s active", got, w.binding)
	}
	w.post(t, w.token(t), "invoice.created", "", fmt.Sprintf("again:%d", known), eventBody(known))
	eventually(t, 20*time.Second, "no run is open", func() bool { return w.pending(t) == 0 })
	w.checkBooks(t)
}

func (w *world) get(t *testing.T, bearer, path string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, w.url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}
