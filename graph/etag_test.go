package graph_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/graph"
)

const gridOperation = `query Grid($ids: [Int64!]!) { syncStates(entityType: INVOICE, magentoIds: $ids) { magentoId status } }`

// persistedAddress is the address of a persisted query.
func persistedAddress(t *testing.T, operation string, variables map[string]any) string {
	t.Helper()
	sum := sha256.Sum256([]byte(operation))
	query := url.Values{}
	for name, value := range map[string]any{
		"variables": variables, "extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hex.EncodeToString(sum[:])}},
	} {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		query.Set(name, string(text))
	}
	return "/graphql?" + query.Encode()
}

func getAs(t *testing.T, h http.Handler, p access.Principal, address string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(graph.WithPrincipal(r.Context(), p)))
	return w
}

func TestUnchangedChipsAreNotSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h := graph.NewHandler(graph.Options{App: w.App(), Log: w.Logger()})
	address := persistedAddress(t, gridOperation, map[string]any{"ids": []int{1, 2}})
	if missing := getAs(t, h, owner, address); !strings.Contains(missing.Body.String(), "PERSISTED_QUERY_NOT_FOUND") ||
		missing.Header().Get("ETag") != "" || missing.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("before the query is known: %v %s", missing.Header(), missing.Body)
	}
	first := getAs(t, h, owner, address+"&query="+url.QueryEscape(gridOperation))
	etag := first.Header().Get("ETag")
	if first.Code != http.StatusOK || len(etag) != 34 || first.Header().Get("Cache-Control") != "private, no-cache" {
		t.Fatalf("%d %v %s", first.Code, first.Header(), first.Body)
	}
	for _, name := range []string{"Authorization", "Cookie"} {
		if !strings.Contains(strings.Join(first.Header().Values("Vary"), ","), name) {
			t.Errorf("Vary is %q, want %s in it", first.Header().Values("Vary"), name)
		}
	}
	for name, known := range map[string]string{"the tag": etag, "one of several": `"other", ` + etag, "a weak form": "W/" + etag, "any": "*"} {
		same := getAs(t, h, owner, address, "If-None-Match", known)
		if same.Code != http.StatusNotModified || same.Body.Len() != 0 || same.Header().Get("ETag") != etag || same.Header().Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%s: %d %v %q, want 304 and no body", name, same.Code, same.Header(), same.Body)
		}
	}
	if stranger := getAs(t, h, other, address, "If-None-Match", etag); stranger.Code != http.StatusOK || stranger.Header().Get("ETag") == etag {
		t.Errorf("a stranger with the tag: %d %v", stranger.Code, stranger.Header())
	}
	w.States[0].Status = syncrun.ChipPending
	changed := getAs(t, h, owner, address, "If-None-Match", etag)
	if changed.Code != http.StatusOK || changed.Header().Get("ETag") == etag || !strings.Contains(changed.Body.String(), "PENDING") {
		t.Errorf("after a change: %d %v %s", changed.Code, changed.Header(), changed.Body)
	}
}

func TestAnswersWithErrorsAreNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h := graph.NewHandler(graph.Options{App: w.App(), Log: w.Logger()})
	r := getAs(t, h, access.Principal{Kind: access.KindAPIKey, TenantID: "tenant-a", ID: "key_n"}, "/graphql?query="+url.QueryEscape(`{ syncStates(entityType: INVOICE, magentoIds: [1]) { status } }`), "If-None-Match", "*")
	if r.Code != http.StatusOK || r.Header().Get("ETag") != "" || r.Header().Get("Cache-Control") != "no-store" || !strings.Contains(r.Body.String(), "DENIED") {
		t.Errorf("%d %v %s", r.Code, r.Header(), r.Body)
	}
}
