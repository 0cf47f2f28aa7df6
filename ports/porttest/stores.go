package porttest

import (
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
)

// Stores checks an adapter of ports.Stores.
func Stores(t *testing.T, open func(t *testing.T) Backend) {
	t.Helper()
	keep(t, open, append([]promise{
		{"PutStore/the same address keeps the first call's id and code", putsStoreOnce},
		{"PutStore/many at once give one store", putsOneStoreAtOnce},
		{"PutStore/tenants with the same address have a store each", putsStoreForEachTenant},
		{"FindStore/a stranger's store is NotFound", findsNoForeignStore},
		{"ListStores/lists the tenant's own, oldest first", listsStores},
		{"SetStoreStatus/changes the status", setsStoreStatus},
		{"SetStoreStatus/a stranger's store is NotFound", setsNoForeignStoreStatus},
		{"SetStoreStatus/becoming active makes waiting runs due at once", makesWaitingRunsDue},
		{"SetStoreStatus/becoming active makes waiting callbacks due at once", makesWaitingCallbacksDue},
	}, storeKeyPromises...))
}

func putsStoreOnce(t *testing.T, w *world) {
	again := must(w.Stores.PutStore(t.Context(), binding.Store{
		ID: w.id("store"), TenantID: w.tenant, Code: "another", BaseURL: w.store.BaseURL, Status: binding.StorePending, CreatedAt: w.now.Add(time.Hour),
	}))(t, "PutStore")
	same(t, "PutStore", again, w.store)
	same(t, "FindStore", must(w.Stores.FindStore(t.Context(), w.tenant, w.store.ID))(t, "FindStore"), w.store)
}

func putsOneStoreAtOnce(t *testing.T, w *world) {
	stores := make([]binding.Store, 10)
	errs := make([]error, len(stores))
	together(len(stores), func(i int) {
		stores[i], errs[i] = w.Stores.PutStore(t.Context(), binding.Store{
			ID: w.id("store"), TenantID: w.tenant, Code: "code", BaseURL: "https://second.example", Status: binding.StorePending, CreatedAt: w.now,
		})
	})
	for i := range stores {
		need(t, "PutStore", errs[i])
		same(t, "PutStore", stores[i], stores[0])
	}
}

func putsStoreForEachTenant(t *testing.T, w *world) {
	if other := w.stranger(t); other.store.ID == w.store.ID || other.store.BaseURL != w.store.BaseURL {
		t.Errorf("PutStore gave the stranger %+v beside %+v", other.store, w.store)
	}
}

func findsNoForeignStore(t *testing.T, w *world) {
	_, err := w.Stores.FindStore(t.Context(), w.stranger(t).tenant, w.store.ID)
	wantFault(t, "FindStore by a stranger", err, fault.CodeNotFound)
}

func listsStores(t *testing.T, w *world) {
	w.stranger(t)
	second := w.putStore(t, "https://second.example")
	got := must(w.Stores.ListStores(t.Context(), w.tenant))(t, "ListStores")
	same(t, "ListStores", got, []binding.Store{w.store, second})
}

func setsStoreStatus(t *testing.T, w *world) {
	need(t, "SetStoreStatus", w.Stores.SetStoreStatus(t.Context(), w.tenant, w.store.ID, binding.StoreTokenRevoked, w.now))
	if got := must(w.Stores.FindStore(t.Context(), w.tenant, w.store.ID))(t, "FindStore").Status; got != binding.StoreTokenRevoked {
		t.Errorf("FindStore has status %s", got)
	}
}

func setsNoForeignStoreStatus(t *testing.T, w *world) {
	err := w.Stores.SetStoreStatus(t.Context(), w.stranger(t).tenant, w.store.ID, binding.StoreTokenRevoked, w.now)
	wantFault(t, "SetStoreStatus by a stranger", err, fault.CodeNotFound)
	same(t, "FindStore", must(w.Stores.FindStore(t.Context(), w.tenant, w.store.ID))(t, "FindStore"), w.store)
}

// waitingUntil is a run that waits for the given time.
func (w *world) waitingUntil(t *testing.T, due time.Time) syncrun.Run {
	t.Helper()
	w.added(t)
	run := w.claimOne(t)
	o := w.outcome(run, syncrun.StatusWaiting)
	o.Run.NextAttemptAt = due
	w.record(t, o)
	return o.Run
}

func makesWaitingRunsDue(t *testing.T, w *world) {
	run := w.waitingUntil(t, w.now.Add(time.Hour))
	later := w.now.Add(time.Minute)
	need(t, "SetStoreStatus", w.Stores.SetStoreStatus(t.Context(), w.tenant, w.store.ID, binding.StoreTokenRevoked, later))
	if got := w.claim(t, later); len(got) != 0 {
		t.Fatalf("Claim took %v before the store was active again", ids(got))
	}
	need(t, "SetStoreStatus", w.Stores.SetStoreStatus(t.Context(), w.tenant, w.store.ID, binding.StoreActive, later))
	same(t, "Claim", ids(w.claim(t, later)), []string{run.ID})
}

func makesWaitingCallbacksDue(t *testing.T, w *world) {
	w.callback(t)
	callback := w.claimCallback(t, w.now)
	callback.NextAttemptAt = w.now.Add(time.Hour)
	need(t, "SaveCallback", w.Callbacks.SaveCallback(t.Context(), callback))
	later := w.now.Add(time.Minute)
	need(t, "SetStoreStatus", w.Stores.SetStoreStatus(t.Context(), w.tenant, w.store.ID, binding.StoreActive, later))
	if got := w.claimCallback(t, later); got.ID != callback.ID {
		t.Errorf("ClaimCallbacks took %s, want %s", got.ID, callback.ID)
	}
}
