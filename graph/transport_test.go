package graph_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"byte8.io/ledger/graph"
)

func TestRequestsThatAreNoneOfOurs(t *testing.T) {
	t.Parallel()
	w := newWorld()
	h := graph.NewHandler(graph.Options{App: w.App(), Log: w.Logger()})
	for name, tt := range map[string]struct {
		method, contentType string
		status              int
		header, value, code string
	}{
		"PUT":             {http.MethodPut, "application/json", http.StatusMethodNotAllowed, "Allow", "GET, POST", "method_not_allowed"},
		"DELETE":          {http.MethodDelete, "", http.StatusMethodNotAllowed, "Allow", "GET, POST", "method_not_allowed"},
		"OPTIONS":         {http.MethodOptions, "", http.StatusMethodNotAllowed, "Allow", "GET, POST", "method_not_allowed"},
		"a form":          {http.MethodPost, "application/x-www-form-urlencoded", http.StatusUnsupportedMediaType, "Accept-Post", "application/json", "serde"},
		"no content type": {http.MethodPost, "", http.StatusUnsupportedMediaType, "Accept-Post", "application/json", "serde"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(graph.WithPrincipal(t.Context(), owner), tt.method, "/graphql", strings.NewReader(`{"query": "{ __typename }"}`))
			if tt.contentType != "" {
				r.Header.Set("Content-Type", tt.contentType)
			}
			got := httptest.NewRecorder()
			h.ServeHTTP(got, r)
			if got.Code != tt.status || got.Header().Get(tt.header) != tt.value || !strings.Contains(got.Body.String(), `"errorCode":"`+tt.code+`"`) {
				t.Errorf("%d %v %s", got.Code, got.Header(), got.Body)
			}
		})
	}
}

func TestTheOperationMustBeChosen(t *testing.T) {
	t.Parallel()
	const two = `query One { viewer { scopes } } query Two { viewer { scopes } }`
	w := newWorld()
	h := graph.NewHandler(graph.Options{App: w.App(), Log: w.Logger()})
	for range 2 { // the second time the document is known
		for name, tt := range map[string]struct{ query, operation, want string }{
			"none is named":   {two, "", "the document has 2 operations: operationName must name one of them"},
			"another is":      {two, "Three", `the document has no operation that operationName "Three" names`},
			"there is none":   {`fragment F on Query { viewer { scopes } }`, "", "the document has no operation"},
			"one of them is":  {two, "Two", ""},
			"no need to name": {`query One { viewer { scopes } }`, "", ""},
		} {
			body := `{"query": "` + tt.query + `", "operationName": "` + tt.operation + `"}`
			r := httptest.NewRequestWithContext(graph.WithPrincipal(t.Context(), owner), http.MethodPost, "/graphql", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			got := httptest.NewRecorder()
			h.ServeHTTP(got, r)
			reply := parsed(t, got.Body.String())
			var message any
			if errs, ok := reply["errors"].([]any); ok {
				message = errs[0].(map[string]any)["message"] //nolint:forcetypeassert // an error of GraphQL is an object
			}
			if message != tt.want && (message != nil || tt.want != "") {
				t.Errorf("%s: %s, want %q", name, got.Body, tt.want)
			}
		}
	}
}

func TestAddressesInAnswersAreNotEscaped(t *testing.T) {
	t.Parallel()
	const address = "https://go.example/view?a=1&b=<2>"
	w := newWorld()
	w.States[1].ProviderURL, w.Runs[2].ProviderURL = address, address
	h := graph.NewHandler(graph.Options{App: w.App(), Log: w.Logger()})
	for _, operation := range []string{`{ syncStates(entityType: INVOICE, magentoIds: [1]) { providerUrl } }`, `{ syncRun(id: \"run_1\") { providerUrl } }`} {
		r := httptest.NewRequestWithContext(graph.WithPrincipal(t.Context(), owner), http.MethodPost, "/graphql", strings.NewReader(`{"query": "`+operation+`"}`))
		r.Header.Set("Content-Type", "application/json")
		got := httptest.NewRecorder()
		h.ServeHTTP(got, r)
		if !strings.Contains(got.Body.String(), address) {
			t.Errorf("%s: %s", operation, got.Body)
		}
	}
}
