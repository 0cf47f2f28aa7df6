package porttest

import (
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
)

var storeKeyPromises = []promise{
	{"AddStoreKey/another tenant's store is NotFound", addsNoForeignStoreKey},
	{"ActivateStoreKey/leaves one active key and activates the store", activatesStoreKey},
	{"ActivateStoreKey/repeating it changes nothing", activatesStoreKeyAgain},
	{"ActivateStoreKey/a retired key is a Conflict", activatesNoRetiredKey},
	{"ActivateStoreKey/of many at once one stays active", activatesOneKeyAtOnce},
	{"ActivateStoreKey/another tenant's key is NotFound", activatesNoForeignKey},
	{"RetireStoreKey/ends one key", retiresStoreKey},
	{"RetireStoreKeys/ends every key of the store, which becomes pending", retiresStoreKeys},
	{"RetireStoreKeys/of many at once with activations each comes before or after", retiresBesideActivations},
	{"ListLiveKeys/lists candidate and active keys of all stores, newest first", listsLiveKeys},
	{"ListLiveKeys/lists keys replaced after the given time, until they are retired for good", listsReplacedKeys},
	{"FindSigningKey/finds the active key with its secret", findsSigningKey},
	{"FindSigningKey/without an active key it is NotFound", findsNoSigningKey},
}

func (w *world) addKey(t *testing.T, change func(*binding.StoreKey)) binding.StoreKey {
	t.Helper()
	key := w.storeKey(change)
	need(t, "AddStoreKey", w.Stores.AddStoreKey(t.Context(), key))
	return key
}

func (w *world) liveKeys(t *testing.T) []binding.StoreKey {
	t.Helper()
	return must(w.Stores.ListLiveKeys(t.Context(), w.tenant, w.now))(t, "ListLiveKeys")
}

func addsNoForeignStoreKey(t *testing.T, w *world) {
	stranger := w.stranger(t)
	err := w.Stores.AddStoreKey(t.Context(), w.storeKey(func(k *binding.StoreKey) { k.TenantID = stranger.tenant }))
	wantFault(t, "AddStoreKey to another tenant's store", err, fault.CodeNotFound)
}

func activatesStoreKey(t *testing.T, w *world) {
	need(t, "SetStoreStatus", w.Stores.SetStoreStatus(t.Context(), w.tenant, w.store.ID, binding.StoreTokenRevoked, w.now))
	first := w.addKey(t, func(*binding.StoreKey) {})
	need(t, "ActivateStoreKey", w.Stores.ActivateStoreKey(t.Context(), w.tenant, first.ID, w.now))
	second := w.addKey(t, func(*binding.StoreKey) {})
	w.addKey(t, func(*binding.StoreKey) {})
	need(t, "ActivateStoreKey", w.Stores.ActivateStoreKey(t.Context(), w.tenant, second.ID, w.now))
	second.Status = binding.KeyActive
	same(t, "ListLiveKeys", w.liveKeys(t), []binding.StoreKey{second})
	if got := must(w.Stores.FindStore(t.Context(), w.tenant, w.store.ID))(t, "FindStore").Status; got != binding.StoreActive {
		t.Errorf("FindStore has status %s", got)
	}
}

func activatesStoreKeyAgain(t *testing.T, w *world) {
	active := w.addKey(t, func(*binding.StoreKey) {})
	need(t, "ActivateStoreKey", w.Stores.ActivateStoreKey(t.Context(), w.tenant, active.ID, w.now))
	w.addKey(t, func(k *binding.StoreKey) { k.CreatedAt = w.now.Add(time.Hour) })
	before := w.liveKeys(t)
	need(t, "ActivateStoreKey again", w.Stores.ActivateStoreKey(t.Context(), w.tenant, active.ID, w.now))
	same(t, "ListLiveKeys", w.liveKeys(t), before)
}

func activatesNoRetiredKey(t *testing.T, w *world) {
	key := w.addKey(t, func(k *binding.StoreKey) { k.Status = binding.KeyRetired })
	wantFault(t, "ActivateStoreKey", w.Stores.ActivateStoreKey(t.Context(), w.tenant, key.ID, w.now), fault.CodeConflict)
}

func activatesOneKeyAtOnce(t *testing.T, w *world) {
	keys := make([]binding.StoreKey, 8)
	for i := range keys {
		keys[i] = w.addKey(t, func(*binding.StoreKey) {})
	}
	errs := make([]error, len(keys))
	together(len(keys), func(i int) { errs[i] = w.Stores.ActivateStoreKey(t.Context(), w.tenant, keys[i].ID, w.now) })
	winners := 0
	for _, err := range errs {
		if err == nil {
			winners++
			continue
		}
		wantFault(t, "ActivateStoreKey beside others", err, fault.CodeConflict)
	}
	if live := w.liveKeys(t); winners != 1 || len(live) != 1 || live[0].Status != binding.KeyActive {
		t.Errorf("%d calls activated their key, %d keys live", winners, len(live))
	}
}

func activatesNoForeignKey(t *testing.T, w *world) {
	key := w.addKey(t, func(*binding.StoreKey) {})
	err := w.Stores.ActivateStoreKey(t.Context(), w.stranger(t).tenant, key.ID, w.now)
	wantFault(t, "ActivateStoreKey by a stranger", err, fault.CodeNotFound)
}

func retiresStoreKey(t *testing.T, w *world) {
	refused, other := w.addKey(t, func(*binding.StoreKey) {}), w.addKey(t, func(*binding.StoreKey) {})
	need(t, "RetireStoreKey", w.Stores.RetireStoreKey(t.Context(), w.tenant, refused.ID))
	same(t, "ListLiveKeys", w.liveKeys(t), []binding.StoreKey{other})
	wantFault(t, "RetireStoreKey by a stranger", w.Stores.RetireStoreKey(t.Context(), w.stranger(t).tenant, other.ID), fault.CodeNotFound)
	same(t, "ListLiveKeys", w.liveKeys(t), []binding.StoreKey{other})
}

func retiresStoreKeys(t *testing.T, w *world) {
	key := w.addKey(t, func(*binding.StoreKey) {})
	need(t, "ActivateStoreKey", w.Stores.ActivateStoreKey(t.Context(), w.tenant, key.ID, w.now))
	w.addKey(t, func(*binding.StoreKey) {})
	wantFault(t, "RetireStoreKeys by a stranger", w.Stores.RetireStoreKeys(t.Context(), w.stranger(t).tenant, w.store.ID), fault.CodeNotFound)
	if live := w.liveKeys(t); len(live) != 2 {
		t.Errorf("a stranger's RetireStoreKeys left %d keys, want 2", len(live))
	}
	need(t, "RetireStoreKeys", w.Stores.RetireStoreKeys(t.Context(), w.tenant, w.store.ID))
	same(t, "ListLiveKeys", w.liveKeys(t), []binding.StoreKey{})
	if got := must(w.Stores.FindStore(t.Context(), w.tenant, w.store.ID))(t, "FindStore").Status; got != binding.StorePending {
		t.Errorf("FindStore has status %s", got)
	}
}

func retiresBesideActivations(t *testing.T, w *world) {
	for range 20 {
		keys := make([]binding.StoreKey, 6)
		for i := range keys {
			keys[i] = w.addKey(t, func(*binding.StoreKey) {})
		}
		together(len(keys)+2, func(i int) {
			if i >= len(keys) {
				if err := w.Stores.RetireStoreKeys(t.Context(), w.tenant, w.store.ID); err != nil {
					t.Errorf("RetireStoreKeys beside activations: %v", err)
				}
			} else if err := w.Stores.ActivateStoreKey(t.Context(), w.tenant, keys[i].ID, w.now); err != nil && !fault.IsKind(err, fault.Conflict) {
				t.Errorf("ActivateStoreKey beside retirements: %v", err)
			}
		})
		store := must(w.Stores.FindStore(t.Context(), w.tenant, w.store.ID))(t, "FindStore")
		if live := w.liveKeys(t); len(live) > 0 || store.Status != binding.StorePending {
			t.Fatalf("a store that is %s has %d live keys after its retirement", store.Status, len(live))
		}
	}
}

func listsLiveKeys(t *testing.T, w *world) {
	second := w.putStore(t, "https://second.example")
	newer := w.addKey(t, func(k *binding.StoreKey) { k.CreatedAt = w.now.Add(time.Hour) })
	older := w.addKey(t, func(k *binding.StoreKey) { k.StoreID, k.Status = second.ID, binding.KeyActive })
	w.addKey(t, func(k *binding.StoreKey) { k.Status = binding.KeyRetired })
	same(t, "ListLiveKeys", w.liveKeys(t), []binding.StoreKey{newer, older})
	same(t, "ListLiveKeys of a stranger", w.stranger(t).liveKeys(t), []binding.StoreKey{})
}

func listsReplacedKeys(t *testing.T, w *world) {
	replaced := w.addKey(t, func(*binding.StoreKey) {})
	need(t, "ActivateStoreKey", w.Stores.ActivateStoreKey(t.Context(), w.tenant, replaced.ID, w.now))
	refused := w.addKey(t, func(*binding.StoreKey) {})
	need(t, "RetireStoreKey", w.Stores.RetireStoreKey(t.Context(), w.tenant, refused.ID))
	current := w.addKey(t, func(k *binding.StoreKey) { k.CreatedAt = w.now.Add(time.Hour) })
	need(t, "ActivateStoreKey", w.Stores.ActivateStoreKey(t.Context(), w.tenant, current.ID, w.now.Add(time.Hour)))
	replaced.Status, current.Status = binding.KeyRetired, binding.KeyActive
	after := func(since time.Duration) []binding.StoreKey {
		return must(w.Stores.ListLiveKeys(t.Context(), w.tenant, w.now.Add(since)))(t, "ListLiveKeys")
	}
	same(t, "ListLiveKeys before the replacement", after(time.Hour-time.Second), []binding.StoreKey{current, replaced})
	same(t, "ListLiveKeys from the replacement", after(time.Hour), []binding.StoreKey{current})
	need(t, "RetireStoreKeys", w.Stores.RetireStoreKeys(t.Context(), w.tenant, w.store.ID))
	same(t, "ListLiveKeys after all were retired", after(-time.Hour), []binding.StoreKey{})
}

func findsSigningKey(t *testing.T, w *world) {
	key := w.addKey(t, func(k *binding.StoreKey) { k.Status = binding.KeyActive })
	w.addKey(t, func(k *binding.StoreKey) { k.CreatedAt = w.now.Add(time.Hour) })
	same(t, "FindSigningKey", must(w.Stores.FindSigningKey(t.Context(), w.tenant, w.store.ID))(t, "FindSigningKey"), key)
	_, err := w.Stores.FindSigningKey(t.Context(), w.stranger(t).tenant, w.store.ID)
	wantFault(t, "FindSigningKey by a stranger", err, fault.CodeNotFound)
}

func findsNoSigningKey(t *testing.T, w *world) {
	w.addKey(t, func(*binding.StoreKey) {})
	_, err := w.Stores.FindSigningKey(t.Context(), w.tenant, w.store.ID)
	wantFault(t, "FindSigningKey", err, fault.CodeNotFound)
}
