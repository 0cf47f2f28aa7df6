package porttest

import (
	"encoding/json"
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/ports"
)

var toldPromises = []promise{
	{"PutMessage/tells enabled endpoints that asked for the topic and the binding", tellsWhoAsked},
	{"PutMessage/a message told twice, or by many at once, is told once", tellsOnce},
	{"PutMessage/tells no stranger", tellsNoStranger},
	{"RecordOutcomes/tells of the run with its outcome, or not at all", tellsOfRuns},
	{"SaveBinding/tells that a binding became unlinked, each time it does", tellsOfUnlinked},
}

func tellsWhoAsked(t *testing.T, w *world) {
	all := w.newEndpoint(t)
	bound := w.newEndpoint(t, func(e *webhook.Endpoint) { e.BindingID = w.binding.ID })
	w.newEndpoint(t, func(e *webhook.Endpoint) { e.BindingID = "bnd_other" })
	w.newEndpoint(t, func(e *webhook.Endpoint) { e.Topics = []webhook.Topic{webhook.RunHeld} })
	w.newEndpoint(t, func(e *webhook.Endpoint) { e.IsEnabled = false })
	told := w.told(t)
	if len(told) != 2 {
		t.Fatalf("%d endpoints are told, want 2", len(told))
	}
	for i, e := range []webhook.Endpoint{all, bound} {
		want := webhook.Delivery{
			ID: told[i].ID, TenantID: w.tenant, EndpointID: e.ID, Topic: webhook.BindingUnlinked, Status: webhook.StatusPending,
			NextAttemptAt: w.now, CreatedAt: w.now,
		}
		sameDelivery(t, "the delivery", told[i], want)
	}
	if told[0].ID == told[1].ID || string(told[0].Payload) != string(told[1].Payload) {
		t.Errorf("two endpoints have ids %s and %s and bodies %s and %s", told[0].ID, told[1].ID, told[0].Payload, told[1].Payload)
	}
}

func tellsOnce(t *testing.T, w *world) {
	e := w.newEndpoint(t)
	m := *webhook.OfBudget(w.binding, 10, 1000, w.now)
	together(8, func(int) {
		if err := w.Webhooks.PutMessage(t.Context(), w.tenant, m); err != nil {
			t.Errorf("PutMessage: %v", err)
		}
	})
	later := *webhook.OfBudget(w.binding, 5, 1000, w.now.Add(time.Hour))
	need(t, "PutMessage", w.Webhooks.PutMessage(t.Context(), w.tenant, later))
	if n := len(w.deliveries(t, e.ID)); n != 1 {
		t.Errorf("the endpoint is told %d times of one day, want 1", n)
	}
	tomorrow := *webhook.OfBudget(w.binding, 5, 1000, w.now.Add(24*time.Hour))
	need(t, "PutMessage", w.Webhooks.PutMessage(t.Context(), w.tenant, tomorrow))
	if n := len(w.deliveries(t, e.ID)); n != 2 {
		t.Errorf("the endpoint is told %d times of two days, want 2", n)
	}
}

func tellsNoStranger(t *testing.T, w *world) {
	s := w.stranger(t)
	e := s.newEndpoint(t)
	w.told(t)
	if n := len(s.deliveries(t, e.ID)); n != 0 {
		t.Errorf("a stranger is told %d messages", n)
	}
}

func tellsOfRuns(t *testing.T, w *world) {
	e := w.newEndpoint(t)
	w.added(t)
	run := w.claimOne(t)
	o := w.outcome(run, syncrun.StatusHeld)
	o.Run.ErrorCode = fault.CodeTaxRateNotMapped
	o.Message = webhook.OfRun(o.Run, w.now)
	stale := o
	stale.Lease.Claims--
	wantFault(t, "RecordOutcomes with an old claim", w.Runs.RecordOutcomes(t.Context(), []ports.Outcome{stale})[0], fault.CodeConflict)
	if n := len(w.deliveries(t, e.ID)); n != 0 {
		t.Fatalf("an outcome that was not stored is told %d times", n)
	}
	w.record(t, o)
	told := w.deliveries(t, e.ID)
	if len(told) != 1 {
		t.Fatalf("the outcome is told %d times, want 1", len(told))
	}
	var body struct {
		Type      string
		Timestamp time.Time
		Data      map[string]any
	}
	need(t, "reading the body", json.Unmarshal(told[0].Payload, &body))
	if body.Type != "run.held" || !body.Timestamp.Equal(w.now) || body.Data["runId"] != run.ID || body.Data["errorCode"] != string(fault.CodeTaxRateNotMapped) {
		t.Errorf("the body is %s", told[0].Payload)
	}
}

func tellsOfUnlinked(t *testing.T, w *world) {
	e := w.newEndpoint(t)
	for _, status := range []binding.Status{binding.StatusUnlinked, binding.StatusUnlinked, binding.StatusActive, binding.StatusPaused, binding.StatusUnlinked} {
		w.setBinding(t, status, w.now)
	}
	told := w.deliveries(t, e.ID)
	if len(told) != 2 || told[0].Topic != webhook.BindingUnlinked || told[0].ID == told[1].ID {
		t.Errorf("a binding unlinked twice is told as %+v", told)
	}
}
