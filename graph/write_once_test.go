package graph_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/graph"
)

const createKey = `mutation($name: String!) { made: createApiKey(input: {name: $name, scopes: ["runs:read"]}) { apiKey { id } shown: secret userErrors { code } } }`

// keyed sends a mutation with an Idempotency-Key.
func keyed(t *testing.T, w *apptest.World, p access.Principal, key, operation string, variables map[string]any) *httptest.ResponseRecorder {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": operation, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(graph.WithPrincipal(t.Context(), p), http.MethodPost, "/graphql", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	recorder := httptest.NewRecorder()
	graph.NewHandler(graph.Options{App: w.App(), Log: w.Logger()}).ServeHTTP(recorder, r)
	return recorder
}

func TestARepeatedRequestAnswersAsTheFirst(t *testing.T) {
	t.Parallel()
	w := newWorld()
	const pause = `mutation { pauseBinding(input: {bindingId: "bnd_1"}) { binding { status } userErrors { code } } }`
	first, again := keyed(t, w, owner, "k1", pause, nil), keyed(t, w, owner, "k1", pause, nil)
	if first.Body.String() != again.Body.String() || !strings.Contains(first.Body.String(), "PAUSED") {
		t.Errorf("first %s\nagain %s", first.Body, again.Body)
	}
	if first.Header().Get("Idempotent-Replayed") != "" || again.Header().Get("Idempotent-Replayed") != "true" {
		t.Errorf("Idempotent-Replayed: first %q, again %q", first.Header().Get("Idempotent-Replayed"), again.Header().Get("Idempotent-Replayed"))
	}
	if n := w.Calls("Bindings.SaveBinding"); n != 1 {
		t.Errorf("saved %d times", n)
	}
}

func TestARepeatedRequestShowsNoSecret(t *testing.T) {
	t.Parallel()
	w := newWorld()
	first, again := keyed(t, w, owner, "k1", createKey, map[string]any{"name": "x"}), keyed(t, w, owner, "k1", createKey, map[string]any{"name": "x"})
	if !strings.Contains(first.Body.String(), `"shown":"lk_`) {
		t.Fatalf("first %s", first.Body)
	}
	if strings.Contains(again.Body.String(), `"lk_`) || !strings.Contains(again.Body.String(), `"shown":null`) {
		t.Errorf("again %s", again.Body)
	}
	if len(w.Keys) != len(newWorld().Keys)+1 {
		t.Errorf("%d keys", len(w.Keys))
	}
}

// TestSecretsAreFieldsOfPayloads keeps what is removed from remembered answers
// in step with the schema.
func TestSecretsAreFieldsOfPayloads(t *testing.T) {
	t.Parallel()
	s := schema(t)
	for _, definition := range s.Types {
		if definition.Kind != ast.Object {
			continue
		}
		for _, field := range definition.Fields {
			isSecret := strings.HasSuffix(definition.Name, "Payload") && (field.Name == "secret" || field.Name == "link")
			if isShownOnce := strings.Contains(field.Description, "never again"); isShownOnce != isSecret {
				t.Errorf("%s.%s: shown once is %v", definition.Name, field.Name, isShownOnce)
			}
			if isSecret && field.Type.NonNull {
				t.Errorf("%s.%s cannot be left out of a repeat", definition.Name, field.Name)
			}
		}
	}
}

func TestAnotherBodyUnderTheSameKey(t *testing.T) {
	t.Parallel()
	w := newWorld()
	keyed(t, w, owner, "k1", createKey, map[string]any{"name": "x"})
	r := keyed(t, w, owner, "k1", createKey, map[string]any{"name": "y"})
	if r.Code != http.StatusUnprocessableEntity || !strings.Contains(r.Body.String(), `"code":"IDEMPOTENCY_MISMATCH"`) || !strings.Contains(r.Body.String(), `"errorCode":"idempotency_mismatch"`) {
		t.Errorf("status %d, %s", r.Code, r.Body)
	}
	stranger := keyed(t, w, other, "k1", createKey, map[string]any{"name": "y"})
	if stranger.Header().Get("Idempotent-Replayed") != "" || !strings.Contains(stranger.Body.String(), `"lk_`) {
		t.Errorf("another caller's own key: %s", stranger.Body)
	}
	second := owner
	second.ID = "key_2"
	if r := keyed(t, w, second, "k1", createKey, map[string]any{"name": "z"}); r.Code != http.StatusOK {
		t.Errorf("another key of the tenant: %d %s", r.Code, r.Body)
	}
}

func TestFailuresAreNotRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.BrokenErr = http.ErrServerClosed
	const pause = `mutation { pauseBinding(input: {bindingId: "bnd_1", clientMutationKey: "f1"}) { binding { status } } }`
	if r := keyed(t, w, owner, "k1", pause, nil); !strings.Contains(r.Body.String(), "INTERNAL") {
		t.Fatalf("broken: %s", r.Body)
	}
	w.BrokenErr = nil
	if r := keyed(t, w, owner, "k1", pause, nil); !strings.Contains(r.Body.String(), "PAUSED") || r.Header().Get("Idempotent-Replayed") != "" {
		t.Errorf("after: %s", r.Body)
	}
}

func TestBadIdempotencyKeysAreRefused(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", " ", "a b", "ä", "a\x7f", strings.Repeat("x", 256)} {
		w := newWorld()
		if r := keyed(t, w, owner, key, createKey, map[string]any{"name": "x"}); r.Code != http.StatusBadRequest || w.Calls("Tenants.CreateAPIKey") != 0 {
			t.Errorf("%q: status %d, %s", key, r.Code, r.Body)
		}
	}
}

func TestARepeatNeedsTheScopeStill(t *testing.T) {
	t.Parallel()
	w := newWorld()
	keyed(t, w, owner, "k1", createKey, map[string]any{"name": "x"})
	weaker := owner
	weaker.Scopes = access.Scopes{access.ScopeRunsRead}
	if r := keyed(t, w, weaker, "k1", createKey, map[string]any{"name": "x"}); !strings.Contains(r.Body.String(), `"DENIED"`) || strings.Contains(r.Body.String(), "key_new") {
		t.Errorf("answered %s", r.Body)
	}
}

func TestARepeatedMutationAnswersAsTheFirst(t *testing.T) {
	t.Parallel()
	w := newWorld()
	mutation := func(alias, name, key, selection string) string {
		return `mutation { ` + alias + `: createApiKey(input: {name: "` + name + `", scopes: ["runs:read"], clientMutationKey: "` + key + `"}) { ` + selection + ` } }`
	}
	const selection = "apiKey { id name } secret userErrors { code }"
	first := data(t, w, owner, mutation("a", "x", "f1", selection), nil)["a"].(map[string]any)
	again := data(t, w, owner, mutation("b", "x", "f1", selection), nil)["b"].(map[string]any)
	if first["secret"] == nil || again["secret"] != nil || again["apiKey"].(map[string]any)["id"] != first["apiKey"].(map[string]any)["id"] {
		t.Errorf("first %v, again %v", first, again)
	}
	if r := ask(t, w, owner, mutation("a", "y", "f1", selection), nil); r.code() != "IDEMPOTENCY_MISMATCH" {
		t.Errorf("another input: errors %+v", r.Errors)
	}
	if r := ask(t, w, owner, mutation("a", "x", "f1", "apiKey { id }"), nil); r.code() != "IDEMPOTENCY_MISMATCH" {
		t.Errorf("another selection: errors %+v", r.Errors)
	}
	if r := ask(t, w, owner, mutation("a", "x", "", selection), nil); r.code() != "INVALID" {
		t.Errorf("an empty key: errors %+v", r.Errors)
	}
	refusedFirst := data(t, w, owner, mutation("a", "", "f2", selection), nil)["a"].(map[string]any)
	if codes := refusedFirst["userErrors"].([]any); len(codes) == 0 {
		t.Errorf("an empty name: %v", refusedFirst)
	}
	if len(w.Keys) != len(newWorld().Keys)+1 {
		t.Errorf("%d keys", len(w.Keys))
	}
}
