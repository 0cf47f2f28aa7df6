package integration_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"byte8.io/ledger/adapters/httpserver"
	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/adapters/sqlstore/sqlstoretest"
	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/graph"
)

// TestChipsCostOneStatement counts what a question for chips executes, beside
// what finding out who asks does.
func TestChipsCostOneStatement(t *testing.T) {
	t.Parallel()
	if !strings.Contains(strings.Join(sqlstoretest.Dialects(t), " "), sqlstoretest.Postgres) {
		t.Skip("needs PostgreSQL; run `make test`")
	}
	address, seen := watchStatements(t, sqlstoretest.URL(t, sqlstoretest.Postgres))
	db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{AllowUnsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	p := newInProcessOn(t, db)
	ids, _ := p.raise(t, 3)
	server := httptest.NewServer(httpserver.NewHandler(httpserver.Options{
		GraphQL: graph.NewHandler(graph.Options{App: p.app, Log: p.app.Log}), Authenticate: p.app.Authenticate, WithPrincipal: graph.WithPrincipal, Log: p.app.Log,
	}))
	t.Cleanup(server.Close)
	keyOf := func(bindingID string) string {
		_, secret, err := p.app.CreateAPIKey(t.Context(), p.admin, app.CreateAPIKey{Name: "grid", Scopes: access.Scopes{access.ScopeStatusRead}, BindingID: bindingID})
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	key, bound, token := keyOf(""), keyOf(p.binding.ID), p.token(t)
	ask := func(bearer, arguments, selection string) []string {
		list, err := json.Marshal(ids)
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(map[string]string{"query": `{ syncStates(entityType: INVOICE, magentoIds: ` + string(list) + arguments + `) { ` + selection + ` } }`})
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/graphql", strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+bearer)
		seen.take()
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var answer struct {
			Data struct {
				SyncStates []map[string]any `json:"syncStates"`
			} `json:"data"`
		}
		if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || len(answer.Data.SyncStates) != len(ids) {
			t.Fatalf("%d chips of %d, %v", len(answer.Data.SyncStates), len(ids), err)
		}
		return seen.take()
	}
	const every = "provider entityType magentoId status providerEntityId providerUrl providerReference skipReason errorCode lastSyncAt"
	selections := []string{"__typename", "status", "magentoId a: status b: status", every, "... on SyncState { status } ...{ errorCode @skip(if: true) }"}
	for name, tt := range map[string]struct {
		bearer string
		// who are the tables that authentication reads, statement by statement.
		who []string
	}{
		"an API key known for less than ten seconds": {key, nil},
		"a key of one binding":                       {bound, nil},
		"a shop's token":                             {token, []string{"store_keys", "stores"}},
	} {
		ask(tt.bearer, "", "status") // the key is read, the statements are prepared
		for _, arguments := range []string{"", ", providers: [XERO, FREEAGENT]", `, storeId: "` + p.store.ID + `"`} {
			for _, selection := range selections {
				ask(tt.bearer, arguments, selection)
				checkStatements(t, name+arguments+" "+selection, ask(tt.bearer, arguments, selection), tt.who)
			}
		}
	}
	p.offset.Add(int64(11 * time.Second))
	checkStatements(t, "a key known for longer", ask(key, "", "status"), []string{"api_keys"})
}

// checkStatements wants one statement for chips and one of each table for who
// asks. That a key was used is noted besides, once a minute.
func checkStatements(t *testing.T, name string, executed, who []string) {
	t.Helper()
	chips, others := 0, []string{}
	for _, text := range executed {
		switch {
		case strings.Contains(text, "FROM sync_states"):
			chips++
		case !strings.HasPrefix(text, "UPDATE api_keys SET last_used_at"):
			others = append(others, text)
		}
	}
	if chips != 1 || len(others) != len(who) {
		t.Errorf("%s: %d statements for chips and %d for who asks, want 1 and %d:\n%s", name, chips, len(others), len(who), strings.Join(executed, "\n"))
		return
	}
	for i, table := range who {
		if !strings.Contains(others[i], "FROM "+table) {
			t.Errorf("%s: statement %d of authentication is %q, want one of %s", name, i, others[i], table)
		}
	}
}
