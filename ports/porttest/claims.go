package porttest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

var claimPromises = []promise{
	{"Claim/takes due runs, oldest first, up to the limit", claimsOldestFirst},
	{"Claim/takes live runs before bulk ones", claimsLiveFirst},
	{"Claim/takes runs of one event together", claimsEventByEvent},
	{"Claim/takes live runs of every event before bulk ones of the first", claimsEveryLiveEventFirst},
	{"Claim/has credit memos give way to other work for a while", claimsMemosLast},
	{"Claim/lets no credit memo overtake older invoices that are due", claimsMemosInTurn},
	{"Claim/lets credit memos overtake invoices that wait", claimsMemosBesideWaiting},
	{"Claim/counts and leases what it takes", claimsUnderLease},
	{"Claim/takes what is waiting or uncertain when its time has come", claimsWhenDue},
	{"Claim/takes a running run when its lease has run out", claimsAfterLease},
	{"Claim/takes nothing that is held or has ended", claimsNothingEnded},
	{"Claim/takes runs of an active binding only", claimsActiveBindingsOnly},
	{"Claim/takes nothing of a store that refused our key", claimsNoRevokedStore},
	{"Claim/takes a document's runs one after another", claimsDocumentSerially},
	{"Claim/takes nothing beside a document's run under a lease", claimsNothingBesideLease},
	{"Claim/takes nothing for a stranger", claimsNothingForeign},
	{"Claim/two workers at once share no run", claimsApart},
	{"ListDue/lists a binding exactly while Claim would take something", listsDueBindings},
	{"ListDue/keeps to its limit", limitsDueBindings},
}

func claimsOldestFirst(t *testing.T, w *world) {
	var want []string
	for range 5 {
		want = append(want, w.added(t).ID)
	}
	oldest := w.added(t, func(r *syncrun.Run) { r.CreatedAt = w.now.Add(-time.Hour) }).ID
	want = append([]string{oldest}, want...)
	first := must(w.Runs.Claim(t.Context(), w.tenant, w.binding.ID, "a", 4, w.now, w.now.Add(leaseLife)))(t, "Claim")
	same(t, "Claim of 4", ids(first), want[:4])
	same(t, "Claim of the rest", ids(w.claim(t, w.now)), want[4:])
}

func claimsLiveFirst(t *testing.T, w *world) {
	inBulk := func(r *syncrun.Run) { r.Urgency = syncrun.Bulk }
	bulk := []string{w.added(t, inBulk).ID, w.added(t, inBulk).ID}
	live := []string{w.added(t).ID, w.added(t).ID}
	first := must(w.Runs.Claim(t.Context(), w.tenant, w.binding.ID, "a", 3, w.now, w.now.Add(leaseLife)))(t, "Claim")
	same(t, "Claim of 3", ids(first), append(live, bulk[0]))
	if first[0].Urgency != syncrun.Live || first[2].Urgency != syncrun.Bulk {
		t.Errorf("Claim gave the urgencies %d and %d", first[0].Urgency, first[2].Urgency)
	}
	same(t, "Claim of the rest", ids(w.claim(t, w.now)), bulk[1:])
}

// of makes a run one of an event.
func of(name commerce.EventName) func(*syncrun.Run) {
	return func(r *syncrun.Run) {
		r.Event = name
		r.EntityType, _ = name.Entity()
	}
}

// claimSome claims up to so many runs.
func (w *world) claimSome(t *testing.T, limit int) []string {
	t.Helper()
	return ids(must(w.Runs.Claim(t.Context(), w.tenant, w.binding.ID, "a", limit, w.now, w.now.Add(leaseLife)))(t, "Claim"))
}

func claimsEventByEvent(t *testing.T, w *world) {
	var invoices, payments, products []string
	for range 3 {
		invoices = append(invoices, w.added(t).ID)
		products = append(products, w.added(t, of(commerce.EventProductUpserted)).ID)
		payments = append(payments, w.added(t, of(commerce.EventInvoicePaid)).ID)
	}
	same(t, "Claim of 2", w.claimSome(t, 2), invoices[:2])
	same(t, "Claim of 4", w.claimSome(t, 4), append(slices.Clone(products), payments[0]))
	same(t, "Claim of the rest", w.claimSome(t, 50), append(payments[1:], invoices[2]))
}

func claimsEveryLiveEventFirst(t *testing.T, w *world) {
	inBulk := func(r *syncrun.Run) { r.Urgency = syncrun.Bulk }
	bulk := []string{w.added(t, inBulk).ID, w.added(t, inBulk).ID}
	live := []string{w.added(t).ID, w.added(t, of(commerce.EventCustomerUpserted)).ID}
	same(t, "Claim of 3", w.claimSome(t, 3), append(live, bulk[0]))
}

func claimsMemosLast(t *testing.T, w *world) {
	memos := []string{w.added(t, of(commerce.EventCreditMemoCreated)).ID}
	invoice := w.added(t)
	memos = append(memos, w.added(t, of(commerce.EventCreditMemoCreated)).ID)
	customer := w.added(t, of(commerce.EventCustomerUpserted))
	same(t, "Claim of 1", w.claimSome(t, 1), []string{invoice.ID})
	same(t, "Claim of the rest", w.claimSome(t, 50), append([]string{customer.ID}, memos...))
}

func claimsMemosInTurn(t *testing.T, w *world) {
	early := func(r *syncrun.Run) { r.CreatedAt = r.CreatedAt.Add(-time.Hour) }
	first := w.added(t, of(commerce.EventCreditMemoCreated), early)
	invoice := w.added(t, early)
	second := w.added(t, of(commerce.EventCreditMemoCreated), early)
	customer := w.added(t, of(commerce.EventCustomerUpserted), early)
	same(t, "Claim of 1", w.claimSome(t, 1), []string{first.ID})
	same(t, "Claim of the rest", w.claimSome(t, 50), []string{invoice.ID, second.ID, customer.ID})
}

func claimsMemosBesideWaiting(t *testing.T, w *world) {
	invoice := w.added(t)
	o := w.outcome(w.claimOne(t), syncrun.StatusWaiting)
	o.Run.NextAttemptAt = w.now.Add(time.Hour)
	w.record(t, o)
	w.added(t, sameDocument(invoice), func(r *syncrun.Run) { r.Event = commerce.EventInvoicePaid })
	memos := []string{w.added(t, of(commerce.EventCreditMemoCreated)).ID, w.added(t, of(commerce.EventCreditMemoCreated)).ID}
	same(t, "Claim", w.claimSome(t, 50), memos)
}

func claimsUnderLease(t *testing.T, w *world) {
	run := w.added(t)
	got := w.claimOne(t)
	if got.Status != syncrun.StatusRunning || got.Claims != run.Claims+1 || !got.NextAttemptAt.Equal(w.now.Add(leaseLife)) {
		t.Errorf("Claim gave a run that is %s, claimed %d times and leased until %s", got.Status, got.Claims, got.NextAttemptAt)
	}
	same(t, "FindRun", w.find(t, run.ID), got)
	same(t, "Claim again", ids(w.claim(t, w.now.Add(leaseLife-time.Millisecond))), []string{})
}

func claimsWhenDue(t *testing.T, w *world) {
	for _, status := range []syncrun.Status{syncrun.StatusWaiting, syncrun.StatusUncertain} {
		w.added(t)
		o := w.outcome(w.claimOne(t), status)
		o.Run.NextAttemptAt = w.now.Add(time.Hour)
		w.record(t, o)
		same(t, "Claim early", ids(w.claim(t, w.now.Add(time.Hour-time.Microsecond))), []string{})
		same(t, "Claim in time", ids(w.claim(t, w.now.Add(time.Hour))), []string{o.Run.ID})
	}
}

func claimsAfterLease(t *testing.T, w *world) {
	w.added(t)
	first := w.claimOne(t)
	again := w.claim(t, w.now.Add(leaseLife))
	if len(again) != 1 || again[0].ID != first.ID || again[0].Claims != first.Claims+1 {
		t.Errorf("Claim after the lease took %+v", again)
	}
}

func claimsNothingEnded(t *testing.T, w *world) {
	for _, status := range syncrun.Statuses() {
		if !status.IsOpen() {
			w.finished(t, status)
		}
	}
	same(t, "Claim", ids(w.claim(t, w.now.Add(48*time.Hour))), []string{})
}

func claimsActiveBindingsOnly(t *testing.T, w *world) {
	run := w.added(t)
	for _, status := range []binding.Status{binding.StatusPending, binding.StatusPaused, binding.StatusUnlinked, binding.StatusRevoked} {
		w.setBinding(t, status, w.now)
		same(t, "Claim of a binding that is "+string(status), ids(w.claim(t, w.now)), []string{})
	}
	w.setBinding(t, binding.StatusActive, w.now)
	same(t, "Claim of an active binding", ids(w.claim(t, w.now)), []string{run.ID})
}

func claimsNoRevokedStore(t *testing.T, w *world) {
	w.added(t)
	need(t, "SetStoreStatus", w.Stores.SetStoreStatus(t.Context(), w.tenant, w.store.ID, binding.StoreTokenRevoked, w.now))
	same(t, "Claim", ids(w.claim(t, w.now)), []string{})
	if w.isDue(t, w.now) {
		t.Error("ListDue lists the binding")
	}
}

// sameDocument makes a run about the same document as another.
func sameDocument(as syncrun.Run) func(*syncrun.Run) {
	return func(r *syncrun.Run) { r.MagentoID = as.MagentoID }
}

func claimsDocumentSerially(t *testing.T, w *world) {
	first := w.added(t)
	second := w.added(t, sameDocument(first))
	claimed := w.claim(t, w.now)
	same(t, "Claim of the first", ids(claimed), []string{first.ID})
	o := w.outcome(claimed[0], syncrun.StatusWaiting)
	o.Run.NextAttemptAt = w.now.Add(time.Hour)
	w.record(t, o)
	same(t, "Claim while the first waits", ids(w.claim(t, w.now)), []string{})
	if w.isDue(t, w.now) {
		t.Error("ListDue lists the binding while the first run waits")
	}
	claimed = w.claim(t, w.now.Add(time.Hour))
	same(t, "Claim of the first again", ids(claimed), []string{first.ID})
	w.record(t, w.outcome(claimed[0], syncrun.StatusHeld))
	same(t, "Claim of the second", ids(w.claim(t, w.now)), []string{second.ID})
}

func claimsNothingBesideLease(t *testing.T, w *world) {
	first := w.finished(t, syncrun.StatusFailed)
	w.added(t, sameDocument(first))
	second := w.claimOne(t)
	must(w.Runs.Requeue(t.Context(), w.tenant, first.ID, 1, w.now))(t, "Requeue")
	same(t, "Claim beside the second's lease", ids(w.claim(t, w.now)), []string{})
	w.record(t, w.outcome(second, syncrun.StatusSucceeded))
	same(t, "Claim after the second", ids(w.claim(t, w.now)), []string{first.ID})
}

func claimsNothingForeign(t *testing.T, w *world) {
	w.added(t)
	got := must(w.Runs.Claim(t.Context(), w.stranger(t).tenant, w.binding.ID, "a", 10, w.now, w.now.Add(leaseLife)))(t, "Claim")
	same(t, "Claim by a stranger", ids(got), []string{})
}

func claimsApart(t *testing.T, w *world) {
	const total = 500
	for range total / 50 {
		runs := make([]syncrun.Run, 50)
		for i := range runs {
			runs[i] = w.run()
		}
		w.accept(t, runs...)
	}
	var mu sync.Mutex
	var taken []string
	together(2, func(i int) {
		for {
			runs, err := w.Runs.Claim(t.Context(), w.tenant, w.binding.ID, fmt.Sprint("worker-", i), 7, w.now, w.now.Add(leaseLife))
			if err != nil {
				t.Errorf("Claim: %v", err)
				return
			}
			if len(runs) == 0 {
				return
			}
			mu.Lock()
			taken = append(taken, ids(runs)...)
			mu.Unlock()
		}
	})
	// A worker whose rows the other held may have stopped early.
	taken = append(taken, ids(w.claim(t, w.now))...)
	slices.Sort(taken)
	if n := len(slices.Compact(slices.Clone(taken))); n != total || len(taken) != total {
		t.Errorf("%d runs were taken, %d different ones, of %d", len(taken), n, total)
	}
}

// isDue reports whether ListDue has the world's binding.
func (w *world) isDue(t *testing.T, now time.Time) bool {
	t.Helper()
	due := must(w.Runs.ListDue(t.Context(), now, 10000))(t, "ListDue")
	return slices.Contains(due, ports.Due{TenantID: w.tenant, BindingID: w.binding.ID})
}

func listsDueBindings(t *testing.T, w *world) {
	if w.isDue(t, w.now) {
		t.Error("ListDue lists a binding without runs")
	}
	w.added(t)
	if !w.isDue(t, w.now) || w.isDue(t, w.now.Add(-time.Second)) {
		t.Error("ListDue does not go by the run's time")
	}
	w.setBinding(t, binding.StatusPaused, w.now)
	if w.isDue(t, w.now) {
		t.Error("ListDue lists a paused binding")
	}
	w.setBinding(t, binding.StatusActive, w.now)
	run := w.claimOne(t)
	if w.isDue(t, w.now) || !w.isDue(t, w.now.Add(leaseLife)) {
		t.Error("ListDue does not go by the run's lease")
	}
	w.record(t, w.outcome(run, syncrun.StatusSucceeded))
	if w.isDue(t, w.now.Add(leaseLife)) {
		t.Error("ListDue lists a binding whose run has ended")
	}
}

func limitsDueBindings(t *testing.T, w *world) {
	w.added(t)
	stranger := w.stranger(t)
	stranger.added(t)
	if got := must(w.Runs.ListDue(t.Context(), w.now, 1))(t, "ListDue"); len(got) != 1 {
		t.Errorf("ListDue gave %d bindings, want 1", len(got))
	}
}
