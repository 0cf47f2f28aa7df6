package porttest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// world is a tenant with an active store and an active binding, and values that
// are valid in it.
type world struct {
	Backend
	tenant  access.TenantID
	store   binding.Store
	binding binding.Binding
	now     time.Time
	lastID  *atomic.Int64
}

func newWorld(t *testing.T, backend Backend) *world {
	t.Helper()
	w := &world{
		Backend: backend,
		tenant:  access.TenantID(strings.ToLower(rand.Text())),
		now:     time.Date(2026, time.March, 2, 9, 30, 0, 123456000, time.UTC),
		lastID:  new(atomic.Int64),
	}
	tenant, owner, key := w.account(w.tenant)
	need(t, "CreateTenant", w.Tenants.CreateTenant(t.Context(), tenant, owner, &key))
	w.store = w.putStore(t, "https://shop.example")
	w.binding = w.putBinding(t, w.store, binding.Xero)
	return w
}

// stranger is another tenant's world in the same backend.
func (w *world) stranger(t *testing.T) *world {
	t.Helper()
	return newWorld(t, w.Backend)
}

// id is a new id; later ones sort later.
func (w *world) id(prefix string) string {
	return fmt.Sprintf("%s_%06d%s", prefix, w.lastID.Add(1), rand.Text()[:12])
}

func (w *world) account(id access.TenantID) (access.Tenant, access.Member, access.APIKey) {
	return access.Tenant{ID: id, Name: "Sample Ltd", CreatedAt: w.now},
		access.Member{ID: w.id("member"), TenantID: id, Email: strings.ToLower(rand.Text()) + "@shop.example", Role: access.RoleOwner, PasswordHash: "$argon2id$", CreatedAt: w.now},
		w.apiKey(func(k *access.APIKey) { k.TenantID = id })
}

func (w *world) apiKey(change func(*access.APIKey)) access.APIKey {
	secret := access.KeyPrefix + rand.Text()
	k := access.APIKey{
		ID: w.id("key"), TenantID: w.tenant, Name: "Warehouse", Prefix: access.SecretPrefix(secret), Digest: access.DigestSecret(secret),
		Scopes: access.Scopes{access.ScopeStatusRead, access.ScopeRunsRead}, CreatedAt: w.now,
	}
	change(&k)
	return k
}

func (w *world) putStore(t *testing.T, baseURL string) binding.Store {
	t.Helper()
	return must(w.Stores.PutStore(t.Context(), binding.Store{
		ID: w.id("store"), TenantID: w.tenant, Code: binding.StoreCode(baseURL), BaseURL: baseURL, Status: binding.StoreActive, CreatedAt: w.now,
	}))(t, "PutStore")
}

func (w *world) putBinding(t *testing.T, store binding.Store, provider binding.Provider) binding.Binding {
	t.Helper()
	return must(w.Bindings.PutBinding(t.Context(), binding.Binding{
		ID: w.id("binding"), TenantID: w.tenant, StoreID: store.ID, Provider: provider, Status: binding.StatusActive,
		Organisation: binding.Organisation{ID: "org-1", LinkID: "link-1", Name: "Sample Ltd", CountryCode: "GB", BaseCurrency: "GBP", ShortCode: "!ab"},
		CreatedAt:    w.now,
	}))(t, "PutBinding")
}

// setBinding changes the status of the world's binding.
func (w *world) setBinding(t *testing.T, status binding.Status, now time.Time) {
	t.Helper()
	w.binding.Status = status
	w.binding = must(w.Bindings.SaveBinding(t.Context(), w.binding, now))(t, "SaveBinding")
}

func (w *world) storeKey(change func(*binding.StoreKey)) binding.StoreKey {
	k := binding.StoreKey{
		ID: w.id("storekey"), TenantID: w.tenant, StoreID: w.store.ID, Secret: binding.StoreKeyPrefix + rand.Text(),
		Status: binding.KeyCandidate, CreatedAt: w.now,
	}
	change(&k)
	return k
}

func (w *world) grant(change func(*binding.Grant)) binding.Grant {
	g := binding.Grant{
		ID: w.id("grant"), TenantID: w.tenant, Provider: binding.Xero, Subject: "user-" + rand.Text(),
		AccessToken: "access-1", RefreshToken: "refresh-1", PreviousRefreshToken: "refresh-0",
		AccessExpiresAt: w.now.Add(30 * time.Minute), RefreshedAt: w.now, Version: 1,
	}
	change(&g)
	return g
}

func (w *world) authorisation() binding.Authorisation {
	sum := sha256.Sum256([]byte(rand.Text()))
	return binding.Authorisation{
		StateDigest: hex.EncodeToString(sum[:]), TenantID: w.tenant, BindingID: w.binding.ID, Provider: binding.Xero, PrincipalID: "member_1",
		SessionDigest: "session", Verifier: "verifier-" + rand.Text(), RedirectURL: "https://ledger.example/oauth/xero/callback",
		ReturnTo: "/dashboard", ExpiresAt: w.now.Add(binding.AuthorisationLife),
	}
}

func (w *world) token() ports.TokenUse {
	return ports.TokenUse{TenantID: w.tenant, JTI: rand.Text(), RememberUntil: w.now.Add(time.Minute)}
}

func (w *world) event() syncrun.Event {
	return syncrun.Event{
		ID: w.id("event"), TenantID: w.tenant, StoreID: w.store.ID, Name: commerce.EventInvoiceCreated,
		IdempotencyKey: "invoice.created:" + rand.Text(), Body: []byte(`{"magento_entity_id":42}`), ReceivedAt: w.now,
	}
}

// run is a run of a new invoice, as an event brings it in.
func (w *world) run(change ...func(*syncrun.Run)) syncrun.Run {
	number := w.lastID.Add(1)
	r := syncrun.Run{
		ID: w.id("run"), TenantID: w.tenant, BindingID: w.binding.ID, StoreID: w.store.ID, Provider: w.binding.Provider,
		EventID: "event_1", EventKey: fmt.Sprintf("invoice.created:%d", number), Event: commerce.EventInvoiceCreated,
		EntityType: commerce.EntityInvoice, MagentoID: number, IncrementID: fmt.Sprintf("%09d", number),
		Status: syncrun.StatusQueued, NextAttemptAt: w.now, CreatedAt: w.now.Add(time.Duration(number) * time.Millisecond),
	}
	for _, c := range change {
		c(&r)
	}
	return r
}

func (w *world) accept(t *testing.T, runs ...syncrun.Run) []ports.Accepted {
	t.Helper()
	return must(w.Intake.Accept(t.Context(), w.token(), w.event(), runs))(t, "Accept")
}

// added is a run that was accepted, as it is stored.
func (w *world) added(t *testing.T, change ...func(*syncrun.Run)) syncrun.Run {
	t.Helper()
	run := w.run(change...)
	if got := w.accept(t, run); !got[0].IsNew {
		t.Fatalf("Accept did not add the run: %+v", got)
	}
	return w.find(t, run.ID)
}

func (w *world) find(t *testing.T, runID string) syncrun.Run {
	t.Helper()
	return must(w.Runs.FindRun(t.Context(), w.tenant, runID))(t, "FindRun")
}

// leaseLife is how long a claim lasts in these tests.
const leaseLife = 10 * time.Second

func (w *world) claim(t *testing.T, now time.Time) []syncrun.Run {
	t.Helper()
	return must(w.Runs.Claim(t.Context(), w.tenant, w.binding.ID, "worker-1", 1000, now, now.Add(leaseLife)))(t, "Claim")
}

// claimOne claims the only run that is due.
func (w *world) claimOne(t *testing.T) syncrun.Run {
	t.Helper()
	runs := w.claim(t, w.now)
	if len(runs) != 1 {
		t.Fatalf("Claim took %d runs, want 1", len(runs))
	}
	return runs[0]
}

func lease(r syncrun.Run) ports.Lease {
	return ports.Lease{TenantID: r.TenantID, RunID: r.ID, Claims: r.Claims}
}

// outcome is what becomes of a claimed run that ends in the status.
func (w *world) outcome(run syncrun.Run, status syncrun.Status) ports.Outcome {
	run.Status = status
	run.NextAttemptAt = time.Time{}
	if status.IsTerminal() {
		finished := w.now.Add(time.Second)
		run.FinishedAt = &finished
	}
	state := syncrun.StateOf(run, w.now)
	return ports.Outcome{Lease: lease(run), Run: run, State: &state}
}

func (w *world) record(t *testing.T, o ports.Outcome) {
	t.Helper()
	need(t, "RecordOutcomes", w.Runs.RecordOutcomes(t.Context(), []ports.Outcome{o})[0])
}

// finished is a run that was accepted, claimed and ended in the status.
func (w *world) finished(t *testing.T, status syncrun.Status, change ...func(*syncrun.Run)) syncrun.Run {
	t.Helper()
	run := w.added(t, change...)
	for _, claimed := range w.claim(t, w.now) {
		if claimed.ID == run.ID {
			w.record(t, w.outcome(claimed, status))
			return w.find(t, run.ID)
		}
	}
	t.Fatalf("Claim did not take %s", run.ID)
	return syncrun.Run{}
}

// chip is the stored chip of an invoice.
func (w *world) chip(t *testing.T, magentoID int64) syncrun.SyncState {
	t.Helper()
	states := must(w.Runs.ListSyncStates(t.Context(), w.tenant, ports.SyncStateQuery{
		StoreID: w.store.ID, EntityType: commerce.EntityInvoice, MagentoIDs: []int64{magentoID}, Providers: []binding.Provider{binding.Xero},
	}))(t, "ListSyncStates")
	if len(states) != 1 {
		t.Fatalf("ListSyncStates found %d chips, want 1", len(states))
	}
	return states[0]
}

func (w *world) xref(change ...func(*syncrun.Xref)) syncrun.Xref {
	x := syncrun.Xref{
		TenantID: w.tenant, StoreID: w.store.ID, Provider: binding.Xero, OrganisationID: w.binding.Organisation.ID, Kind: syncrun.XrefInvoice,
		Key: "42", EntityID: "entity-42", Reference: "INV-42", URL: "https://books.example/42", CreatedAt: w.now,
	}
	for _, c := range change {
		c(&x)
	}
	return x
}

func (w *world) scope() ports.XrefScope {
	return ports.XrefScope{TenantID: w.tenant, StoreID: w.store.ID, Provider: binding.Xero, OrganisationID: w.binding.Organisation.ID}
}

// ids are the ids of runs, in order.
func ids(runs []syncrun.Run) []string {
	out := make([]string, len(runs))
	for i, r := range runs {
		out[i] = r.ID
	}
	return out
}

// same reports a difference between what a call gave and what it should have.
func same(t *testing.T, call string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", call, diff)
	}
}

// together calls fn n times at once and waits for all of them.
func together(n int, fn func(i int)) {
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range n {
		done.Go(func() {
			start.Wait()
			fn(i)
		})
	}
	start.Done()
	done.Wait()
}
