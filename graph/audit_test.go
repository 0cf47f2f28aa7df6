package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/access"
)

// audited are mutations with the action and subject that the audit log has of
// each afterwards.
var audited = map[string]struct{ operation, action, subject string }{
	"a pause":         {`mutation { pauseBinding(input: {bindingId: "bnd_1"}) { userErrors { code message } } }`, "binding.paused", "bnd_1"},
	"a retry":         {`mutation { retrySyncRun(input: {runId: "run_2"}) { userErrors { code message } } }`, "run.retried", "run_2"},
	"a release":       {`mutation { releaseHolds(input: {bindingId: "bnd_1"}) { userErrors { code message } } }`, "holds.released", "bnd_1"},
	"settings":        {`mutation { updateSettings(input: {bindingId: "bnd_1", expectedVersion: 1, settings: {paymentMethodMap: []}}) { userErrors { code message } } }`, "settings.updated", "bnd_1"},
	"a new key":       {`mutation { createApiKey(input: {name: "BI", scopes: ["runs:read"]}) { userErrors { code message } } }`, "api_key.created", ""},
	"a key's end":     {`mutation { revokeApiKey(input: {apiKeyId: "key_a"}) { userErrors { code message } } }`, "api_key.revoked", "key_a"},
	"a pairing":       {`mutation { connectMagento(input: {baseUrl: "https://own.example", pairingCode: "ABCDEFGH", provider: XERO}) { userErrors { code message } } }`, "store.paired", ""},
	"a disconnection": {`mutation { disconnectBinding(input: {bindingId: "bnd_1"}) { userErrors { code message } } }`, "binding.disconnected", "bnd_1"},
	"an invitation":   {`mutation { inviteMember(input: {email: "new@shop.example", role: VIEWER}) { userErrors { code message } } }`, "member.invited", ""},
}

func TestAnAuditEntryIsANode(t *testing.T) {
	t.Parallel()
	w := newWorld()
	data(t, w, owner, `mutation { pauseBinding(input: {bindingId: "bnd_1"}) { userErrors { code } } }`, nil)
	entry := actions(t, w)[0]
	find := `query($id: ID!) { node(id: $id) { __typename ... on AuditEntry { action subjectId actorId number hash detail } } }`
	id := w.Audit[0].ID
	found := cards(t, data(t, w, owner, find, map[string]any{"id": id}), "node")
	if found["__typename"] != "AuditEntry" {
		t.Fatalf("node(%s) is %v", id, found)
	}
	delete(found, "__typename")
	if diff := cmp.Diff(entry, found); diff != "" {
		t.Errorf("node and list differ (-list +node):\n%s", diff)
	}
	reader := access.Principal{Kind: access.KindAPIKey, TenantID: owner.TenantID, ID: "key_r", Scopes: access.Scopes{access.ScopeRunsRead, access.ScopeSettingsRead}}
	for name, p := range map[string]access.Principal{"a stranger": other, "a key without admin": reader} {
		if got := data(t, w, p, find, map[string]any{"id": id})["node"]; got != nil {
			t.Errorf("%s gets %v", name, got)
		}
	}
}

// actions are the audit log's, newest first, as its reader sees it.
func actions(t *testing.T, w *apptest.World) []map[string]any {
	t.Helper()
	page := cards(t, data(t, w, owner, `{ auditEntries { nodes { action subjectId actorId number hash detail } } }`, nil), "auditEntries")
	nodes, ok := page["nodes"].([]any)
	if !ok {
		t.Fatalf("auditEntries: %v", page)
	}
	out := make([]map[string]any, len(nodes))
	for i, node := range nodes {
		out[i] = cards(t, map[string]any{"node": node}, "node")
	}
	return out
}

func TestChangesAreAudited(t *testing.T) {
	t.Parallel()
	for name, tt := range audited {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			for _, payload := range data(t, w, owner, tt.operation, nil) {
				if diff := cmp.Diff([]any{}, cards(t, map[string]any{"p": payload}, "p")["userErrors"]); diff != "" {
					t.Fatalf("userErrors (-want +got):\n%s", diff)
				}
			}
			for _, entry := range actions(t, w) {
				if entry["action"] == tt.action && (tt.subject == "" || entry["subjectId"] == tt.subject) {
					if entry["actorId"] != owner.ID {
						t.Errorf("by %v, want %s", entry["actorId"], owner.ID)
					}
					return
				}
			}
			t.Errorf("the log has %v, want %s of %s", actions(t, w), tt.action, tt.subject)
		})
	}
}

func TestSettingsAreAuditedWithWhatChanged(t *testing.T) {
	t.Parallel()
	w := newWorld()
	savePrefix(t, w, 1, "A-")
	entries := actions(t, w)
	if len(entries) != 1 {
		t.Fatalf("entries %v, want one", entries)
	}
	want := parsed(t, `{"changes": [{"after": "A-", "before": "", "path": "settings.commercial.numberPrefix"}], "version": 2}`)
	if diff := cmp.Diff(want, entries[0]["detail"]); diff != "" {
		t.Errorf("detail (-want +got):\n%s", diff)
	}
}

func TestRefusedChangesAreNotAudited(t *testing.T) {
	t.Parallel()
	w := newWorld()
	data(t, w, owner, `mutation { updateSettings(input: {bindingId: "bnd_1", expectedVersion: 9, settings: {paymentMethodMap: []}}) { userErrors { code } } }`, nil)
	data(t, w, owner, `mutation { pauseBinding(input: {bindingId: "bnd_9"}) { userErrors { code } } }`, nil)
	if entries := actions(t, w); len(entries) != 0 {
		t.Errorf("entries %v, want none", entries)
	}
}
