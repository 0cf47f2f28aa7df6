package porttest

import (
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/ports"
)

// Webhooks checks an adapter of [ports.Webhooks].
func Webhooks(t *testing.T, open func(t *testing.T) Backend) {
	t.Helper()
	keep(t, open, slices.Concat([]promise{
		{"CreateEndpoint/FindEndpoint and ListEndpoints find what was stored", findsEndpoint},
		{"CreateEndpoint/keeps the limit, however many come at once", limitsEndpoints},
		{"FindEndpoint/a stranger's endpoint is NotFound, whatever is done with it", findsNoForeignEndpoint},
		{"SaveEndpoint/changes what a person may change, once a version", savesEndpoint},
		{"SwitchOff/only what has failed for so long, with its entry", switchesOff},
		{"RotateSecret/both secrets sign until the old one ends", rotatesSecret},
		{"DeleteEndpoint/hides the endpoint and its deliveries at once", deletesEndpoint},
	}, deliveryPromises, toldPromises))
}

func (w *world) endpoint(change ...func(*webhook.Endpoint)) webhook.Endpoint {
	e := webhook.Endpoint{
		ID: w.id("whe"), TenantID: w.tenant, URL: "https://partner.example/hook", Topics: webhook.Topics(), Description: "Partner",
		IsEnabled: true, Version: 1, CreatedAt: w.now.Add(time.Duration(w.lastID.Load()) * time.Millisecond),
	}
	for _, c := range change {
		c(&e)
	}
	return e
}

func (w *world) newEndpoint(t *testing.T, change ...func(*webhook.Endpoint)) webhook.Endpoint {
	t.Helper()
	e := w.endpoint(change...)
	need(t, "CreateEndpoint", w.Webhooks.CreateEndpoint(t.Context(), e, "whsec_"+e.ID))
	return e
}

func (w *world) findEndpoint(t *testing.T, id string) webhook.Endpoint {
	t.Helper()
	return must(w.Webhooks.FindEndpoint(t.Context(), w.tenant, id))(t, "FindEndpoint")
}

func (w *world) auditEntry(action audit.Action) audit.Entry {
	return audit.Entry{ID: w.id("aud"), TenantID: w.tenant, At: w.now, ActorKind: "system", ActorID: "system", ActorName: "system", Action: action, Subject: "s", Detail: "{}"}
}

func (w *world) audited(t *testing.T) []audit.Action {
	t.Helper()
	var out []audit.Action
	for _, e := range must(w.Audit.WalkEntries(t.Context(), w.tenant, 0, 100))(t, "WalkEntries") {
		out = append(out, e.Action)
	}
	return out
}

func findsEndpoint(t *testing.T, w *world) {
	w.stranger(t).newEndpoint(t)
	first := w.newEndpoint(t, func(e *webhook.Endpoint) {
		e.Topics, e.BindingID, e.IsEnabled, e.DisabledReason = []webhook.Topic{webhook.RunHeld, webhook.BudgetLow}, w.binding.ID, false, "gone"
		e.FailingSince, e.LastDeliveredAt, e.LastFailedAt = &w.now, &w.now, &w.now
	})
	second := w.newEndpoint(t)
	same(t, "FindEndpoint", w.findEndpoint(t, first.ID), first)
	same(t, "ListEndpoints", must(w.Webhooks.ListEndpoints(t.Context(), w.tenant))(t, "ListEndpoints"), []webhook.Endpoint{first, second})
}

func limitsEndpoints(t *testing.T, w *world) {
	for range webhook.MaxEndpoints - 2 {
		w.newEndpoint(t)
	}
	var mu sync.Mutex
	made := 0
	together(5, func(int) {
		err := w.Webhooks.CreateEndpoint(t.Context(), w.endpoint(), "whsec_x", w.auditEntry(audit.WebhookEndpointCreated))
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			made++
		} else {
			wantFault(t, "CreateEndpoint beyond the limit", err, fault.CodeInvalid)
		}
	})
	if made != 2 || len(w.audited(t)) != 2 {
		t.Errorf("%d endpoints were made with %d entries, want 2 and 2", made, len(w.audited(t)))
	}
}

func findsNoForeignEndpoint(t *testing.T, w *world) {
	e, s := w.newEndpoint(t), w.stranger(t)
	d := w.told(t)[0]
	_, err := s.Webhooks.FindEndpoint(t.Context(), s.tenant, e.ID)
	wantFault(t, "FindEndpoint", err, fault.CodeNotFound)
	stolen := e
	stolen.TenantID = s.tenant
	_, err = s.Webhooks.SaveEndpoint(t.Context(), stolen)
	wantFault(t, "SaveEndpoint", err, fault.CodeNotFound)
	_, err = s.Webhooks.RotateSecret(t.Context(), s.tenant, ports.SecretRotation{ID: "mine", EndpointID: e.ID, Secret: "whsec_mine", At: w.now, OldUntil: w.now})
	wantFault(t, "RotateSecret", err, fault.CodeNotFound)
	wantFault(t, "DeleteEndpoint", s.Webhooks.DeleteEndpoint(t.Context(), s.tenant, e.ID, w.now), fault.CodeNotFound)
	_, err = s.Webhooks.FindDelivery(t.Context(), s.tenant, d.ID)
	wantFault(t, "FindDelivery", err, fault.CodeNotFound)
	if page := must(s.Webhooks.ListDeliveries(t.Context(), s.tenant, e.ID, "", ports.Page{First: 5}))(t, "ListDeliveries"); len(page.Rows) > 0 {
		t.Errorf("ListDeliveries by a stranger found %d", len(page.Rows))
	}
	if n := must(s.Webhooks.Replay(t.Context(), s.tenant, ports.Replay{EndpointID: e.ID, DeliveryID: d.ID}, w.now))(t, "Replay"); n > 0 {
		t.Errorf("Replay by a stranger took %d", n)
	}
	if got := must(s.Webhooks.ClaimDeliveries(t.Context(), s.tenant, e.ID, w.now, w.now))(t, "ClaimDeliveries"); len(got.Deliveries) > 0 {
		t.Errorf("ClaimDeliveries by a stranger took %d", len(got.Deliveries))
	}
	off := must(s.Webhooks.SwitchOff(t.Context(), s.tenant, e.ID, "mine", w.now.Add(time.Hour)))(t, "SwitchOff")
	same(t, "the endpoint", w.findEndpoint(t, e.ID), e)
	same(t, "the delivery", w.findDelivery(t, d.ID), d)
	if off {
		t.Error("SwitchOff by a stranger did")
	}
}

func savesEndpoint(t *testing.T, w *world) {
	e := w.newEndpoint(t, func(e *webhook.Endpoint) {
		e.IsEnabled, e.DisabledReason, e.FailingSince, e.LastFailedAt = false, "lost", &w.now, &w.now
	})
	changed := e
	changed.URL, changed.Topics, changed.Description, changed.IsEnabled = "https://other.example", []webhook.Topic{webhook.RunFailed}, "Other", true
	saved := must(w.Webhooks.SaveEndpoint(t.Context(), changed, w.auditEntry(audit.WebhookEndpointUpdated)))(t, "SaveEndpoint")
	want := changed
	want.Version, want.DisabledReason, want.FailingSince = 2, "", nil
	same(t, "SaveEndpoint", saved, want)
	_, err := w.Webhooks.SaveEndpoint(t.Context(), changed, w.auditEntry(audit.WebhookEndpointUpdated))
	wantFault(t, "SaveEndpoint of an old version", err, fault.CodeConflict)
	same(t, "the endpoint", w.findEndpoint(t, e.ID), want)
	same(t, "the audit log", w.audited(t), []audit.Action{audit.WebhookEndpointUpdated})
}

func switchesOff(t *testing.T, w *world) {
	e := w.newEndpoint(t, func(e *webhook.Endpoint) { e.FailingSince = &w.now })
	try := func(since time.Time) bool {
		return must(w.Webhooks.SwitchOff(t.Context(), w.tenant, e.ID, "lost", since, w.auditEntry(audit.WebhookEndpointSwitchedOff)))(t, "SwitchOff")
	}
	if try(w.now.Add(-time.Second)) {
		t.Error("SwitchOff took one that has not failed for so long")
	}
	if !try(w.now) || try(w.now) {
		t.Error("SwitchOff did not report that it did, once")
	}
	if got := w.findEndpoint(t, e.ID); got.IsEnabled || got.DisabledReason != "lost" {
		t.Errorf("the endpoint is %+v", got)
	}
	same(t, "the audit log", w.audited(t), []audit.Action{audit.WebhookEndpointSwitchedOff})
}

func rotatesSecret(t *testing.T, w *world) {
	e := w.newEndpoint(t)
	claim := func(now time.Time) []string {
		t.Helper()
		w.told(t)
		return must(w.Webhooks.ClaimDeliveries(t.Context(), w.tenant, e.ID, now, now))(t, "ClaimDeliveries").Secrets
	}
	rotation := func(id, secret string, overlap time.Duration) ports.SecretRotation {
		return ports.SecretRotation{ID: id, RepeatsAfter: w.now.Add(-time.Hour), EndpointID: e.ID, Secret: secret, At: w.now, OldUntil: w.now.Add(overlap)}
	}
	same(t, "the secrets", claim(w.now), []string{"whsec_" + e.ID})
	rotated := must(w.Webhooks.RotateSecret(t.Context(), w.tenant, rotation("first", "whsec_two", time.Hour), w.auditEntry(audit.WebhookEndpointSecretRotated)))(t, "RotateSecret")
	if rotated.Version != 2 {
		t.Errorf("the version is %d, want 2", rotated.Version)
	}
	same(t, "the secrets during the overlap", claim(w.now), []string{"whsec_two", "whsec_" + e.ID})
	same(t, "the secrets after the overlap", claim(w.now.Add(time.Hour)), []string{"whsec_two"})
	must(w.Webhooks.RotateSecret(t.Context(), w.tenant, rotation("first", "whsec_again", 2*time.Hour)))(t, "RotateSecret")
	same(t, "the secrets after a repeat", claim(w.now), []string{"whsec_again", "whsec_" + e.ID})
	same(t, "the secrets after the overlap of a repeat", claim(w.now.Add(time.Hour)), []string{"whsec_again"})
	must(w.Webhooks.RotateSecret(t.Context(), w.tenant, rotation("second", "whsec_three", 2*time.Hour)))(t, "RotateSecret")
	same(t, "the secrets after another rotation", claim(w.now.Add(time.Hour)), []string{"whsec_three", "whsec_again"})
	late := rotation("second", "whsec_four", 2*time.Hour)
	late.RepeatsAfter = w.now
	must(w.Webhooks.RotateSecret(t.Context(), w.tenant, late))(t, "RotateSecret")
	same(t, "the secrets once the rotation's id is free again", claim(w.now.Add(time.Hour)), []string{"whsec_four", "whsec_three"})
}

func deletesEndpoint(t *testing.T, w *world) {
	e, other := w.newEndpoint(t, func(e *webhook.Endpoint) { e.FailingSince = &w.now }), w.newEndpoint(t)
	d := w.told(t)[0]
	need(t, "DeleteEndpoint", w.Webhooks.DeleteEndpoint(t.Context(), w.tenant, e.ID, w.now, w.auditEntry(audit.WebhookEndpointDeleted)))
	wantFault(t, "DeleteEndpoint again", w.Webhooks.DeleteEndpoint(t.Context(), w.tenant, e.ID, w.now, w.auditEntry(audit.WebhookEndpointDeleted)), fault.CodeNotFound)
	if len(w.deliveries(t, e.ID)) != 0 || len(w.deliveries(t, other.ID)) != 1 {
		t.Error("not the endpoint's deliveries alone are gone")
	}
	_, err := w.Webhooks.FindEndpoint(t.Context(), w.tenant, e.ID)
	wantFault(t, "FindEndpoint", err, fault.CodeNotFound)
	_, err = w.Webhooks.SaveEndpoint(t.Context(), e)
	wantFault(t, "SaveEndpoint", err, fault.CodeNotFound)
	_, err = w.Webhooks.FindDelivery(t.Context(), w.tenant, d.ID)
	wantFault(t, "FindDelivery", err, fault.CodeNotFound)
	same(t, "ListEndpoints", must(w.Webhooks.ListEndpoints(t.Context(), w.tenant))(t, "ListEndpoints"), []webhook.Endpoint{other})
	if got := w.claimDeliveries(t, e.ID, w.now); len(got) > 0 {
		t.Errorf("%d deliveries of a deleted endpoint were claimed", len(got))
	}
	if n := must(w.Webhooks.Replay(t.Context(), w.tenant, ports.Replay{EndpointID: e.ID, DeliveryID: d.ID}, w.now))(t, "Replay"); n > 0 {
		t.Errorf("Replay took %d deliveries of a deleted endpoint", n)
	}
	if must(w.Webhooks.SwitchOff(t.Context(), w.tenant, e.ID, "lost", w.now))(t, "SwitchOff") {
		t.Error("SwitchOff took a deleted endpoint")
	}
	for range webhook.MaxEndpoints - 1 { // it does not count any more
		w.newEndpoint(t)
	}
	same(t, "the audit log", w.audited(t), []audit.Action{audit.WebhookEndpointDeleted})
}

// told tells the world's endpoints of a new message and returns the deliveries.
func (w *world) told(t *testing.T, change ...func(*webhook.Message)) []webhook.Delivery {
	t.Helper()
	m := webhook.OfUnlinked(w.binding, w.now)
	m.Key = strings.ToLower(rand.Text())
	for _, c := range change {
		c(&m)
	}
	need(t, "PutMessage", w.Webhooks.PutMessage(t.Context(), w.tenant, m))
	var out []webhook.Delivery
	for _, e := range must(w.Webhooks.ListEndpoints(t.Context(), w.tenant))(t, "ListEndpoints") {
		for _, d := range w.deliveries(t, e.ID) {
			if strings.Contains(d.ID, m.Key) {
				out = append(out, d)
			}
		}
	}
	return out
}

func (w *world) deliveries(t *testing.T, endpointID string) []webhook.Delivery {
	t.Helper()
	return must(w.Webhooks.ListDeliveries(t.Context(), w.tenant, endpointID, "", ports.Page{First: 200}))(t, "ListDeliveries").Rows
}

func (w *world) findDelivery(t *testing.T, id string) webhook.Delivery {
	t.Helper()
	return must(w.Webhooks.FindDelivery(t.Context(), w.tenant, id))(t, "FindDelivery")
}

// exceptPayload compares deliveries whose bodies are another test's matter.
var exceptPayload = cmpopts.IgnoreFields(webhook.Delivery{}, "Payload")

func sameDelivery(t *testing.T, call string, got, want webhook.Delivery) {
	t.Helper()
	if diff := cmp.Diff(want, got, exceptPayload); diff != "" {
		t.Errorf("%s (-want +got):\n%s", call, diff)
	}
}
