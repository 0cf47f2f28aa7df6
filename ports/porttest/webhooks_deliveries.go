package porttest

import (
	"sync"
	"testing"
	"time"

	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/ports"
)

var deliveryPromises = []promise{
	{"ClaimDeliveries/takes due deliveries under a lease, and again when that ends", claimsDeliveries},
	{"ClaimDeliveries/many at once share none and keep the limit", claimsDeliveriesOnce},
	{"ListDueEndpoints/lists what ClaimDeliveries would take", listsDueEndpoints},
	{"SaveDelivery/stores the attempt and notes it at the endpoint", savesDelivery},
	{"SaveDelivery/refuses who lost the delivery", fencesDelivery},
	{"ListDeliveries/pages newest first, of a state or of all", pagesDeliveries},
	{"Replay/makes one delivery due under its id", replaysOne},
	{"Replay/makes those of a time due, without the delivered and those under way", replaysTime},
	{"PurgeDeliveries/removes what is old and not pending, or of an endpoint that is off", purgesDeliveries},
}

func (w *world) claimDeliveries(t *testing.T, endpointID string, now time.Time) []webhook.Delivery {
	t.Helper()
	return must(w.Webhooks.ClaimDeliveries(t.Context(), w.tenant, endpointID, now, now.Add(leaseLife)))(t, "ClaimDeliveries").Deliveries
}

// endedDelivery is a delivery that was told, claimed and answered.
func (w *world) endedDelivery(t *testing.T, e webhook.Endpoint, a webhook.Answer, change ...func(*webhook.Message)) webhook.Delivery {
	t.Helper()
	w.told(t, change...)
	d := w.claimDeliveries(t, e.ID, w.now)[0].After(a, w.now)
	must(w.Webhooks.SaveDelivery(t.Context(), d, w.now))(t, "SaveDelivery")
	return w.findDelivery(t, d.ID)
}

func claimsDeliveries(t *testing.T, w *world) {
	e := w.newEndpoint(t)
	want := w.told(t)[0]
	w.told(t, func(m *webhook.Message) { m.At = w.now.Add(time.Minute) })
	claimed := must(w.Webhooks.ClaimDeliveries(t.Context(), w.tenant, e.ID, w.now, w.now.Add(leaseLife)))(t, "ClaimDeliveries")
	want.Claims, want.NextAttemptAt = 1, w.now.Add(leaseLife)
	same(t, "ClaimDeliveries", claimed, ports.ClaimedDeliveries{Deliveries: []webhook.Delivery{want}, URL: e.URL, Secrets: []string{"whsec_" + e.ID}})
	if again := w.claimDeliveries(t, e.ID, w.now); len(again) > 0 {
		t.Errorf("a delivery under a lease was claimed: %+v", again)
	}
	again := w.claimDeliveries(t, e.ID, w.now.Add(leaseLife))
	if len(again) != 1 || again[0].Claims != 2 {
		t.Errorf("after the lease %+v was claimed, want it with 2 claims", again)
	}
	off := w.findEndpoint(t, e.ID)
	off.IsEnabled = false
	must(w.Webhooks.SaveEndpoint(t.Context(), off))(t, "SaveEndpoint")
	if got := w.claimDeliveries(t, e.ID, w.now.Add(time.Hour)); len(got) > 0 {
		t.Errorf("%d deliveries of an endpoint that is off were claimed", len(got))
	}
}

func claimsDeliveriesOnce(t *testing.T, w *world) {
	e := w.newEndpoint(t)
	for range 3 * webhook.MaxInFlight {
		w.told(t)
	}
	var mu sync.Mutex
	seen := map[string]int{}
	together(6, func(int) {
		claimed, err := w.Webhooks.ClaimDeliveries(t.Context(), w.tenant, e.ID, w.now, w.now.Add(leaseLife))
		if err != nil {
			t.Errorf("ClaimDeliveries: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, d := range claimed.Deliveries {
			seen[d.ID]++
		}
	})
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was claimed %d times", id, n)
		}
	}
	if len(seen) != webhook.MaxInFlight {
		t.Errorf("%d deliveries are under way, want %d", len(seen), webhook.MaxInFlight)
	}
}

func listsDueEndpoints(t *testing.T, w *world) {
	e := w.newEndpoint(t)
	w.told(t)
	isDue := func(now time.Time) bool {
		for _, d := range must(w.Webhooks.ListDueEndpoints(t.Context(), now, 1000))(t, "ListDueEndpoints") {
			if d == (ports.DueEndpoint{TenantID: w.tenant, EndpointID: e.ID}) {
				return true
			}
		}
		return false
	}
	if isDue(w.now.Add(-time.Second)) || !isDue(w.now) {
		t.Error("the endpoint is not due from the time of its delivery on")
	}
	w.claimDeliveries(t, e.ID, w.now)
	if isDue(w.now) || !isDue(w.now.Add(leaseLife)) {
		t.Error("the endpoint is not due when the lease ends, or before")
	}
	off := w.findEndpoint(t, e.ID)
	off.IsEnabled = false
	must(w.Webhooks.SaveEndpoint(t.Context(), off))(t, "SaveEndpoint")
	if isDue(w.now.Add(leaseLife)) {
		t.Error("an endpoint that is off is due")
	}
}

func savesDelivery(t *testing.T, w *world) {
	e := w.newEndpoint(t)
	w.told(t)
	later := w.now.Add(time.Hour)
	claimed := w.claimDeliveries(t, e.ID, w.now)[0]
	failed := claimed.After(webhook.Answer{Status: 500, Problem: "The endpoint answered 500."}, w.now)
	noted := must(w.Webhooks.SaveDelivery(t.Context(), failed, w.now))(t, "SaveDelivery")
	if noted.FailingSince == nil || !noted.FailingSince.Equal(w.now) || !noted.LastFailedAt.Equal(w.now) {
		t.Errorf("after a failure the endpoint is %+v", noted)
	}
	same(t, "the delivery", w.findDelivery(t, failed.ID), failed)
	again := w.claimDeliveries(t, e.ID, later)[0].After(webhook.Answer{Problem: "Away."}, later)
	noted = must(w.Webhooks.SaveDelivery(t.Context(), again, later))(t, "SaveDelivery")
	if !noted.FailingSince.Equal(w.now) || !noted.LastFailedAt.Equal(later) {
		t.Errorf("after a second failure the endpoint is %+v", noted)
	}
	taken := w.claimDeliveries(t, e.ID, later.Add(time.Hour))[0].After(webhook.Answer{Status: 204}, later)
	noted = must(w.Webhooks.SaveDelivery(t.Context(), taken, later))(t, "SaveDelivery")
	if noted.FailingSince != nil || !noted.LastDeliveredAt.Equal(later) {
		t.Errorf("after a success the endpoint is %+v", noted)
	}
	same(t, "the delivery", w.findDelivery(t, taken.ID), taken)
}

func fencesDelivery(t *testing.T, w *world) {
	e := w.newEndpoint(t)
	w.told(t)
	lost := w.claimDeliveries(t, e.ID, w.now)[0]
	w.claimDeliveries(t, e.ID, w.now.Add(leaseLife))
	stored := w.findDelivery(t, lost.ID)
	_, err := w.Webhooks.SaveDelivery(t.Context(), lost.After(webhook.Answer{Status: 500}, w.now), w.now)
	wantFault(t, "SaveDelivery of a lost delivery", err, fault.CodeConflict)
	same(t, "the delivery", w.findDelivery(t, lost.ID), stored)
	same(t, "the endpoint", w.findEndpoint(t, e.ID), e)
	need(t, "DeleteEndpoint", w.Webhooks.DeleteEndpoint(t.Context(), w.tenant, e.ID, w.now))
	_, err = w.Webhooks.SaveDelivery(t.Context(), lost, w.now)
	wantFault(t, "SaveDelivery of a removed delivery", err, fault.CodeNotFound)
}

func pagesDeliveries(t *testing.T, w *world) {
	e, other := w.newEndpoint(t), w.newEndpoint(t)
	var made []webhook.Delivery
	for i := range 3 {
		made = append(made, w.told(t, func(m *webhook.Message) { m.At = w.now.Add(time.Duration(i) * time.Second) })[0])
	}
	page := must(w.Webhooks.ListDeliveries(t.Context(), w.tenant, e.ID, "", ports.Page{First: 2}))(t, "ListDeliveries")
	same(t, "the first page", page.Rows, []webhook.Delivery{made[2], made[1]})
	page = must(w.Webhooks.ListDeliveries(t.Context(), w.tenant, e.ID, webhook.StatusPending, ports.Page{First: 2, After: page.Cursors[1]}))(t, "ListDeliveries")
	same(t, "the second page", page.Rows, []webhook.Delivery{made[0]})
	page = must(w.Webhooks.ListDeliveries(t.Context(), w.tenant, other.ID, webhook.StatusDead, ports.Page{First: 2}))(t, "ListDeliveries")
	same(t, "the dead", page.Rows, []webhook.Delivery{})
	_, err := w.Webhooks.ListDeliveries(t.Context(), w.tenant, e.ID, "", ports.Page{First: 2, After: "x"})
	wantFault(t, "ListDeliveries after nothing", err, fault.CodeInvalid)
}

func replaysOne(t *testing.T, w *world) {
	e, other := w.newEndpoint(t), w.newEndpoint(t, func(e *webhook.Endpoint) { e.IsEnabled = false })
	d := w.endedDelivery(t, e, webhook.Answer{Status: 200})
	later := w.now.Add(time.Hour)
	n := must(w.Webhooks.Replay(t.Context(), w.tenant, ports.Replay{EndpointID: e.ID, DeliveryID: d.ID, OnlyMissing: true}, later, w.auditEntry(audit.WebhooksReplayed)))(t, "Replay")
	want := d
	want.Status, want.DeliveredAt, want.NextAttemptAt, want.Claims = webhook.StatusPending, nil, later, d.Claims+1
	same(t, "the delivery", w.findDelivery(t, d.ID), want)
	same(t, "the audit log", w.audited(t), []audit.Action{audit.WebhooksReplayed})
	if n != 1 {
		t.Errorf("Replay took %d, want 1", n)
	}
	if n := must(w.Webhooks.Replay(t.Context(), w.tenant, ports.Replay{EndpointID: other.ID, DeliveryID: d.ID}, later))(t, "Replay"); n != 0 {
		t.Errorf("Replay of another endpoint's delivery took %d", n)
	}
	underWay := w.claimDeliveries(t, e.ID, later)[0]
	must(w.Webhooks.Replay(t.Context(), w.tenant, ports.Replay{EndpointID: e.ID, DeliveryID: d.ID}, later))(t, "Replay")
	_, err := w.Webhooks.SaveDelivery(t.Context(), underWay.After(webhook.Answer{Status: 200}, later), later)
	wantFault(t, "SaveDelivery of a replayed delivery", err, fault.CodeConflict)
}

func replaysTime(t *testing.T, w *world) {
	e := w.newEndpoint(t)
	delivered := w.endedDelivery(t, e, webhook.Answer{Status: 200})
	dead := w.endedDelivery(t, e, webhook.Answer{Status: 400, Abort: true})
	w.told(t)
	underWay := w.claimDeliveries(t, e.ID, w.now)[0]
	w.told(t, func(m *webhook.Message) { m.At = w.now.Add(time.Minute) })
	until := w.now.Add(time.Minute)
	replay := func(which ports.Replay) int {
		which.EndpointID, which.Limit = e.ID, max(which.Limit, 1)
		return must(w.Webhooks.Replay(t.Context(), w.tenant, which, w.now))(t, "Replay")
	}
	if n := replay(ports.Replay{From: &w.now, To: &until, OnlyMissing: true, Limit: 10}); n != 1 {
		t.Errorf("Replay of what is missing took %d, want 1", n)
	}
	if w.findDelivery(t, dead.ID).Status != webhook.StatusPending || w.findDelivery(t, delivered.ID).Status != webhook.StatusDelivered {
		t.Error("not the dead delivery alone is due")
	}
	if n := replay(ports.Replay{From: &w.now, To: &until, Limit: 1}); n != 1 {
		t.Errorf("Replay with a limit of 1 took %d", n)
	}
	if n := replay(ports.Replay{From: &until, Limit: 10}); n != 1 {
		t.Errorf("Replay from the later time on took %d, want 1", n)
	}
	if n := replay(ports.Replay{To: &until, Limit: 10}); n != 2 {
		t.Errorf("Replay up to the later time took %d, want 2", n)
	}
	same(t, "the delivery under way", w.findDelivery(t, underWay.ID), underWay)
}

func purgesDeliveries(t *testing.T, w *world) {
	e := w.newEndpoint(t)
	old := func(m *webhook.Message) { m.At = w.now.Add(-time.Hour) }
	delivered, dead := w.endedDelivery(t, e, webhook.Answer{Status: 200}, old), w.endedDelivery(t, e, webhook.Answer{Status: 400, Abort: true}, old)
	fresh := w.endedDelivery(t, e, webhook.Answer{Status: 200})
	pending := w.told(t, old)[0]
	off := w.newEndpoint(t)
	waiting := w.told(t, old)
	off.IsEnabled = false
	must(w.Webhooks.SaveEndpoint(t.Context(), off))(t, "SaveEndpoint")
	w.purgeDeliveries(t)
	for _, gone := range []string{delivered.ID, dead.ID, waiting[1].ID} {
		_, err := w.Webhooks.FindDelivery(t.Context(), w.tenant, gone)
		wantFault(t, "FindDelivery of an old delivery", err, fault.CodeNotFound)
	}
	w.findDelivery(t, fresh.ID)
	w.findDelivery(t, pending.ID)
	w.findDelivery(t, waiting[0].ID)
}

// purgeDeliveries removes one delivery after another: other tests' old ones may
// be among them.
func (w *world) purgeDeliveries(t *testing.T) {
	t.Helper()
	for range 200 {
		if must(w.Webhooks.PurgeDeliveries(t.Context(), w.now.Add(-time.Minute), 1))(t, "PurgeDeliveries") == 0 {
			return
		}
	}
	t.Error("PurgeDeliveries finds no end")
}
