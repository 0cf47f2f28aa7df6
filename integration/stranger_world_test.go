package integration_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"byte8.io/ledger/adapters/asynq"
	"byte8.io/ledger/adapters/redis"
	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/adapters/sqlstore/sqlstoretest"
	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/live"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/ports"
)

// The passwords of the tenants' members. They differ, so that a stranger who
// sends tenant A's is refused.
const (
	ownersPassword    = "the owner's own password"
	strangersPassword = "a stranger's own password"
)

// neighbours is tenant A, with at least one of everything that has an id, and
// tenant B beside it in the same database and process.
type neighbours struct {
	*inProcess
	hub     *live.Hub
	address string
	file    *tables
	// owner is tenant A's owner, strangers are the callers of tenant B by name.
	owner     access.Principal
	strangers map[string]access.Principal
	tenantB   access.TenantID
	storeB    binding.Store
	runB      syncrun.Run
	stateB    syncrun.SyncState
	jobB      job.Job
	// Tenant A's things; version is that of its newest settings.
	version                        int
	heldRun                        syncrun.Run
	member                         access.Member
	invitation                     access.Invitation
	session                        access.Session
	key                            access.APIKey
	job                            job.Job
	endpoint                       webhook.Endpoint
	delivery                       webhook.Delivery
	entry                          audit.Entry
	organisation, payments, method string
}

// hubChanges tells of changes within the process.
type hubChanges struct{ hub *live.Hub }

func (c hubChanges) Publish(_ context.Context, told ...live.Change) { c.hub.Deliver(told) }

func (c hubChanges) Subscribe(_ context.Context, tenant access.TenantID, wants func(live.Change) bool) (ports.ChangeStream, error) {
	return c.hub.Watch(tenant, wants), nil
}

// noMail takes every message to nobody.
type noMail struct{}

func (noMail) Send(context.Context, ports.Message) error { return nil }

// newNeighbours is both tenants in a database of the dialect, with Redis beside
// PostgreSQL.
func newNeighbours(t *testing.T, dialect string) *neighbours {
	t.Helper()
	var redisURL string
	if dialect == sqlstoretest.Postgres {
		_, redisURL = services(t)
	} else {
		redisURL = "redis://" + miniredis.RunT(t).Addr()
	}
	address := sqlstoretest.URL(t, dialect)
	w := &neighbours{hub: live.NewHub(), address: address, file: openTables(t, address)}
	w.inProcess = newInProcessOn(t, openStore(t, address))
	client, err := asynq.Open(redisURL)
	must(t, err)
	t.Cleanup(func() { _ = client.Close() })
	w.app.Mail, w.app.Changes = noMail{}, hubChanges{w.hub}
	w.app.Throttle, w.app.Budget = redis.NewThrottle(client), redis.NewBudget(client, redis.Options{Now: w.now})
	w.app = w.on(w.db)
	w.furnish(t)
	w.moveIn(t)
	return w
}

func openStore(t *testing.T, address string) *sqlstore.DB {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), address, sqlstore.Options{AllowUnsafe: true})
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// on is the use cases over another database, with the same world around it.
func (w *neighbours) on(db *sqlstore.DB) *app.App {
	deps := w.app.Deps
	deps.Tenants, deps.Members, deps.Invitations, deps.Sessions = sqlstore.NewTenants(db), sqlstore.NewMembers(db), sqlstore.NewInvitations(db), sqlstore.NewSessions(db)
	deps.Stores, deps.Bindings, deps.Grants = sqlstore.NewStores(db, w.sealing), sqlstore.NewBindings(db), sqlstore.NewGrants(db, w.sealing)
	deps.Intake, deps.Runs, deps.Callbacks, deps.Jobs = sqlstore.NewIntake(db), sqlstore.NewRuns(db), sqlstore.NewCallbacks(db), sqlstore.NewJobs(db)
	deps.Audit, deps.Idempotency, deps.Webhooks = sqlstore.NewAudit(db), sqlstore.NewIdempotency(db), sqlstore.NewWebhooks(db, w.sealing)
	deps.Fingerprints = w.sealing
	return app.New(deps)
}

// leave ends all use of the database, so that copies can be made of it.
func (w *neighbours) leave(t *testing.T) {
	t.Helper()
	must(t, w.file.db.Close())
	must(t, w.db.Close())
}

// copied is the use cases over a copy of the database that was left, which may be
// changed, and the copy's tables.
func (w *neighbours) copied(t *testing.T) (*app.App, *tables) {
	t.Helper()
	address := sqlstoretest.Copy(t, w.address)
	return w.on(openStore(t, address)), openTables(t, address)
}

// furnish gives tenant A one of everything.
func (w *neighbours) furnish(t *testing.T) {
	t.Helper()
	ctx, tenant := t.Context(), w.admin.TenantID
	w.organisation = w.binding.Organisation.ID
	methods, err := w.app.ListPaymentMethods(ctx, w.admin, w.store.ID)
	must(t, err)
	w.method = methods[0].Code
	reference, err := w.app.Bindings.FindReference(ctx, tenant, w.binding.ID)
	must(t, err)
	for _, account := range reference.Accounts {
		if account.IsBank && account.IsActive {
			w.payments = account.ID
		}
	}
	w.change(t, func(s *settings.Settings) { s.Commercial.PaymentTermsDays = 21 })
	w.version = w.stored(t).SettingsVersion
	w.endpoint, _ = w.tell(t, newPartner(t), webhook.Topics()...)

	w.raise(t, 1)
	w.work(t, 2)
	taken, err := w.shop.Raise(1)
	must(t, err)
	invoice, _ := w.shop.Invoice(taken.IDs[0])
	w.raiseInXero(t, invoice.IncrementID, "AUTHORISED")
	w.announce(t, commerce.EventInvoiceCreated, taken.IDs[0])
	w.work(t, 3)
	runs := w.held(t, 1)
	w.heldRun = w.run(t, runs[0])
	w.raise(t, 1)

	owner, err := w.app.Members.FindMemberByEmail(ctx, "owner@example.test")
	must(t, err)
	hash, err := w.app.Passwords.Hash(t.Context(), ownersPassword)
	must(t, err)
	must(t, w.app.Members.SetPassword(ctx, owner, hash, ""))
	w.owner = w.signIn(t, owner.Email, ownersPassword)
	w.signIn(t, owner.Email, ownersPassword)
	sessions, err := w.app.Sessions.ListSessions(ctx, tenant, owner.ID, w.now())
	must(t, err)
	for _, session := range sessions {
		if session.ID != w.owner.SessionID {
			w.session = session
		}
	}
	w.member = w.join(t, w.owner, "second@example.test", ownersPassword)
	invited, err := w.app.InviteMember(ctx, w.owner, "guest@example.test", access.RoleViewer)
	must(t, err)
	w.invitation = invited.Invitation
	w.key, _, err = w.app.CreateAPIKey(ctx, w.owner, app.CreateAPIKey{Name: "partner's key", Scopes: access.Scopes{access.ScopeRunsRead}})
	must(t, err)
	w.job, err = w.app.StartBackfill(ctx, w.owner, app.StartBackfill{BindingID: w.binding.ID, Kind: job.BackfillSyncStates})
	must(t, err)
	deliveries, err := w.app.Webhooks.ListDeliveries(ctx, tenant, w.endpoint.ID, "", ports.Page{First: 10})
	must(t, err)
	w.delivery = deliveries.Rows[0]
	entries, err := w.app.Audit.ListEntries(ctx, tenant, ports.AuditFilter{Action: audit.SettingsUpdated}, ports.Page{First: 1})
	must(t, err)
	w.entry = entries.Rows[0]
}

// moveIn makes tenant B: a store of its own with a binding, a run and a chip, a
// member who is an administrator, and an API key with every scope.
func (w *neighbours) moveIn(t *testing.T) {
	t.Helper()
	ctx, now := t.Context(), w.now()
	system := w.stranger(t)
	w.tenantB = system.TenantID
	var err error
	w.storeB, err = w.app.Stores.PutStore(ctx, binding.Store{
		ID: w.app.NewID("sto"), TenantID: w.tenantB, Code: "neighbor", BaseURL: "https://neighbour.example", Status: binding.StoreActive, CreatedAt: now,
	})
	must(t, err)
	bound, err := w.app.Bindings.PutBinding(ctx, binding.Binding{
		ID: w.app.NewID("bnd"), TenantID: w.tenantB, StoreID: w.storeB.ID, Provider: binding.Xero, Status: binding.StatusPending, CreatedAt: now,
	})
	must(t, err)
	event := syncrun.Event{
		ID: w.app.NewID("evt"), TenantID: w.tenantB, StoreID: w.storeB.ID, Name: commerce.EventInvoiceCreated, IdempotencyKey: "neighbour:1",
		Body: []byte("{}"), ReceivedAt: now,
	}
	w.runB = syncrun.Run{
		ID: w.app.NewID("run"), TenantID: w.tenantB, BindingID: bound.ID, StoreID: w.storeB.ID, Provider: binding.Xero, EventID: event.ID,
		EventKey: event.IdempotencyKey, Event: event.Name, EntityType: commerce.EntityInvoice, MagentoID: 7_000_000, IncrementID: "B7000000",
		Status: syncrun.StatusWaiting, NextAttemptAt: now, CreatedAt: now,
	}
	_, err = w.app.Intake.Accept(ctx, ports.TokenUse{TenantID: w.tenantB, JTI: "neighbour", RememberUntil: now.Add(time.Hour)}, event, []syncrun.Run{w.runB})
	must(t, err)
	states, err := w.app.Runs.ListSyncStates(ctx, w.tenantB, ports.SyncStateQuery{EntityType: commerce.EntityInvoice, MagentoIDs: []int64{w.runB.MagentoID}})
	must(t, err)
	w.stateB = states[0]
	w.jobB, err = w.app.StartBackfill(ctx, system, app.StartBackfill{BindingID: bound.ID, Kind: job.BackfillSyncStates})
	must(t, err)

	admin := w.join(t, system, "admin@stranger.test", strangersPassword)
	_, secret, err := w.app.CreateAPIKey(ctx, system, app.CreateAPIKey{Name: "every scope", Scopes: access.AllScopes()})
	must(t, err)
	_, _, err = w.app.CreateAPIKey(ctx, system, app.CreateAPIKey{Name: "reader", Scopes: w.key.Scopes})
	must(t, err)
	key, err := w.app.Authenticate(ctx, secret)
	must(t, err)
	w.strangers = map[string]access.Principal{
		"member": w.signIn(t, admin.Email, strangersPassword), "key": key, "shop": access.Magento(w.tenantB, w.storeB.ID, w.storeB.BaseURL),
	}
}

// join invites a person as an administrator, who accepts.
func (w *neighbours) join(t *testing.T, by access.Principal, email, password string) access.Member {
	t.Helper()
	invited, err := w.app.InviteMember(t.Context(), by, email, access.RoleAdmin)
	must(t, err)
	link, err := url.Parse(invited.Link)
	must(t, err)
	joined, err := w.app.AcceptInvitation(t.Context(), link.Query().Get("token"), password, app.Browser{})
	must(t, err)
	return joined.Member
}

func (w *neighbours) signIn(t *testing.T, email, password string) access.Principal {
	t.Helper()
	in, err := w.app.SignIn(t.Context(), email, password, app.Browser{UserAgent: "Firefox"})
	must(t, err)
	p, err := w.app.AuthenticateSession(t.Context(), in.Token)
	must(t, err)
	return p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
