package graph_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/access"
)

// dies lets the process end between the commit of the writes that are made by
// the function and their answers, and a repeat come after their lease.
func dies(w *apptest.World, write func()) {
	w.AnswersErr = errors.New("the process died")
	write()
	w.AnswersErr = nil
	w.Now = w.Now.Add(2 * time.Minute)
}

// made is what a payload says of the thing that was made.
type made struct {
	APIKey, Endpoint *struct{ ID, Name, URL string }
	Secret           *string
	UserErrors       []struct{ Code string }
}

func keyedData(t *testing.T, w *apptest.World, p access.Principal, key, operation string) map[string]made {
	t.Helper()
	var answer struct{ Data map[string]made }
	if err := json.Unmarshal(keyed(t, w, p, key, operation, nil).Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Data
}

func TestARepeatAfterADeathMakesNothingTwice(t *testing.T) {
	t.Parallel()
	const operation = `mutation {
		a: createApiKey(input: {name: "a", scopes: ["runs:read"]}) { apiKey { id name } secret userErrors { code } }
		b: createApiKey(input: {name: "b", scopes: ["runs:read"]}) { apiKey { id name } secret userErrors { code } }
		c: createWebhookEndpoint(input: {url: "https://partner.example/hook", topics: [RUN_HELD]}) { endpoint { id url } secret userErrors { code } }
	}`
	w := newWorld()
	keys, endpoints := len(w.Keys), len(w.Endpoints)
	var first map[string]made
	dies(w, func() { first = keyedData(t, w, owner, "k1", operation) })
	again := keyedData(t, w, owner, "k1", operation)
	for _, alias := range []string{"a", "b"} {
		if again[alias].APIKey == nil || again[alias].APIKey.ID != first[alias].APIKey.ID || again[alias].APIKey.Name != alias || again[alias].Secret == nil {
			t.Errorf("%s: first %+v, again %+v", alias, first[alias], again[alias])
		}
	}
	if again["c"].Endpoint == nil || again["c"].Endpoint.ID != first["c"].Endpoint.ID || again["c"].Secret == nil {
		t.Errorf("c: first %+v, again %+v", first["c"], again["c"])
	}
	if len(w.Keys) != keys+2 || len(w.Endpoints) != endpoints+1 {
		t.Errorf("%d keys and %d endpoints were made, want 2 and 1", len(w.Keys)-keys, len(w.Endpoints)-endpoints)
	}
	if another := keyedData(t, w, owner, "k2", operation); another["a"].APIKey.ID == first["a"].APIKey.ID {
		t.Error("another Idempotency-Key made the same key")
	}
}

func TestARepeatOfAFieldAfterADeath(t *testing.T) {
	t.Parallel()
	w := newWorld()
	keys := len(w.Keys)
	create := func(alias string) made {
		operation := `mutation { ` + alias + `: createApiKey(input: {name: "x", scopes: ["runs:read"], clientMutationKey: "f1"}) { apiKey { id name } secret userErrors { code } } }`
		return keyedData(t, w, owner, "request-"+alias, operation)[alias]
	}
	var first, second made
	dies(w, func() { first = create("a") })
	dies(w, func() { second = create("b") })
	if second.APIKey == nil || second.APIKey.ID != first.APIKey.ID || second.Secret == nil || len(w.Keys) != keys+1 {
		t.Fatalf("first %+v, again %+v, %d keys made", first, second, len(w.Keys)-keys)
	}
	w.Keys[0].LastUsedAt = &w.Now
	if third := create("c"); third.APIKey != nil || third.Secret != nil || len(third.UserErrors) != 1 || third.UserErrors[0].Code != "CONFLICT" {
		t.Errorf("once the key is used: %+v", third)
	}
}

func TestARepeatedRotationAfterADeathRotatesOnce(t *testing.T) {
	t.Parallel()
	const operation = `mutation { a: rotateApiKey(input: {apiKeyId: "key_2", overlapMinutes: 60}) { apiKey { id name } secret userErrors { code } } }`
	w := newWorld()
	keys := len(w.Keys)
	var first made
	dies(w, func() { first = keyedData(t, w, owner, "k1", operation)["a"] })
	again := keyedData(t, w, owner, "k1", operation)["a"]
	if again.APIKey == nil || again.APIKey.ID != first.APIKey.ID || again.Secret == nil || len(again.UserErrors) > 0 {
		t.Errorf("first %+v, again %+v", first, again)
	}
	if len(w.Keys) != keys+1 {
		t.Errorf("%d keys were made, want 1", len(w.Keys)-keys)
	}
	if another := keyedData(t, w, owner, "k2", operation)["a"]; len(another.UserErrors) != 1 || another.UserErrors[0].Code != "CONFLICT" {
		t.Errorf("another write: %+v, want CONFLICT", another)
	}
}

func TestAKeyIsFreeForAnotherWriteAfterADay(t *testing.T) {
	t.Parallel()
	const operation = `mutation {
		a: createApiKey(input: {name: "a", scopes: ["runs:read"]}) { apiKey { id name } secret userErrors { code } }
		c: createWebhookEndpoint(input: {url: "https://partner.example/hook", topics: [RUN_HELD]}) { endpoint { id url } secret userErrors { code } }
	}`
	w := newWorld()
	first := keyedData(t, w, owner, "k1", operation)
	w.Now = w.Now.Add(25 * time.Hour)
	next := keyedData(t, w, owner, "k1", operation)
	if next["a"].APIKey == nil || next["a"].APIKey.ID == first["a"].APIKey.ID {
		t.Errorf("the key of the day before is answered: %+v", next["a"])
	}
	if next["c"].Endpoint == nil || next["c"].Endpoint.ID == first["c"].Endpoint.ID {
		t.Errorf("the endpoint of the day before is answered: %+v", next["c"])
	}
}
