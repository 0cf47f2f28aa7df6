package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/app/apptest"
)

const readHistory = `query($first: Int, $after: String) { binding(id: "bnd_1") { settingsProblems { code field } settingsHistory(first: $first, after: $after) {
	nodes { number author changes { path before after } settings { commercial { numberPrefix } } } pageInfo { hasNextPage endCursor } } } }`

const rollBack = `mutation($from: Int!, $to: Int!) { rollBackSettings(input: {bindingId: "bnd_1", expectedVersion: $from, toVersion: $to}) {
	binding { settingsVersion settings { commercial { numberPrefix } } } userErrors { code field errorCode } } }`

// savePrefix saves a version with a number prefix.
func savePrefix(t *testing.T, w *apptest.World, from int, prefix string) {
	t.Helper()
	saved := cards(t, data(t, w, owner, saveSettings, change(from, parsed(t, `{"commercial": {"numberPrefix": "`+prefix+`", "customerNamePriority": "COMPANY",
		"initialStatus": "AUTHORISED", "paymentTermsDays": 30, "creditNoteSettlement": "AUTO"}}`))), "updateSettings")
	if diff := cmp.Diff([]any{}, saved["userErrors"]); diff != "" {
		t.Fatalf("saving %q: userErrors (-want +got):\n%s", prefix, diff)
	}
}

func TestSettingsHistoryAndRollBack(t *testing.T) {
	t.Parallel()
	w := newWorld()
	first := cards(t, data(t, w, owner, readSettings, nil), "binding", "settings", "commercial")
	savePrefix(t, w, 1, "A-")
	savePrefix(t, w, 2, "B-")

	page := cards(t, data(t, w, owner, readHistory, map[string]any{"first": 1}), "binding", "settingsHistory")
	want := parsed(t, `{"nodes": [{"number": 3, "author": "first key", "settings": {"commercial": {"numberPrefix": "B-"}},
		"changes": [{"path": "settings.commercial.numberPrefix", "before": "A-", "after": "B-"}]}], "pageInfo": {"hasNextPage": true, "endCursor": "3"}}`)
	if diff := cmp.Diff(want, page); diff != "" {
		t.Errorf("first page (-want +got):\n%s", diff)
	}
	rest := cards(t, data(t, w, owner, readHistory, map[string]any{"first": 5, "after": "3"}), "binding", "settingsHistory")
	if nodes, ok := rest["nodes"].([]any); !ok || len(nodes) != 2 {
		t.Errorf("second page %v, want versions 2 and 1", rest)
	}

	back := cards(t, data(t, w, owner, rollBack, map[string]any{"from": 3, "to": 1}), "rollBackSettings")
	want = map[string]any{"binding": map[string]any{"settingsVersion": 4.0, "settings": map[string]any{"commercial": map[string]any{"numberPrefix": first["numberPrefix"]}}}, "userErrors": []any{}}
	if diff := cmp.Diff(want, back); diff != "" {
		t.Errorf("roll-back (-want +got):\n%s", diff)
	}
}

func TestRollBackRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld()
	savePrefix(t, w, 1, "A-")
	for name, tt := range map[string]struct {
		from, to int
		code     string
	}{
		"a stale version":    {1, 1, "CONFLICT"},
		"the newest version": {2, 2, "out_of_range"},
		"an unknown version": {2, 9, "out_of_range"},
		"version zero":       {2, 0, "out_of_range"},
	} {
		answer := cards(t, data(t, w, owner, rollBack, map[string]any{"from": tt.from, "to": tt.to}), "rollBackSettings")
		problems, _ := answer["userErrors"].([]any)
		if len(problems) != 1 || answer["binding"] != nil {
			t.Fatalf("%s: %v, want one userError", name, answer)
		}
		if got := cards(t, map[string]any{"e": problems[0]}, "e")["code"]; got != tt.code {
			t.Errorf("%s: code %v, want %s", name, got, tt.code)
		}
	}
}

func TestSettingsProblemsNameWhatVanished(t *testing.T) {
	t.Parallel()
	w := newWorld()
	ask := func() any { return cards(t, data(t, w, owner, readHistory, nil), "binding")["settingsProblems"] }
	if diff := cmp.Diff([]any{}, ask()); diff != "" {
		t.Fatalf("before (-want +got):\n%s", diff)
	}
	w.Settings[0].Settings.Defaults.RevenueAccount = "999"
	want := []any{map[string]any{"code": "not_in_reference", "field": "settings.defaults.revenueAccount"}}
	if diff := cmp.Diff(want, ask()); diff != "" {
		t.Errorf("after (-want +got):\n%s", diff)
	}
}
