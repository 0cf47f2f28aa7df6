package porttest

import (
	"testing"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

var syncStatePromises = []promise{
	{"ListSyncStates/finds the chips that exist, of every store", listsSyncStates},
	{"ListSyncStates/narrows by store and provider", narrowsSyncStates},
	{"ListSyncStates/shows a stranger nothing", listsNoForeignSyncStates},
}

// chips are the (store, provider, id) of the chips that a query finds.
func (w *world) chips(t *testing.T, q ports.SyncStateQuery) []string {
	t.Helper()
	states := must(w.Runs.ListSyncStates(t.Context(), w.tenant, q))(t, "ListSyncStates")
	out := []string{}
	for _, s := range states {
		if s.TenantID != w.tenant || s.EntityType != q.EntityType || s.Status != syncrun.ChipPending {
			t.Errorf("ListSyncStates found %+v", s)
		}
		out = append(out, s.RunID)
	}
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
