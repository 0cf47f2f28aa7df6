package graph_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"byte8.io/ledger/app"
	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/graph"
)

func TestACallerWithoutPointsWaits(t *testing.T) {
	t.Parallel()
	w := newWorld()
	points := &apptest.Purse{Left: 100}
	w.Points = points
	h := graph.NewHandler(graph.Options{App: w.App(), Log: w.Logger()})
	send := func(p access.Principal, method, accept, operation string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(graph.WithPrincipal(t.Context(), p), method, "/graphql?query="+url.QueryEscape(operation), strings.NewReader(`{"query": "`+operation+`"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", accept)
		recorder := httptest.NewRecorder()
		h.ServeHTTP(recorder, r)
		return recorder
	}
	call := func(p access.Principal, method, operation string) *httptest.ResponseRecorder {
		return send(p, method, "application/json", operation)
	}
	const chips = `{ syncStates(entityType: INVOICE, magentoIds: [1, 2]) { status } }`
	if r := call(owner, http.MethodPost, chips); !strings.Contains(r.Body.String(), `"cost":{"limit":5000,"requested":3,"available":97,"restoreRate":10}`) {
		t.Errorf("the cost: %s", r.Body)
	}
	first, again := call(owner, http.MethodGet, chips), call(owner, http.MethodGet, chips)
	if first.Header().Get("ETag") == "" || first.Header().Get("ETag") != again.Header().Get("ETag") {
		t.Errorf("what is left changes the entity tag: %s", again.Body)
	}
	points.Left, points.Takes = 2, 0
	r := call(owner, http.MethodPost, chips)
	if r.Code != http.StatusTooManyRequests || r.Header().Get("Retry-After") != "2" || !strings.Contains(r.Body.String(), `"code":"THROTTLED"`) || !strings.Contains(r.Body.String(), `"errorCode":"throttled"`) {
		t.Errorf("without points: %d, Retry-After %q, %s", r.Code, r.Header().Get("Retry-After"), r.Body)
	}
	points.Left, points.Takes = 0, 0
	r = send(owner, http.MethodPost, "text/event-stream", `subscription { syncRunUpdated { id } }`)
	if r.Code != http.StatusTooManyRequests || r.Header().Get("Retry-After") == "" || !strings.HasPrefix(r.Body.String(), `{"errors":[{"message":"`) || !strings.Contains(r.Body.String(), `"errorCode":"throttled"`) {
		t.Errorf("a stream without points: %d, Retry-After %q, %s", r.Code, r.Header().Get("Retry-After"), r.Body)
	}
	for _, refused := range []string{
		`{ nothing }`, `{`, `{ bindings(first: 200) { nodes { availableOrganisations { id } } } }`,
		`{ jobs(first: 201) { nodes { id } } }`, `{ nodes(ids: [` + strings.Repeat("1,", app.MaxNodes+1) + `]) { id } }`, `{ ...P } fragment P on Query { jobs(first: -1) { nodes { id } } }`,
		`{ previewDocuments(bindingId: \"bnd_1\", entityType: INVOICE, magentoIds: [` + strings.Repeat("1,", app.MaxPreviews+1) + `]) { outcome } }`,
		`{ syncStates(entityType: INVOICE, magentoIds: [` + strings.Repeat("1,", app.MaxSyncStateIDs+1) + `]) { status } }`,
		`{ bindings(first: 1) { nodes { settingsHistory(first: 1000) { nodes { number } } } } }`,
	} {
		if r := call(owner, http.MethodPost, refused); !strings.Contains(r.Body.String(), `"errors"`) {
			t.Errorf("%s is not refused: %s", refused, r.Body)
		}
	}
	call(access.Principal{}, http.MethodPost, chips)
	if points.Takes != 1 {
		t.Errorf("%d takes: cheap refusals were counted", points.Takes)
	}
}
