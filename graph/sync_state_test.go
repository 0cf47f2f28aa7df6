package graph_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
)

func TestSyncStates(t *testing.T) {
	t.Parallel()
	w := newWorld()
	got := data(t, w, owner, `{ syncStates(entityType: INVOICE, magentoIds: ["2", 1, 99]) {
		provider entityType magentoId status providerEntityId providerUrl providerReference skipReason errorCode lastSyncAt } }`, nil)
	want := parsed(t, `{"syncStates": [
		{"provider": "XERO", "entityType": "INVOICE", "magentoId": 1, "status": "SYNCED", "providerEntityId": "inv-1", "providerUrl": "https://go.example/inv-1",
		 "providerReference": "000000001", "skipReason": null, "errorCode": null, "lastSyncAt": "2026-03-01T12:00:00Z"},
		{"provider": "XERO", "entityType": "INVOICE", "magentoId": 2, "status": "FAILED", "providerEntityId": null, "providerUrl": null,
		 "providerReference": null, "skipReason": null, "errorCode": "number_taken", "lastSyncAt": "2026-03-01T12:00:00Z"}]}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("syncStates (-want +got):\n%s", diff)
	}
	if calls := w.Calls("Runs.FindRuns"); calls != 0 {
		t.Errorf("runs were read %d times though none was asked for", calls)
	}
}

func TestSyncStatesOf500IDsReadStatesAndRunsOnceEach(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.States, w.Runs = nil, nil
	ids := make([]any, 500)
	for i := range ids {
		id := int64(i + 1)
		ids[i] = id
		run := "run_" + strconv.Itoa(i)
		w.States = append(w.States, syncrun.SyncState{TenantID: "tenant-a", StoreID: "sto_1", Provider: binding.Xero, EntityType: commerce.EntityInvoice, MagentoID: id, Status: syncrun.ChipSynced, RunID: run})
		if i%2 == 0 {
			w.Runs = append(w.Runs, syncrun.Run{ID: run, TenantID: "tenant-a", BindingID: "bnd_1", StoreID: "sto_1", Provider: binding.Xero, EntityType: commerce.EntityInvoice, MagentoID: id, Status: syncrun.StatusSucceeded})
		}
	}
	got := data(t, w, owner, `query($ids: [Int64!]!) { syncStates(entityType: INVOICE, magentoIds: $ids) { magentoId run { id } } }`, map[string]any{"ids": ids})
	states, _ := got["syncStates"].([]any)
	if len(states) != 500 {
		t.Fatalf("%d chips, want 500", len(states))
	}
	if states[0].(map[string]any)["run"] == nil || states[1].(map[string]any)["run"] != nil {
		t.Errorf("runs are %v and %v, want one and none", states[0], states[1])
	}
	if n := w.Calls("Runs.ListSyncStates"); n != 1 {
		t.Errorf("chips were read %d times, want 1", n)
	}
	if n := w.Calls("Runs.FindRuns") + w.Calls("Runs.FindRun"); n != 1 {
		t.Errorf("runs were read %d times, want 1", n)
	}
}

func TestSyncStatesRefuseMoreThan500IDs(t *testing.T) {
	t.Parallel()
	w := newWorld()
	r := ask(t, w, owner, `query($ids: [Int64!]!) { syncStates(entityType: INVOICE, magentoIds: $ids) { status } }`, map[string]any{"ids": make501()})
	if r.code() != "INVALID" || r.Errors[0].Message != "One question may carry up to 500 ids; this one has 501." {
		t.Errorf("errors %+v, want the rule named", r.Errors)
	}
	if n := w.Calls("Runs.ListSyncStates"); n != 0 {
		t.Errorf("chips were read %d times", n)
	}
}

func make501() []int {
	ids := make([]int, 501)
	for i := range ids {
		ids[i] = i + 1
	}
	return ids
}

func TestAShopSeesItsOwnChipsOnly(t *testing.T) {
	t.Parallel()
	const both = `query($store: ID) { syncStates(entityType: INVOICE, magentoIds: [1], storeId: $store) { magentoId } }`
	chips := func(p access.Principal, store any) int {
		w := newWorld()
		w.States = append(w.States, syncrun.SyncState{TenantID: "tenant-a", StoreID: "sto_2", Provider: binding.Xero, EntityType: commerce.EntityInvoice, MagentoID: 1, Status: syncrun.ChipPending})
		states, _ := data(t, w, p, both, map[string]any{"store": store})["syncStates"].([]any)
		return len(states)
	}
	shop := access.Magento("tenant-a", "sto_1", "https://shop.example")
	bound := owner
	bound.BindingID = "bnd_1"
	for name, tt := range map[string]struct {
		principal access.Principal
		store     any
		want      int
	}{
		"a key sees every store":            {owner, nil, 2},
		"a key may name a store":            {owner, "sto_2", 1},
		"a shop's token implies its store":  {shop, nil, 1},
		"a shop may name its store":         {shop, "sto_1", 1},
		"a shop may not name another":       {shop, "sto_2", 0},
		"a bound key sees its store":        {bound, nil, 1},
		"a bound key may not name another":  {bound, "sto_2", 0},
		"a stranger sees nothing":           {other, nil, 0},
		"a stranger may not name the store": {other, "sto_1", 0},
	} {
		if got := chips(tt.principal, tt.store); got != tt.want {
			t.Errorf("%s: %d chips, want %d", name, got, tt.want)
		}
	}
}

func TestAShopMayReadNothingButChips(t *testing.T) {
	t.Parallel()
	w := newWorld()
	shop := access.Magento("tenant-a", "sto_1", "https://shop.example")
	r := ask(t, w, shop, `{ viewer { principal { kind } } syncStates(entityType: INVOICE, magentoIds: [1, 2]) { status run { id } } }`, nil)
	if r.code() != "DENIED" || w.Calls("Runs.FindRuns") != 0 {
		t.Errorf("runs beside chips: errors %+v, %d reads", r.Errors, w.Calls("Runs.FindRuns"))
	}
	if states, _ := r.Data["syncStates"].([]any); len(states) != 2 {
		t.Errorf("chips are %v, want both with run null", r.Data["syncStates"])
	}
	for _, field := range []string{"stores { id }", "bindings { nodes { id } }", "syncRuns { nodes { id } }", "apiKeys { nodes { id } }", "providers { key }"} {
		if r := ask(t, w, shop, "{ "+field+" }", nil); r.code() != "DENIED" {
			t.Errorf("%s: errors %+v, want DENIED", field, r.Errors)
		}
	}
}
