package playground_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"byte8.io/ledger/adapters/playground"
)

func TestThePlaygroundIsServedUnderItsOwnPolicy(t *testing.T) {
	t.Parallel()
	get := func(address string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		playground.NewHandler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil))
		return w
	}
	page := get("/playground/")
	if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "Byte8 Ledger") || page.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("the page: %d %s", page.Code, page.Body)
	}
	if policy := page.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self';") || !strings.Contains(policy, "connect-src 'self';") {
		t.Errorf("policy %q", policy)
	}
	if strings.Contains(page.Body.String(), "http://") || strings.Contains(page.Body.String(), "https://") {
		t.Errorf("the page names another server: %s", page.Body)
	}
	for _, address := range []string{"/playground/nothing.js", "/playground/../handler.go", "/playground/assets"} {
		if r := get(address); r.Code != http.StatusNotFound {
			t.Errorf("%s: %d", address, r.Code)
		}
	}
	if r := get("/playground/fallback.html"); r.Code != http.StatusOK {
		t.Errorf("the fallback: %d", r.Code)
	}
}
