package webhook_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/domain/webhook"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// TestRetries holds the schedule: eight attempts over about 28 hours.
func TestRetries(t *testing.T) {
	t.Parallel()
	d := webhook.Delivery{ID: "whd_1", Status: webhook.StatusPending}
	want := []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour}
	for i, pause := range want {
		d = d.After(webhook.Answer{Status: 500, Problem: "500"}, noon)
		got := d.NextAttemptAt.Sub(noon)
		if d.Status != webhook.StatusPending || got < pause*9/10 || got > pause*11/10 {
			t.Errorf("after failure %d: %s, again in %v, want about %v", i+1, d.Status, got, pause)
		}
	}
	d = d.After(webhook.Answer{Problem: "gone"}, noon)
	if d.Status != webhook.StatusDead || d.Attempts != 8 || !d.NextAttemptAt.IsZero() || d.Message != "gone" || d.ResponseStatus != 0 {
		t.Errorf("after the last failure %+v, want it dead", d)
	}
}

func TestAnAnswerDecides(t *testing.T) {
	t.Parallel()
	failing := webhook.Delivery{ID: "whd_1", Status: webhook.StatusPending, Attempts: 3, Failures: 1, Message: "before"}
	within := func(from, to time.Duration) func(webhook.Delivery) bool {
		return func(d webhook.Delivery) bool {
			pause := d.NextAttemptAt.Sub(noon)
			return d.Status == webhook.StatusPending && d.Attempts == 4 && d.Failures == 2 && pause >= from && pause <= to
		}
	}
	tests := map[string]struct {
		answer webhook.Answer
		holds  func(webhook.Delivery) bool
	}{
		"taken": {webhook.Answer{Status: 204}, func(d webhook.Delivery) bool {
			return d.Status == webhook.StatusDelivered && d.DeliveredAt.Equal(noon) && d.Message == "" && d.ResponseStatus == 204 && d.Failures == 0 && d.NextAttemptAt.IsZero()
		}},
		"a redirect is not taken":      {webhook.Answer{Status: 302}, within(270*time.Second, 330*time.Second)},
		"no answer":                    {webhook.Answer{}, within(270*time.Second, 330*time.Second)},
		"a longer pause is kept":       {webhook.Answer{Status: 429, RetryAfter: 40 * time.Minute}, within(40*time.Minute, 40*time.Minute)},
		"a shorter pause is not":       {webhook.Answer{Status: 503, RetryAfter: time.Second}, within(270*time.Second, 330*time.Second)},
		"an hour is the longest pause": {webhook.Answer{Status: 503, RetryAfter: 99 * time.Hour}, within(time.Hour, time.Hour)},
		"asked to stop":                {webhook.Answer{Status: 400, Abort: true}, func(d webhook.Delivery) bool { return d.Status == webhook.StatusDead && d.NextAttemptAt.IsZero() }},
	}
	for name, tt := range tests {
		if got := failing.After(tt.answer, noon); !tt.holds(got) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestChecked(t *testing.T) {
	t.Parallel()
	long := "https://partner.example/" + strings.Repeat("x", 2000)
	tests := []struct {
		url                string
		public, onPrivates bool
	}{
		{"https://partner.example/hook?key=1", true, true},
		{"https://partner.example:8443", true, true},
		{"https://93.184.215.14/", true, true},
		{"http://partner.example", false, true},
		{"https://127.0.0.1/", false, true},
		{"https://[::1]:80/", false, true},
		{"https://169.254.169.254/latest", false, true},
		{"https://localhost", false, true},
		{"https://hooks.LOCALHOST./", false, true},
		{"https://user:secret@partner.example", false, false},
		{"https://user@partner.example", false, false},
		{"https://partner.example/#part", false, false},
		{"https://partner.example/#", false, false},
		{"ftp://partner.example", false, false},
		{"https:partner.example", false, false},
		{"https://", false, false},
		{"https://:443", false, false},
		{"/hook", false, false},
		{"https://partner.example/a b", false, false},
		{"https://pärtner.example", false, false},
		{"https://partner.example/\n", false, false},
		{long, false, false},
		{"", false, false},
	}
	for _, tt := range tests {
		e := webhook.Endpoint{URL: tt.url, Topics: webhook.Topics()}
		if _, err := e.Checked(false); (err == nil) != tt.public {
			t.Errorf("%s: %v, want taken %t", tt.url, err, tt.public)
		}
		if _, err := e.Checked(true); (err == nil) != tt.onPrivates {
			t.Errorf("%s with private addresses: %v, want taken %t", tt.url, err, tt.onPrivates)
		}
	}
	e, err := webhook.Endpoint{
		URL: "https://partner.example", Topics: []webhook.Topic{webhook.BudgetLow, webhook.RunHeld, webhook.BudgetLow}, Description: "  Partner ",
	}.Checked(false)
	if err != nil || e.Description != "Partner" || !cmp.Equal(e.Topics, []webhook.Topic{webhook.RunHeld, webhook.BudgetLow}) {
		t.Errorf("Checked gave %+v, %v", e, err)
	}
	for field, e := range map[string]webhook.Endpoint{
		"topics":      {URL: "https://partner.example"},
		"description": {URL: "https://partner.example", Topics: webhook.Topics(), Description: strings.Repeat("ä", 201)},
		"url":         {Topics: webhook.Topics()},
	} {
		if _, err := e.Checked(false); fault.CodeOf(err) != fault.CodeInvalid || fault.Of(err).Fields[0].Path != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := (webhook.Endpoint{URL: "https://partner.example", Topics: []webhook.Topic{"run.lost"}}).Checked(false); err == nil {
		t.Error("an unknown topic is taken")
	}
}

func TestWhoHasAnEndpoint(t *testing.T) {
	t.Parallel()
	all := webhook.Endpoint{TenantID: "a"}
	bound := webhook.Endpoint{TenantID: "a", BindingID: "bnd_1"}
	for _, tt := range []struct {
		p          access.Principal
		all, bound bool
	}{
		{access.Principal{TenantID: "a"}, true, true},
		{access.Principal{TenantID: "a", BindingID: "bnd_1"}, false, true},
		{access.Principal{TenantID: "a", BindingID: "bnd_2"}, false, false},
		{access.Principal{TenantID: "b"}, false, false},
	} {
		if all.Takes(tt.p) != tt.all || bound.Takes(tt.p) != tt.bound {
			t.Errorf("%+v has the endpoint of all %t and the bound one %t", tt.p, all.Takes(tt.p), bound.Takes(tt.p))
		}
	}
}

func TestAnEndpointIsLostAfterFiveDays(t *testing.T) {
	t.Parallel()
	since := noon.Add(-5 * 24 * time.Hour)
	later := since.Add(time.Second)
	for _, tt := range []struct {
		e    webhook.Endpoint
		want bool
	}{
		{webhook.Endpoint{IsEnabled: true, FailingSince: &since}, true},
		{webhook.Endpoint{IsEnabled: true, FailingSince: &later}, false},
		{webhook.Endpoint{IsEnabled: true}, false},
		{webhook.Endpoint{FailingSince: &since}, false},
	} {
		if got := tt.e.IsLost(noon); got != tt.want {
			t.Errorf("%+v is lost %t", tt.e, got)
		}
	}
}

func TestASecretHasTheSpecifiedForm(t *testing.T) {
	t.Parallel()
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(webhook.NewSecret(make([]byte, webhook.SecretBytes)), "whsec_"))
	if err != nil || len(raw) < 24 || len(raw) > 64 {
		t.Errorf("the secret holds %d bytes, %v", len(raw), err)
	}
}

// body is a message's body as a receiver reads it.
func body(t *testing.T, m *webhook.Message) map[string]any {
	t.Helper()
	if m == nil {
		t.Fatal("there is no message")
	}
	raw, err := m.Payload()
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestMessages(t *testing.T) {
	t.Parallel()
	run := syncrun.Run{
		ID: "run_7", TenantID: "a", BindingID: "bnd_1", StoreID: "sto_1", Provider: binding.Xero, Event: commerce.EventInvoiceCreated, EntityType: commerce.EntityInvoice,
		MagentoID: 42, IncrementID: "000000042", Status: syncrun.StatusSucceeded, Claims: 3, SettingsVersion: 2, ProviderEntityID: "e-1", ProviderReference: "000000042",
		ProviderTotals: &books.Totals{Gross: money.Of("19.80")}, Currency: "GBP", Message: "of a person", ProviderURL: "https://books.example",
	}
	want := map[string]any{"type": "run.succeeded", "timestamp": "2026-11-23T12:00:00Z", "data": map[string]any{
		"runId": "run_7", "bindingId": "bnd_1", "storeId": "sto_1", "provider": "xero", "event": "invoice.created", "entityType": "invoice", "magentoId": 42.0,
		"incrementId": "000000042", "status": "succeeded", "providerEntityId": "e-1", "providerReference": "000000042", "gross": "19.8", "currency": "GBP", "settingsVersion": 2.0,
	}}
	m := webhook.OfRun(run, noon)
	if diff := cmp.Diff(want, body(t, m)); diff != "" {
		t.Errorf("run.succeeded (-want +got):\n%s", diff)
	}
	if m.Key != "7-3" {
		t.Errorf("the key is %q, want the run and the claim", m.Key)
	}
	for _, status := range syncrun.Statuses() {
		run.Status = status
		if got := webhook.OfRun(run, noon); (got != nil) != !status.IsOpen() {
			t.Errorf("a run that is %s is told as %+v", status, got)
		}
	}
	b := binding.Binding{ID: "bnd_1", StoreID: "sto_1", Provider: binding.Xero, Status: binding.StatusUnlinked, Version: 4, Organisation: binding.Organisation{ID: "org-1", Name: "Demo Ltd"}}
	unlinked := webhook.OfUnlinked(b, noon)
	want = map[string]any{"type": "binding.unlinked", "timestamp": "2026-11-23T12:00:00Z", "data": map[string]any{
		"bindingId": "bnd_1", "storeId": "sto_1", "provider": "xero", "status": "unlinked",
	}}
	if diff := cmp.Diff(want, body(t, &unlinked)); diff != "" {
		t.Errorf("binding.unlinked (-want +got):\n%s", diff)
	}
	want = map[string]any{"type": "budget.low", "timestamp": "2026-11-23T12:00:00Z", "data": map[string]any{
		"bindingId": "bnd_1", "provider": "xero", "organisationId": "org-1", "dayLeft": 499.0, "dayLimit": 5000.0,
	}}
	if diff := cmp.Diff(want, body(t, webhook.OfBudget(b, 499, 5000, noon))); diff != "" {
		t.Errorf("budget.low (-want +got):\n%s", diff)
	}
	if webhook.OfBudget(b, 500, 5000, noon) != nil || webhook.OfBudget(b, 0, 0, noon) != nil {
		t.Error("a tenth of the calls, or no limit at all, is told as a low budget")
	}
}

func TestABodyIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("\u2028", 100_000)
	m := webhook.OfRun(syncrun.Run{ID: "run_1", Status: syncrun.StatusFailed, IncrementID: long, ProviderEntityID: long, ProviderReference: long}, noon)
	raw, err := m.Payload()
	if err != nil || len(raw) > webhook.MaxPayload || !json.Valid(raw) {
		t.Errorf("the body has %d bytes, %v", len(raw), err)
	}
}
