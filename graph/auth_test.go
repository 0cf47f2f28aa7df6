package graph_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/graph"
)

// Whoever sends no credentials is told so alike, however the operation comes.
func TestNobodyIsAskedWhoCalls(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h := graph.NewHandler(graph.Options{App: w.App(), Log: w.Logger()})
	serve := func(method, operation, accept string) *httptest.ResponseRecorder {
		body, err := json.Marshal(map[string]any{"query": operation})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), method, "/graphql", strings.NewReader(string(body)))
		if method == http.MethodGet {
			r = httptest.NewRequestWithContext(t.Context(), method, "/graphql?query="+url.QueryEscape(operation), http.NoBody)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", accept)
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		return answer
	}
	const jsonType, graphqlType, eventType = "application/json", "application/graphql-response+json", "text/event-stream"
	for name, tt := range map[string]struct{ method, operation, accept string }{
		"a query":           {http.MethodPost, `{ viewer { scopes } }`, jsonType},
		"GraphQL's type":    {http.MethodPost, `{ viewer { scopes } }`, graphqlType},
		"a query by GET":    {http.MethodGet, `{ viewer { scopes } }`, jsonType},
		"within a fragment": {http.MethodPost, `{ __typename ...F } fragment F on Query { stores { id } }`, jsonType},
		"no such field":     {http.MethodPost, `{ vewer { id } }`, jsonType},
		"no operation":      {http.MethodPost, `{`, jsonType},
		"a mutation":        {http.MethodPost, `mutation { pauseBinding(input: {bindingId: "bnd_1"}) { userErrors { code } } }`, jsonType},
		"introspection":     {http.MethodPost, `{ __type(name: "Query") { name } }`, jsonType},
		"a subscription":    {http.MethodPost, `subscription { syncRunUpdated { id } }`, eventType},
	} {
		got := serve(tt.method, tt.operation, tt.accept)
		if got.Code != http.StatusUnauthorized || got.Header().Get("WWW-Authenticate") != "Bearer" || got.Header().Get("Content-Type") != jsonType {
			t.Errorf("%s: %d %v", name, got.Code, got.Header())
		}
		want := parsed(t, `{"errors": [{"message": "Sign in, or send an API key as a bearer token.", "extensions": {"code": "UNAUTHENTICATED", "errorCode": "auth"}}]}`)
		if diff := cmp.Diff(want, parsed(t, got.Body.String())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := serve(http.MethodPost, `{ __typename }`, jsonType); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `{"__typename":"Query"}`) {
		t.Errorf("__typename: %d %s", got.Code, got.Body)
	}
}
