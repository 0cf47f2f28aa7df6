package app_test

import (
	"testing"

	"byte8.io/ledger/app"
	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
)

func TestListSyncStatesOfABoundKeyKeepsToItsProvider(t *testing.T) {
	t.Parallel()
	chip := func(p binding.Provider) syncrun.SyncState {
		return syncrun.SyncState{TenantID: "tenant-a", StoreID: "sto_1", Provider: p, EntityType: commerce.EntityInvoice, MagentoID: 1}
	}
	w := &apptest.World{
		Bindings: []binding.Binding{{ID: "bnd_1", TenantID: "tenant-a", StoreID: "sto_1", Provider: binding.Xero}},
		States:   []syncrun.SyncState{chip(binding.Xero), chip(binding.FreeAgent)},
	}
	key := access.Principal{TenantID: "tenant-a", BindingID: "bnd_1", Scopes: access.Scopes{access.ScopeStatusRead}}
	in := app.ListSyncStates{EntityType: commerce.EntityInvoice, MagentoIDs: []int64{1, 1}}
	got, err := w.App().ListSyncStates(t.Context(), key, in)
	if err != nil || len(got) != 1 || got[0].Provider != binding.Xero {
		t.Errorf("ListSyncStates = %+v, %v; want the chip at Xero", got, err)
	}
	in.Providers = []binding.Provider{binding.FreeAgent}
	if got, err := w.App().ListSyncStates(t.Context(), key, in); err != nil || len(got) != 0 {
		t.Errorf("ListSyncStates at another provider = %+v, %v; want none", got, err)
	}
}

func TestListSyncStatesOfNoIDsAsksNothing(t *testing.T) {
	t.Parallel()
	w := &apptest.World{}
	got, err := w.App().ListSyncStates(t.Context(), access.System("tenant-a"), app.ListSyncStates{EntityType: commerce.EntityInvoice})
	if err != nil || len(got) != 0 || w.Calls("Runs.ListSyncStates") != 0 {
		t.Errorf("ListSyncStates = %+v, %v after %d calls; want none after none", got, err, w.Calls("Runs.ListSyncStates"))
	}
}
