package porttest

import (
	"fmt"
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

var syncStatePromises = []promise{
	{"ListSyncStates/finds the chips that exist, of every store", listsSyncStates},
	{"ListSyncStates/narrows by store and provider", narrowsSyncStates},
	{"ListSyncStates/narrows by a binding of the tenant's", narrowsSyncStatesByBinding},
	{"ListSyncStates/orders by id, provider and store", ordersSyncStates},
	{"ListSyncStates/shows a stranger nothing", listsNoForeignSyncStates},
	{"EachSyncState/yields every field", yieldsSyncStates},
}

// chips are the (store, provider, id) of the chips that a query finds.
func (w *world) chips(t *testing.T, q ports.SyncStateQuery) []string {
	t.Helper()
	states := must(w.Runs.ListSyncStates(t.Context(), w.tenant, q))(t, "ListSyncStates")
	out, listed := []string{}, []string{}
	for _, s := range states {
		if s.TenantID != w.tenant || s.EntityType != q.EntityType || s.Status != syncrun.ChipPending {
			t.Errorf("ListSyncStates found %+v", s)
		}
		out = append(out, s.RunID)
		listed = append(listed, fmt.Sprint(s.MagentoID, s.Provider, s.StoreID))
	}
	each := []string{}
	err := w.Runs.EachSyncState(t.Context(), w.tenant, q, func(v *syncrun.StateView) {
		each = append(each, fmt.Sprint(v.MagentoID, string(v.Provider), string(v.StoreID)))
	})
	if err != nil {
		t.Fatalf("EachSyncState: %v", err)
	}
	same(t, "EachSyncState beside ListSyncStates", each, listed)
	return out
}

func listsSyncStates(t *testing.T, w *world) {
	second := w.putStore(t, "https://second.example")
	of := w.putBinding(t, second, binding.Xero)
	a := w.added(t)
	b := w.added(t, func(r *syncrun.Run) { r.BindingID, r.StoreID = of.ID, second.ID })
	w.added(t, func(r *syncrun.Run) {
		r.MagentoID, r.Event, r.EntityType = a.MagentoID, commerce.EventCustomerUpserted, commerce.EntityCustomer
	})
	q := ports.SyncStateQuery{EntityType: commerce.EntityInvoice, MagentoIDs: []int64{a.MagentoID, 999999, b.MagentoID}}
	same(t, "ListSyncStates", w.chips(t, q), []string{a.ID, b.ID})
	q.MagentoIDs = nil
	same(t, "ListSyncStates of none", w.chips(t, q), []string{})
}

func narrowsSyncStates(t *testing.T, w *world) {
	second, other := w.putStore(t, "https://second.example"), w.putBinding(t, w.store, binding.FreeAgent)
	of := w.putBinding(t, second, binding.Xero)
	a := w.added(t)
	b := w.added(t, sameDocument(a), func(r *syncrun.Run) { r.BindingID, r.Provider = other.ID, other.Provider })
	c := w.added(t, sameDocument(a), func(r *syncrun.Run) { r.BindingID, r.StoreID = of.ID, second.ID })
	q := ports.SyncStateQuery{EntityType: commerce.EntityInvoice, MagentoIDs: []int64{a.MagentoID}}
	q.StoreID = second.ID
	same(t, "ListSyncStates of a store", w.chips(t, q), []string{c.ID})
	q.Providers = []binding.Provider{binding.FreeAgent}
	same(t, "ListSyncStates of a store and a provider it has not", w.chips(t, q), []string{})
	q.StoreID = ""
	same(t, "ListSyncStates of a provider", w.chips(t, q), []string{b.ID})
}

func listsNoForeignSyncStates(t *testing.T, w *world) {
	run := w.added(t)
	q := ports.SyncStateQuery{EntityType: commerce.EntityInvoice, MagentoIDs: []int64{run.MagentoID}}
	same(t, "ListSyncStates of a stranger", w.stranger(t).chips(t, q), []string{})
}

func narrowsSyncStatesByBinding(t *testing.T, w *world) {
	second, other := w.putStore(t, "https://second.example"), w.putBinding(t, w.store, binding.FreeAgent)
	of := w.putBinding(t, second, binding.FreeAgent)
	a := w.added(t)
	b := w.added(t, sameDocument(a), func(r *syncrun.Run) { r.BindingID, r.Provider = other.ID, other.Provider })
	w.added(t, sameDocument(a), func(r *syncrun.Run) { r.BindingID, r.StoreID, r.Provider = of.ID, second.ID, of.Provider })
	q := ports.SyncStateQuery{EntityType: commerce.EntityInvoice, MagentoIDs: []int64{a.MagentoID}, BindingID: other.ID}
	same(t, "ListSyncStates of a binding", w.chips(t, q), []string{b.ID})
	q.StoreID = second.ID
	same(t, "ListSyncStates of a binding and another store", w.chips(t, q), []string{})
	q.StoreID = ""
	same(t, "ListSyncStates of a stranger's binding", w.stranger(t).chips(t, q), []string{})
}

func ordersSyncStates(t *testing.T, w *world) {
	second, other := w.putStore(t, "https://second.example"), w.putBinding(t, w.store, binding.FreeAgent)
	of := w.putBinding(t, second, binding.FreeAgent)
	a := w.added(t)
	b := w.added(t, sameDocument(a), func(r *syncrun.Run) { r.BindingID, r.Provider = other.ID, other.Provider })
	c := w.added(t, sameDocument(a), func(r *syncrun.Run) { r.BindingID, r.StoreID, r.Provider = of.ID, second.ID, of.Provider })
	d := w.added(t)
	free := []string{b.ID, c.ID}
	if second.ID < w.store.ID {
		free = []string{c.ID, b.ID}
	}
	q := ports.SyncStateQuery{EntityType: commerce.EntityInvoice, MagentoIDs: []int64{d.MagentoID, a.MagentoID}}
	want := []string{free[0], free[1], a.ID, d.ID}
	if d.MagentoID < a.MagentoID {
		want = []string{d.ID, free[0], free[1], a.ID}
	}
	same(t, "ListSyncStates", w.chips(t, q), want)
}

func yieldsSyncStates(t *testing.T, w *world) {
	w.added(t)
	o := w.full(w.claimOne(t))
	o.State.SkipReason, o.State.ErrorCode = syncrun.SkipReason("a \"reason\" of Ωmega\n"), fault.CodeTotalsDiffer
	o.State.LastSyncAt = w.now.Add(-30 * 365 * 24 * time.Hour).Add(123456 * time.Microsecond)
	w.record(t, o)
	run := o.Run
	q := ports.SyncStateQuery{EntityType: commerce.EntityInvoice, MagentoIDs: []int64{run.MagentoID}}
	want := must(w.Runs.ListSyncStates(t.Context(), w.tenant, q))(t, "ListSyncStates")
	var got []syncrun.SyncState
	err := w.Runs.EachSyncState(t.Context(), w.tenant, q, func(v *syncrun.StateView) {
		got = append(got, syncrun.SyncState{
			TenantID: w.tenant, EntityType: q.EntityType, RunID: run.ID,
			MagentoID: v.MagentoID, StoreID: string(v.StoreID), Provider: binding.Provider(v.Provider), Status: syncrun.Chip(v.Status),
			ProviderEntityID: string(v.ProviderEntityID), ProviderReference: string(v.ProviderReference), ProviderURL: string(v.ProviderURL),
			SkipReason: syncrun.SkipReason(v.SkipReason), ErrorCode: fault.Code(v.ErrorCode), LastSyncAt: v.LastSyncAt,
		})
	})
	if err != nil {
		t.Fatalf("EachSyncState: %v", err)
	}
	same(t, "EachSyncState", got, want)
}
