package porttest

import (
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
)

// unpaired is a store whose pairing failed, with its binding and its key.
func (w *world) unpaired(t *testing.T, baseURL string, createdAt time.Time) (binding.Store, binding.Binding) {
	t.Helper()
	store := must(w.Stores.PutStore(t.Context(), binding.Store{
		ID: w.id("store"), TenantID: w.tenant, Code: binding.StoreCode(baseURL), BaseURL: baseURL, Status: binding.StorePending, CreatedAt: createdAt,
	}))(t, "PutStore")
	bound := must(w.Bindings.PutBinding(t.Context(), binding.Binding{
		ID: w.id("binding"), TenantID: w.tenant, StoreID: store.ID, Provider: binding.Xero, Status: binding.StatusPending, CreatedAt: createdAt,
	}))(t, "PutBinding")
	need(t, "AddStoreKey", w.Stores.AddStoreKey(t.Context(), w.storeKey(func(k *binding.StoreKey) { k.StoreID, k.CreatedAt = store.ID, createdAt })))
	return store, bound
}

// purgeUnpaired removes what was tried before the world's present, of all tenants.
func (w *world) purgeUnpaired(t *testing.T) {
	t.Helper()
	must(w.Stores.PurgeUnpaired(t.Context(), w.now, 1000))(t, "PurgeUnpaired")
}

func purgesUnpaired(t *testing.T, w *world) {
	store, bound := w.unpaired(t, "https://typo.example", w.now.Add(-time.Second))
	authorisation := w.authorisation()
	authorisation.BindingID = bound.ID
	need(t, "CreateAuthorisation", w.Grants.CreateAuthorisation(t.Context(), authorisation))
	if n := must(w.Stores.PurgeUnpaired(t.Context(), w.now, 0))(t, "PurgeUnpaired"); n != 0 {
		t.Errorf("PurgeUnpaired of 0 removed %d", n)
	}
	w.purgeUnpaired(t)
	_, err := w.Stores.FindStore(t.Context(), w.tenant, store.ID)
	wantFault(t, "FindStore", err, fault.CodeNotFound)
	_, err = w.Bindings.FindBinding(t.Context(), w.tenant, bound.ID)
	wantFault(t, "FindBinding", err, fault.CodeNotFound)
	same(t, "ListStores", must(w.Stores.ListStores(t.Context(), w.tenant))(t, "ListStores"), []binding.Store{w.store})
	if again, _ := w.unpaired(t, "https://typo.example", w.now); again.ID == store.ID {
		t.Error("PutStore found a store that was removed")
	}
}

func purgeKeepsPaired(t *testing.T, w *world) {
	before := w.now.Add(-time.Second)
	want := []binding.Store{w.store}
	keep := func(store binding.Store) {
		want = append(want, must(w.Stores.FindStore(t.Context(), w.tenant, store.ID))(t, "FindStore"))
	}

	late, _ := w.unpaired(t, "https://late.example", w.now)
	keep(late)
	retried, _ := w.unpaired(t, "https://retried.example", before)
	need(t, "AddStoreKey", w.Stores.AddStoreKey(t.Context(), w.storeKey(func(k *binding.StoreKey) { k.StoreID = retried.ID })))
	keep(retried)
	paired, _ := w.unpaired(t, "https://paired.example", before)
	need(t, "SetStoreStatus", w.Stores.SetStoreStatus(t.Context(), w.tenant, paired.ID, binding.StoreActive, w.now))
	keep(paired)
	disconnected, revoked := w.unpaired(t, "https://disconnected.example", before)
	revoked.Status, revoked.RevokedAt = binding.StatusRevoked, &w.now
	must(w.Bindings.SaveBinding(t.Context(), revoked, w.now))(t, "SaveBinding")
	keep(disconnected)
	linked, consented := w.unpaired(t, "https://linked.example", before)
	consented.Organisation.ID = "org-1"
	must(w.Bindings.SaveBinding(t.Context(), consented, w.now))(t, "SaveBinding")
	keep(linked)

	w.purgeUnpaired(t)
	got := map[string]binding.Store{}
	for _, store := range must(w.Stores.ListStores(t.Context(), w.tenant))(t, "ListStores") {
		got[store.ID] = store
	}
	for _, store := range want {
		if _, kept := got[store.ID]; !kept {
			t.Errorf("PurgeUnpaired removed %s", store.BaseURL)
		}
	}
}
