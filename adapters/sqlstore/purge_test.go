package sqlstore_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/adapters/sqlstore/sqlstoretest"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// TestPurgeRemovesEventsThatNoRunNeeds looks at the rows: no port reads events.
func TestPurgeRemovesEventsThatNoRunNeeds(t *testing.T) {
	t.Parallel()
	for _, dialect := range sqlstoretest.Dialects(t) {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			db := sqlstoretest.Open(t, dialect)
			now := time.Date(2026, time.March, 2, 9, 30, 0, 0, time.UTC)
			shop := newShop(t, db, now)
			shop.accept(t, "both_end", now)
			shop.accept(t, "one_fails", now)
			shop.finish(t, map[string]syncrun.Status{
				"both_end:xero": syncrun.StatusSucceeded, "both_end:freeagent": syncrun.StatusSkipped,
				"one_fails:xero": syncrun.StatusSucceeded, "one_fails:freeagent": syncrun.StatusFailed,
			}, now)
			shop.ignore(t, "ignored", now)
			shop.accept(t, "still_open", now)
			shop.ignore(t, "ignored_later", now.Add(time.Hour))

			runs := sqlstore.NewRuns(db)
			removed, err := runs.PurgeRuns(t.Context(), ports.PurgeFilter{EndedBefore: now.Add(time.Minute)}, 100)
			if err != nil || removed != 3 {
				t.Fatalf("PurgeRuns removed %d runs (%v), want 3", removed, err)
			}
			var left []string
			if err := db.Select(t.Context(), &left, `SELECT id FROM events ORDER BY id`); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"ignored_later", "one_fails", "still_open"}, left); diff != "" {
				t.Errorf("the events left (-want +got):\n%s", diff)
			}
		})
	}
}

// shop is a tenant's store with two bindings.
type shop struct {
	tenant   access.TenantID
	intake   *sqlstore.Intake
	runs     *sqlstore.Runs
	bindings []binding.Binding
	number   int64
}

func newShop(t *testing.T, db *sqlstore.DB, now time.Time) *shop {
	t.Helper()
	s := &shop{tenant: "tenant_1", intake: sqlstore.NewIntake(db), runs: sqlstore.NewRuns(db)}
	err := sqlstore.NewTenants(db).CreateTenant(t.Context(), access.Tenant{ID: s.tenant, Name: "Sample Ltd", CreatedAt: now},
		access.Member{ID: "member_1", TenantID: s.tenant, Email: "owner@shop.example", Role: access.RoleOwner, CreatedAt: now},
		&access.APIKey{ID: "key_1", TenantID: s.tenant, Name: "admin", Digest: "digest", CreatedAt: now})
	if err != nil {
		t.Fatal(err)
	}
	vault := newVault(t)
	store, err := sqlstore.NewStores(db, vault).PutStore(t.Context(), binding.Store{
		ID: "store_1", TenantID: s.tenant, Code: "shop", BaseURL: "https://shop.example", Status: binding.StoreActive, CreatedAt: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, provider := range []binding.Provider{binding.Xero, binding.FreeAgent} {
		b, err := sqlstore.NewBindings(db).PutBinding(t.Context(), binding.Binding{
			ID: "binding_" + string(provider), TenantID: s.tenant, StoreID: store.ID, Provider: provider, Status: binding.StatusActive, CreatedAt: now,
		})
		if err != nil {
			t.Fatal(err)
		}
		s.bindings = append(s.bindings, b)
	}
	return s
}

// accept takes an event with a run of each binding, named by event and provider.
func (s *shop) accept(t *testing.T, event string, now time.Time) {
	t.Helper()
	s.number++
	var runs []syncrun.Run
	for _, b := range s.bindings {
		runs = append(runs, syncrun.Run{
			ID: event + ":" + string(b.Provider), TenantID: s.tenant, BindingID: b.ID, StoreID: b.StoreID, Provider: b.Provider,
			EventID: event, EventKey: event, Event: commerce.EventInvoiceCreated, EntityType: commerce.EntityInvoice, MagentoID: s.number,
			Status: syncrun.StatusQueued, NextAttemptAt: now, CreatedAt: now,
		})
	}
	s.take(t, event, runs, now)
}

// ignore takes an event that no run comes of.
func (s *shop) ignore(t *testing.T, event string, now time.Time) {
	t.Helper()
	s.take(t, event, nil, now)
}

func (s *shop) take(t *testing.T, event string, runs []syncrun.Run, now time.Time) {
	t.Helper()
	_, err := s.intake.Accept(t.Context(), ports.TokenUse{TenantID: s.tenant, JTI: event, RememberUntil: now.Add(time.Minute)}, syncrun.Event{
		ID: event, TenantID: s.tenant, StoreID: "store_1", Name: commerce.EventInvoiceCreated, IdempotencyKey: event,
		Body: []byte(`{}`), Ignored: len(runs) == 0, ReceivedAt: now,
	}, runs)
	if err != nil {
		t.Fatal(err)
	}
}

// finish claims every due run and ends it as said.
func (s *shop) finish(t *testing.T, ends map[string]syncrun.Status, now time.Time) {
	t.Helper()
	for _, b := range s.bindings {
		claimed, err := s.runs.Claim(t.Context(), s.tenant, b.ID, "worker", 100, now, now.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range claimed {
			run.Status, run.FinishedAt = ends[run.ID], &now
			lease := ports.Lease{TenantID: run.TenantID, RunID: run.ID, Claims: run.Claims}
			if err := s.runs.RecordOutcomes(t.Context(), []ports.Outcome{{Lease: lease, Run: run}})[0]; err != nil {
				t.Fatal(err)
			}
		}
	}
}
