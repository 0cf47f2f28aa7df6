package integration_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"byte8.io/ledger/adapters/magento"
	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/adapters/sqlstore/sqlstoretest"
	"byte8.io/ledger/adapters/vault"
	"byte8.io/ledger/adapters/webhooks"
	"byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/ports"
	shopbox "byte8.io/ledger/sandbox/magento"
	booksbox "byte8.io/ledger/sandbox/xero"
)

// inProcess is the use cases over a real store and the fakes, without servers
// of their own, so that a test can call a use case from many goroutines.
type inProcess struct {
	app     *app.App
	db      *sqlstore.DB
	sealing *vault.Ring
	books   *booksbox.Server
	shop    *shopbox.Server
	admin   access.Principal
	store   binding.Store
	binding binding.Binding
	// provider is the way to the fake Xero; a test may put itself in between.
	provider *between
	// booksURL is the fake Xero's address.
	booksURL string
	// offset moves the use cases' clock and the fakes' alike.
	offset atomic.Int64
}

type silentQueue struct{}

func (silentQueue) NudgeBinding(context.Context, access.TenantID, string) error { return nil }
func (silentQueue) NudgeStore(context.Context, access.TenantID, string) error   { return nil }

func (p *inProcess) now() time.Time { return time.Now().UTC().Add(time.Duration(p.offset.Load())) }

// newInProcess has a tenant whose shop is paired and whose binding is active.
func newInProcess(t *testing.T, dialect string) *inProcess {
	t.Helper()
	return newInProcessOn(t, sqlstoretest.Open(t, dialect))
}

// newInProcessOn is newInProcess on a database of the test's own.
func newInProcessOn(t *testing.T, db *sqlstore.DB) *inProcess {
	t.Helper()
	p := &inProcess{db: db}
	p.books = booksbox.New(booksbox.Options{AllowLoopbackRedirect: true, Now: p.now, Limits: booksbox.Limits{Minute: -1, Concurrent: -1}})
	booksServer := httptest.NewServer(p.books)
	p.booksURL = booksServer.URL
	shopServer := httptest.NewUnstartedServer(nil)
	shopURL := "http://" + shopServer.Listener.Addr().String()
	p.shop = shopbox.New(shopbox.Options{BaseURL: shopURL, Now: p.now})
	shopServer.Config.Handler = p.shop
	shopServer.Start()
	t.Cleanup(booksServer.Close)
	t.Cleanup(shopServer.Close)

	key := [32]byte{1, 2, 3}
	keys, err := vault.ParseKeys(encodeKey(key))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := vault.New(keys)
	if err != nil {
		t.Fatal(err)
	}
	p.sealing = ring
	provider, err := xero.New(xero.Config{
		ClientID: "sandbox-client", ClientSecret: "sandbox-secret", Scopes: "openid offline_access accounting.invoices accounting.payments accounting.contacts accounting.settings",
		APIURL: booksServer.URL, IdentityURL: booksServer.URL, LoginURL: booksServer.URL, Now: p.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.provider = &between{Provider: provider}
	var ids atomic.Int64
	p.app = app.New(app.Deps{
		Tenants: sqlstore.NewTenants(p.db), Stores: sqlstore.NewStores(p.db, ring), Bindings: sqlstore.NewBindings(p.db),
		Grants: sqlstore.NewGrants(p.db, ring), Intake: sqlstore.NewIntake(p.db), Runs: sqlstore.NewRuns(p.db), Callbacks: sqlstore.NewCallbacks(p.db),
		Jobs:     sqlstore.NewJobs(p.db),
		Webhooks: sqlstore.NewWebhooks(p.db, ring), WebhookSender: webhooks.New(webhooks.Options{AllowPrivate: true}), AllowPrivateWebhooks: true,
		Queue: silentQueue{}, Shop: magento.NewClient(magento.Options{AllowPrivate: true, Now: p.now}), ShopTokens: magento.Tokens{},
		Passwords: vault.NewPasswords(vault.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}),
		Providers: map[binding.Provider]ports.Provider{binding.Xero: p.provider}, Now: p.now,
		NewID:   func(prefix string) string { return fmt.Sprintf("%s_%026d", prefix, ids.Add(1)) },
		NewUUID: uuid.NewString, Random: rand.Reader, PublicURL: "http://127.0.0.1:1", Log: slog.New(slog.DiscardHandler),
	})
	p.connect(t, shopURL)
	return p
}

func (p *inProcess) connect(t *testing.T, shopURL string) {
	t.Helper()
	ctx := t.Context()
	made, err := p.app.CreateTenant(ctx, "Test", "owner@example.test")
	if err != nil {
		t.Fatal(err)
	}
	p.admin = access.System(made.Tenant.ID)
	code, err := p.shop.PairingCode(shopbox.ModuleXero)
	if err != nil {
		t.Fatal(err)
	}
	p.store, p.binding, err = p.app.ConnectMagento(ctx, p.admin, app.ConnectMagento{BaseURL: shopURL, PairingCode: code, Provider: binding.Xero})
	if err != nil {
		t.Fatal(err)
	}
	done, err := p.app.CompleteAuthorisation(ctx, p.consent(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	p.binding = done.Binding
}

// consent asks for consent, gives it at the fake Xero, and returns what its
// redirect brings back.
func (p *inProcess) consent(t *testing.T, session string) app.ConsentCallback {
	t.Helper()
	address, err := p.app.AuthorizeProvider(t.Context(), p.admin, app.AuthorizeProvider{BindingID: p.binding.ID, SessionDigest: session})
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	back, err := res.Location()
	if err != nil {
		t.Fatalf("consent answered %d without a redirect: %v", res.StatusCode, err)
	}
	query := back.Query()
	return app.ConsentCallback{Provider: binding.Xero, State: query.Get("state"), Code: query.Get("code"), Error: query.Get("error")}
}
