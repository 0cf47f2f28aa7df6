package graph_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/graph"
)

var (
	noon  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	owner = access.Principal{Kind: access.KindAPIKey, TenantID: "tenant-a", ID: "key_a", Name: "first key", Scopes: access.Scopes{access.ScopeAdmin}}
	other = access.Principal{Kind: access.KindAPIKey, TenantID: "tenant-b", ID: "key_b", Name: "b", Scopes: access.Scopes{access.ScopeAdmin}}
)

// newWorld is tenant A with a store, a binding that posts to Xero and one run of
// each sort, and tenant B with nothing.
func newWorld() *apptest.World {
	reference := books.Reference{
		Organisation: books.Organisation{ID: "org-1", Name: "Demo Ltd", CountryCode: "GB", BaseCurrency: "GBP", PeriodLockDate: books.Date{Year: 2025, Month: 12, Day: 31}},
		Accounts:     []books.Account{{ID: "acc-1", Code: "200", Name: "Sales", Type: "REVENUE", Class: books.ClassRevenue, IsActive: true}},
		TaxRates:     []books.TaxRate{{TaxType: "OUTPUT2", Name: "20% VAT", Percent: money.Of("20"), IsActive: true, TakesSales: true}},
		Currencies:   []money.Currency{"GBP", "EUR"},
		FetchedAt:    noon,
	}
	finished := noon.Add(-time.Minute)
	return &apptest.World{
		Now:     noon,
		Tenants: []access.Tenant{{ID: "tenant-a", Name: "Alpha"}, {ID: "tenant-b", Name: "Beta"}},
		Keys:    []access.APIKey{{ID: "key_2", TenantID: "tenant-a", Name: "two", Prefix: "lk_22222222", Scopes: access.Scopes{access.ScopeRunsRead}, CreatedAt: noon}, {ID: "key_a", TenantID: "tenant-a", Name: "first key", Scopes: access.Scopes{access.ScopeAdmin}, CreatedAt: noon}},
		Members: []access.Member{
			{ID: "mem_1", TenantID: "tenant-a", Email: "owner@alpha.example", Role: access.RoleOwner, PasswordHash: "hash of correct horse", CreatedAt: noon},
			{ID: "mem_2", TenantID: "tenant-a", Email: "admin@alpha.example", Role: access.RoleAdmin, PasswordHash: "hash of correct horse", CreatedAt: noon},
		},
		Sessions: []access.Session{
			{ID: "ses_2", TenantID: "tenant-a", MemberID: "mem_1", Digest: "d2", UserAgent: "Phone", CreatedAt: noon, LastSeenAt: noon, ExpiresAt: noon.Add(access.SessionLife)},
			{ID: "ses_1", TenantID: "tenant-a", MemberID: "mem_1", Digest: "d1", UserAgent: "Desk", CreatedAt: noon, LastSeenAt: noon, ExpiresAt: noon.Add(access.SessionLife)},
		},
		Invitations: []access.Invitation{{ID: "inv_1", TenantID: "tenant-a", Email: "guest@alpha.example", Role: access.RoleViewer, InvitedBy: "owner@alpha.example", Digest: "d", ExpiresAt: noon.Add(time.Hour), CreatedAt: noon}},
		Stores:      []binding.Store{{ID: "sto_1", TenantID: "tenant-a", Code: "abcdefgh", BaseURL: "https://shop.example", Status: binding.StoreActive, CreatedAt: noon}},
		StoreKeys: []binding.StoreKey{
			{ID: "skey_1", TenantID: "tenant-a", StoreID: "sto_1", Secret: "byte8_lk_secret", Status: binding.KeyActive},
		},
		Methods: []commerce.PaymentMethod{{Code: "checkmo", Label: "Check", IsActive: true}},
		Bindings: []binding.Binding{
			{ID: "bnd_1", TenantID: "tenant-a", StoreID: "sto_1", Provider: binding.Xero, Status: binding.StatusActive, GrantID: "tok_1", SettingsVersion: 1, Organisation: binding.Organisation{ID: "org-1", Name: "Demo Ltd", CountryCode: "GB", BaseCurrency: "GBP"}, CreatedAt: noon},
			{ID: "bnd_2", TenantID: "tenant-a", StoreID: "sto_1", Provider: binding.FreeAgent, Status: binding.StatusPending, CreatedAt: noon},
		},
		Settings:      []settings.Version{{TenantID: "tenant-a", BindingID: "bnd_1", Number: 1, Author: settings.SystemAuthor, Settings: settings.Derive(reference)}},
		References:    map[string]books.Reference{"bnd_1": reference},
		Grants:        []binding.Grant{{ID: "tok_1", TenantID: "tenant-a", Provider: binding.Xero, AccessToken: "access", AccessExpiresAt: noon.Add(time.Hour)}},
		Organisations: []books.Reference{reference},
		Runs: []syncrun.Run{
			{
				ID: "run_3", TenantID: "tenant-a", BindingID: "bnd_1", StoreID: "sto_1", Provider: binding.Xero, Event: commerce.EventInvoiceCreated,
				EntityType: commerce.EntityInvoice, MagentoID: 3, Status: syncrun.StatusQueued, SettingsVersion: 1, NextAttemptAt: noon, CreatedAt: noon.Add(-30 * time.Second),
			},
			{
				ID: "run_2", TenantID: "tenant-a", BindingID: "bnd_1", StoreID: "sto_1", Provider: binding.Xero, Event: commerce.EventInvoiceCreated,
				EntityType: commerce.EntityInvoice, MagentoID: 2, Status: syncrun.StatusFailed, ErrorCode: "number_taken", Message: "Taken.", SettingsVersion: 1,
				CreatedAt: noon.Add(-time.Hour), FinishedAt: &finished,
			},
			{
				ID: "run_1", TenantID: "tenant-a", BindingID: "bnd_1", StoreID: "sto_1", Provider: binding.Xero, Event: commerce.EventInvoiceCreated,
				EntityType: commerce.EntityInvoice, MagentoID: 1, IncrementID: "000000001", Status: syncrun.StatusSucceeded, SettingsVersion: 1,
				Trace:            []syncrun.Step{{Rule: "tax", Input: "20.00 HOME", Result: "OUTPUT2"}},
				Intent:           &syncrun.Intent{Document: []byte(`{"number":"000000001"}`)},
				ProviderEntityID: "inv-1", ProviderReference: "000000001", ProviderURL: "https://go.example/inv-1", Currency: "GBP",
				MagentoTotals:  &books.Totals{Net: money.Of("16.5"), Tax: money.Of("3.3"), Gross: money.Of("19.8")},
				ProviderTotals: &books.Totals{Net: money.Of("16.5"), Tax: money.Of("3.3"), Gross: money.Of("19.8")},
				NextAttemptAt:  noon, CreatedAt: noon.Add(-2 * time.Hour), FinishedAt: &finished,
			},
		},
		Jobs: []job.Job{{
			ID: "job_1", TenantID: "tenant-a", Kind: job.Retry, Status: job.StatusQueued, BindingID: "bnd_1", Input: []byte("{}"), Cursor: []byte("null"),
			Total: 7, Done: 2, Missed: 1, CreatedBy: "owner@shop.example", NextAttemptAt: noon, CreatedAt: noon,
		}},
		Endpoints: []webhook.Endpoint{{
			ID: "whe_1", TenantID: "tenant-a", URL: "https://partner.example/hook", Topics: []webhook.Topic{webhook.RunHeld}, Description: "Partner",
			IsEnabled: true, Version: 1, LastFailedAt: &finished, CreatedAt: noon,
		}},
		Deliveries: []webhook.Delivery{
			{ID: "whd_2", TenantID: "tenant-a", EndpointID: "whe_1", Topic: webhook.RunHeld, Payload: []byte(`{"type":"run.held"}`), Status: webhook.StatusPending, Attempts: 1, ResponseStatus: 500, Message: "The endpoint answered 500.", NextAttemptAt: noon, CreatedAt: noon},
			{ID: "whd_1", TenantID: "tenant-a", EndpointID: "whe_1", Topic: webhook.RunHeld, Payload: []byte(`{"type":"run.held"}`), Status: webhook.StatusDelivered, Attempts: 1, ResponseStatus: 204, CreatedAt: noon, DeliveredAt: &finished},
		},
		Attempts: []syncrun.Attempt{{ID: "att_1", RunID: "run_1", TenantID: "tenant-a", Number: 1, Outcome: syncrun.StatusSucceeded, StartedAt: noon, FinishedAt: noon, Request: []byte("{}")}},
		States: []syncrun.SyncState{
			{TenantID: "tenant-a", StoreID: "sto_1", Provider: binding.Xero, EntityType: commerce.EntityInvoice, MagentoID: 2, Status: syncrun.ChipFailed, ErrorCode: "number_taken", LastSyncAt: noon, RunID: "run_2"},
			{TenantID: "tenant-a", StoreID: "sto_1", Provider: binding.Xero, EntityType: commerce.EntityInvoice, MagentoID: 1, Status: syncrun.ChipSynced, ProviderEntityID: "inv-1", ProviderReference: "000000001", ProviderURL: "https://go.example/inv-1", LastSyncAt: noon, RunID: "run_1"},
		},
	}
}

// reply is an answer of the API.
type reply struct {
	status     int
	Data       map[string]any `json:"data"`
	Errors     []replyError   `json:"errors"`
	Extensions map[string]any `json:"extensions"`
}

type replyError struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
}

// code is the code of the first error; empty when there is none.
func (r reply) code() string {
	if len(r.Errors) == 0 {
		return ""
	}
	code, _ := r.Errors[0].Extensions["code"].(string)
	return code
}

// ask sends one operation as the principal, the zero one for nobody.
func ask(t *testing.T, w *apptest.World, p access.Principal, operation string, variables map[string]any) reply {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": operation, "variables": variables})
	if err != nil {
		t.Fatalf("writing the request: %v", err)
	}
	return send(t, graph.NewHandler(graph.Options{App: w.App(), Log: w.Logger()}), p, body)
}

// data is [ask] for an operation that must succeed.
func data(t *testing.T, w *apptest.World, p access.Principal, operation string, variables map[string]any) map[string]any {
	t.Helper()
	r := ask(t, w, p, operation, variables)
	if len(r.Errors) > 0 {
		t.Fatalf("%s: errors %+v", operation, r.Errors)
	}
	return r.Data
}

func send(t *testing.T, h http.Handler, p access.Principal, body []byte) reply {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return serve(t, h, p, r)
}

func serve(t *testing.T, h http.Handler, p access.Principal, r *http.Request) reply {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(graph.WithPrincipal(r.Context(), p)))
	raw, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatalf("reading the answer: %v", err)
	}
	out := reply{status: w.Code}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("answer %q: %v", raw, err)
	}
	return out
}

// parsed is JSON written in a test, as a decoder gives it.
func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}
