package porttest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// Callbacks checks an adapter of ports.Callbacks.
func Callbacks(t *testing.T, open func(t *testing.T) Backend) {
	t.Helper()
	keep(t, open, []promise{
		{"ClaimCallbacks/takes due ones, oldest first, and holds them", claimsCallbacks},
		{"ClaimCallbacks/takes one again when its time has passed", claimsCallbackAgain},
		{"ClaimCallbacks/takes nothing of a store that is not active", claimsNoCallbackOfInactiveStore},
		{"ClaimCallbacks/takes nothing for a stranger", claimsNoForeignCallback},
		{"ClaimCallbacks/two workers at once share none", claimsCallbacksApart},
		{"SaveCallback/stores what became of it", savesCallback},
		{"SaveCallback/an old claim is a Conflict", savesNoStaleCallback},
		{"SaveCallback/a superseded one is a Conflict", savesNoSupersededCallback},
		{"SaveCallback/a stranger's is NotFound", savesNoForeignCallback},
		{"RearmCallback/makes the newest callback of a chip due again", rearmsCallback},
		{"ListDueCallbacks/lists a store exactly while it has due callbacks", listsDueStores},
		{"RequeueCallbacks/makes dead ones due at once, oldest first, up to the limit", requeuesCallbacks},
		{"RequeueCallbacks/narrows by provider", requeuesCallbacksOfProvider},
		{"RequeueCallbacks/what the chip says no more is superseded", requeuesNoOutdatedCallback},
		{"RequeueCallbacks/of several dead ones of a chip the newest", requeuesNewestCallback},
		{"RequeueCallbacks/requeues nothing for a stranger", requeuesNoForeignCallback},
		{"BackfillCallbacks/makes a callback for every final chip of the store", backfillsCallbacks},
		{"BackfillCallbacks/goes on after the last id", backfillsInPages},
		{"BackfillCallbacks/supersedes pending ones of the chip", backfillSupersedes},
		{"BackfillCallbacks/does not meet an outcome of the chip", backfillsBesideOutcomes},
		{"BackfillCallbacks/makes nothing for a stranger", backfillsNoForeignChip},
		{"CountFinalChips, CountPendingCallbacks/count what a backfill tells and the shop has to take", countsForBackfill},
		{"CountCallbacks/counts the tenant's by status", countsCallbacks},
		{"GroupDead/groups by code, the largest first", groupsDead},
		{"ListDead/lists the newest first, up to the limit", listsDead},
		{"PurgeDead/removes dead ones only, oldest first, up to the limit", purgesDead},
		{"CallbackFilter/narrows what is listed, grouped, requeued and removed", narrowsDead},
		{"CallbackFilter/a stranger has none", deadOfNoStranger},
	})
}

// callback is a pending callback of a new invoice.
func (w *world) callback(t *testing.T, change ...func(*syncrun.Callback)) syncrun.Callback {
	t.Helper()
	w.added(t)
	o := w.ofInvoice(w.claimOne(t))
	for _, c := range change {
		c(o.Callback)
	}
	w.record(t, o)
	return *o.Callback
}

func (w *world) claimCallbacks(t *testing.T, now time.Time) []syncrun.Callback {
	t.Helper()
	return must(w.Callbacks.ClaimCallbacks(t.Context(), w.tenant, w.store.ID, 100, now, now.Add(leaseLife)))(t, "ClaimCallbacks")
}

// claimCallback claims the only callback that is due.
func (w *world) claimCallback(t *testing.T, now time.Time) syncrun.Callback {
	t.Helper()
	callbacks := w.claimCallbacks(t, now)
	if len(callbacks) != 1 {
		t.Fatalf("ClaimCallbacks took %d callbacks, want 1", len(callbacks))
	}
	return callbacks[0]
}

func claimsCallbacks(t *testing.T, w *world) {
	newer := w.callback(t, func(c *syncrun.Callback) { c.CreatedAt = w.now.Add(time.Second) })
	older := w.callback(t)
	w.callback(t, func(c *syncrun.Callback) { c.NextAttemptAt = w.now.Add(time.Hour) })
	for _, c := range []*syncrun.Callback{&newer, &older} {
		c.Claims, c.NextAttemptAt = 1, w.now.Add(leaseLife)
	}
	same(t, "ClaimCallbacks", w.claimCallbacks(t, w.now), []syncrun.Callback{older, newer})
	same(t, "ClaimCallbacks again", w.claimCallbacks(t, w.now.Add(leaseLife-time.Microsecond)), []syncrun.Callback{})
}

func claimsCallbackAgain(t *testing.T, w *world) {
	w.callback(t)
	w.claimCallback(t, w.now)
	if got := w.claimCallback(t, w.now.Add(leaseLife)).Claims; got != 2 {
		t.Errorf("the callback was claimed %d times, want 2", got)
	}
}

func claimsNoCallbackOfInactiveStore(t *testing.T, w *world) {
	w.callback(t)
	for _, status := range []binding.StoreStatus{binding.StorePending, binding.StoreTokenRevoked} {
		need(t, "SetStoreStatus", w.Stores.SetStoreStatus(t.Context(), w.tenant, w.store.ID, status, w.now))
		same(t, "ClaimCallbacks of a store that is "+string(status), w.claimCallbacks(t, w.now), []syncrun.Callback{})
		if w.hasDueCallbacks(t, w.now) {
			t.Errorf("ListDueCallbacks lists a store that is %s", status)
		}
	}
}

func claimsNoForeignCallback(t *testing.T, w *world) {
	w.callback(t)
	got := must(w.Callbacks.ClaimCallbacks(t.Context(), w.stranger(t).tenant, w.store.ID, 100, w.now, w.now.Add(leaseLife)))(t, "ClaimCallbacks")
	same(t, "ClaimCallbacks by a stranger", got, []syncrun.Callback{})
}

func claimsCallbacksApart(t *testing.T, w *world) {
	const total = 30
	for range total {
		w.callback(t)
	}
	var mu sync.Mutex
	var taken []string
	together(4, func(int) {
		for range total {
			callbacks, err := w.Callbacks.ClaimCallbacks(t.Context(), w.tenant, w.store.ID, 3, w.now, w.now.Add(leaseLife))
			if err != nil {
				t.Errorf("ClaimCallbacks: %v", err)
			}
			mu.Lock()
			for _, c := range callbacks {
				taken = append(taken, c.ID)
			}
			mu.Unlock()
		}
	})
	slices.Sort(taken)
	if n := len(slices.Compact(slices.Clone(taken))); n != total || len(taken) != total {
		t.Errorf("%d callbacks were taken, %d different ones, of %d", len(taken), n, total)
	}
}

func savesCallback(t *testing.T, w *world) {
	w.callback(t)
	c := w.claimCallback(t, w.now)
	c.Attempts, c.ErrorCode, c.Message, c.NextAttemptAt = 1, fault.CodeMagentoUnreachable, "The shop does not answer.", w.now.Add(time.Second)
	need(t, "SaveCallback", w.Callbacks.SaveCallback(t.Context(), c))
	again := w.claimCallback(t, w.now.Add(time.Second))
	c.Claims, c.NextAttemptAt = 2, w.now.Add(time.Second+leaseLife)
	same(t, "ClaimCallbacks", again, c)
	again.Status, again.DeliveredAt = syncrun.CallbackDelivered, &w.now
	need(t, "SaveCallback", w.Callbacks.SaveCallback(t.Context(), again))
	same(t, "ClaimCallbacks of a delivered one", w.claimCallbacks(t, w.now.Add(time.Hour)), []syncrun.Callback{})
}

func savesNoStaleCallback(t *testing.T, w *world) {
	w.callback(t)
	old := w.claimCallback(t, w.now)
	current := w.claimCallback(t, w.now.Add(leaseLife))
	old.Status = syncrun.CallbackDead
	wantFault(t, "SaveCallback with an old claim", w.Callbacks.SaveCallback(t.Context(), old), fault.CodeConflict)
	current.Status = syncrun.CallbackDelivered
	need(t, "SaveCallback", w.Callbacks.SaveCallback(t.Context(), current))
}

func savesNoSupersededCallback(t *testing.T, w *world) {
	w.callback(t)
	c := w.claimCallback(t, w.now)
	must(w.Runs.Requeue(t.Context(), w.tenant, c.State.RunID, 1, w.now))(t, "Requeue")
	w.record(t, w.full(w.claimOne(t)))
	c.Status = syncrun.CallbackDelivered
	wantFault(t, "SaveCallback of a superseded one", w.Callbacks.SaveCallback(t.Context(), c), fault.CodeConflict)
}

func savesNoForeignCallback(t *testing.T, w *world) {
	w.callback(t)
	c := w.claimCallback(t, w.now)
	c.State.TenantID, c.Status = w.stranger(t).tenant, syncrun.CallbackDead
	wantFault(t, "SaveCallback by a stranger", w.Callbacks.SaveCallback(t.Context(), c), fault.CodeNotFound)
}

// hasDueCallbacks reports whether ListDueCallbacks has the world's store.
func (w *world) hasDueCallbacks(t *testing.T, now time.Time) bool {
	t.Helper()
	due := must(w.Callbacks.ListDueCallbacks(t.Context(), now, 10000))(t, "ListDueCallbacks")
	return slices.Contains(due, ports.DueStore{TenantID: w.tenant, StoreID: w.store.ID})
}

func listsDueStores(t *testing.T, w *world) {
	if w.hasDueCallbacks(t, w.now) {
		t.Error("ListDueCallbacks lists a store without callbacks")
	}
	w.callback(t)
	if !w.hasDueCallbacks(t, w.now) || w.hasDueCallbacks(t, w.now.Add(-time.Second)) {
		t.Error("ListDueCallbacks does not go by the callback's time")
	}
	c := w.claimCallback(t, w.now)
	if w.hasDueCallbacks(t, w.now) || !w.hasDueCallbacks(t, w.now.Add(leaseLife)) {
		t.Error("ListDueCallbacks does not go by the claim's end")
	}
	c.Status = syncrun.CallbackDelivered
	need(t, "SaveCallback", w.Callbacks.SaveCallback(t.Context(), c))
	if w.hasDueCallbacks(t, w.now.Add(leaseLife)) {
		t.Error("ListDueCallbacks lists a store whose callback was delivered")
	}
}

func countsCallbacks(t *testing.T, w *world) {
	w.callback(t)
	c := w.claimCallback(t, w.now)
	c.Status = syncrun.CallbackDead
	need(t, "SaveCallback", w.Callbacks.SaveCallback(t.Context(), c))
	w.callback(t)
	want := map[syncrun.CallbackStatus]int{syncrun.CallbackPending: 1, syncrun.CallbackDead: 1}
	same(t, "CountCallbacks", must(w.Callbacks.CountCallbacks(t.Context(), w.tenant))(t, "CountCallbacks"), want)
	same(t, "CountCallbacks of a stranger", must(w.Callbacks.CountCallbacks(t.Context(), w.stranger(t).tenant))(t, "CountCallbacks"), map[syncrun.CallbackStatus]int{})
}

func rearmsCallback(t *testing.T, w *world) {
	w.callback(t)
	claimed := w.claimCallback(t, w.now)
	claimed.Status, claimed.DeliveredAt = syncrun.CallbackDelivered, &w.now
	need(t, "SaveCallback", w.Callbacks.SaveCallback(t.Context(), claimed))
	if again := w.claimCallbacks(t, w.now); len(again) != 0 {
		t.Fatalf("a delivered callback was taken")
	}
	need(t, "RearmCallback", w.Callbacks.RearmCallback(t.Context(), claimed.State, w.now))
	if again := w.claimCallback(t, w.now); again.ID != claimed.ID || again.Claims <= claimed.Claims {
		t.Errorf("ClaimCallbacks took %s after %d claims, want %s again", again.ID, again.Claims, claimed.ID)
	}
	foreign := claimed.State
	foreign.TenantID = w.stranger(t).tenant
	need(t, "RearmCallback by a stranger", w.Callbacks.RearmCallback(t.Context(), foreign, w.now))
	if again := w.claimCallbacks(t, w.now); len(again) != 0 {
		t.Error("a stranger made a callback due")
	}
}
