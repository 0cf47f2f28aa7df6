package integration_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
	shopbox "byte8.io/ledger/sandbox/magento"
)

// wire stands before the fake Xero and keeps what is sent to its Accounting API.
type wire struct {
	mu    sync.Mutex
	calls int
	sent  []ports.ProviderRequest
}

const accountingAPI = "/api.xro/2.0"

// tap has the use cases reach the fake Xero through a wire.
func (p *inProcess) tap(t *testing.T) *wire {
	t.Helper()
	w := &wire{}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		w.mu.Lock()
		w.calls++
		if r.Method != http.MethodGet && strings.HasPrefix(r.URL.Path, accountingAPI) {
			path := strings.TrimPrefix(r.URL.Path, accountingAPI) + "?" + r.URL.RawQuery
			w.sent = append(w.sent, ports.ProviderRequest{Method: r.Method, Path: path, Body: body})
		}
		w.mu.Unlock()
		p.books.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	provider, err := xero.New(xero.Config{
		ClientID: "sandbox-client", ClientSecret: "sandbox-secret", Scopes: "openid offline_access accounting.invoices accounting.payments accounting.contacts accounting.settings",
		APIURL: server.URL, IdentityURL: p.booksURL, LoginURL: p.booksURL, Now: p.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.provider.Provider = provider
	return w
}

// take is what was sent since the last take, as text.
func (w *wire) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := texts(w.sent)
	w.sent = nil
	return taken
}

func (w *wire) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls
}

func texts(requests []ports.ProviderRequest) []string {
	out := make([]string, len(requests))
	for i, r := range requests {
		out[i] = r.Method + " " + r.Path + "\n" + string(r.Body)
	}
	return out
}

// The ports as a preview may use them. What stands here is a read; a call of
// anything else ends the preview with a fault, because there is nothing behind it.
type (
	readRuns struct {
		ports.Runs
		real ports.Runs
	}
	readBindings struct {
		ports.Bindings
		real ports.Bindings
	}
	readStores struct {
		ports.Stores
		real ports.Stores
	}
	renderer struct {
		ports.Provider
		real ports.Provider
	}
)

func (r readRuns) FindXrefs(ctx context.Context, scope ports.XrefScope, kind syncrun.XrefKind, keys []string) (map[string]syncrun.Xref, error) {
	return r.real.FindXrefs(ctx, scope, kind, keys)
}

func (r readRuns) FindContactNames(ctx context.Context, scope ports.XrefScope, names []string) (map[string]bool, error) {
	return r.real.FindContactNames(ctx, scope, names)
}

func (r readRuns) FindBooked(ctx context.Context, tenant access.TenantID, bindingID string, ids []int64) (map[int64]ports.BookedInvoice, error) {
	return r.real.FindBooked(ctx, tenant, bindingID, ids)
}

func (r readRuns) ListInvoiceRuns(ctx context.Context, tenant access.TenantID, bindingID string, ids []int64) (map[int64][]ports.InvoiceRun, error) {
	return r.real.ListInvoiceRuns(ctx, tenant, bindingID, ids)
}

func (r readRuns) SumCredits(ctx context.Context, scope ports.XrefScope, invoiceID, memoID int64) (ports.Credit, error) {
	return r.real.SumCredits(ctx, scope, invoiceID, memoID)
}

func (r readRuns) ListRuns(ctx context.Context, tenant access.TenantID, filter ports.RunFilter, page ports.Page) (ports.Paged[syncrun.Run], error) {
	return r.real.ListRuns(ctx, tenant, filter, page)
}

func (r readRuns) CountRuns(ctx context.Context, tenant access.TenantID, filter ports.RunFilter, limit int) (int, error) {
	return r.real.CountRuns(ctx, tenant, filter, limit)
}

func (r readBindings) FindBinding(ctx context.Context, tenant access.TenantID, id string) (binding.Binding, error) {
	return r.real.FindBinding(ctx, tenant, id)
}

func (r readBindings) FindReference(ctx context.Context, tenant access.TenantID, id string) (books.Reference, error) {
	return r.real.FindReference(ctx, tenant, id)
}

func (r readBindings) FindSettings(ctx context.Context, tenant access.TenantID, id string, version int) (settings.Version, error) {
	return r.real.FindSettings(ctx, tenant, id, version)
}

func (r readStores) FindStore(ctx context.Context, tenant access.TenantID, id string) (binding.Store, error) {
	return r.real.FindStore(ctx, tenant, id)
}

func (r readStores) FindSigningKey(ctx context.Context, tenant access.TenantID, storeID string) (binding.StoreKey, error) {
	return r.real.FindSigningKey(ctx, tenant, storeID)
}

func (r renderer) Capabilities() books.Capabilities { return r.real.Capabilities() }

func (r renderer) RenderContact(c books.Contact) (ports.ProviderRequest, error) {
	return r.real.RenderContact(c)
}

func (r renderer) RenderInvoice(i books.Invoice) (ports.ProviderRequest, error) {
	return r.real.RenderInvoice(i)
}

func (r renderer) RenderCreditNote(n books.CreditNote) (ports.ProviderRequest, error) {
	return r.real.RenderCreditNote(n)
}

func (r renderer) RenderAllocation(a books.Allocation) (ports.ProviderRequest, error) {
	return r.real.RenderAllocation(a)
}

func (r renderer) RenderPayment(p books.Payment) (ports.ProviderRequest, error) {
	return r.real.RenderPayment(p)
}

func (r renderer) RenderItem(i books.Item) (ports.ProviderRequest, error) {
	return r.real.RenderItem(i)
}

// reading is the use cases over ports that only read.
func (p *inProcess) reading() *app.App {
	return app.New(app.Deps{
		Runs: readRuns{real: p.app.Runs}, Bindings: readBindings{real: p.app.Bindings}, Stores: readStores{real: p.app.Stores}, Shop: p.app.Shop,
		Providers: map[binding.Provider]ports.Provider{binding.Xero: renderer{real: p.provider}}, Now: p.now, Log: slog.New(slog.DiscardHandler),
	})
}

// preview looks at one document, over ports that only read.
func (p *inProcess) preview(t *testing.T, kind commerce.EntityType, id int) app.Preview {
	t.Helper()
	previews, err := p.reading().PreviewDocuments(t.Context(), p.admin, app.PreviewDocuments{BindingID: p.binding.ID, EntityType: kind, MagentoIDs: []int64{int64(id)}})
	if err != nil {
		t.Fatal(err)
	}
	return previews[0]
}

var blank = regexp.MustCompile(`<the id that Xero gives (contact|invoice|credit note) ([^>]+)>`)

// fill puts the ids that the fake Xero gave into what was previewed.
func (p *inProcess) fill(t *testing.T, requests []ports.ProviderRequest) []string {
	t.Helper()
	ids := map[string]string{}
	for _, c := range p.books.Contacts("") {
		ids["contact "+c.Number] = c.ID
	}
	for _, i := range p.books.Invoices("") {
		ids["invoice "+i.Number] = i.ID
	}
	for _, n := range p.books.CreditNotes("") {
		ids["credit note "+n.Number] = n.ID
	}
	out := texts(requests)
	for i := range out {
		out[i] = blank.ReplaceAllStringFunc(out[i], func(s string) string {
			parts := blank.FindStringSubmatch(s)
			id, ok := ids[parts[1]+" "+parts[2]]
			if !ok {
				t.Errorf("%s names nothing in the books", s)
			}
			return id
		})
	}
	return out
}

// TestAPreviewIsWhatIsSent compares previews with the wire, byte for byte.
func TestAPreviewIsWhatIsSent(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.payInto(t)
		p.change(t, func(s *settings.Settings) { s.SyncBehaviour.SyncProducts = true })
		w := p.tap(t)
		check := func(what string, seen app.Preview, runs ...string) {
			t.Helper()
			w.take()
			p.work(t, 8)
			for _, id := range runs {
				if run := p.run(t, id); run.Status != syncrun.StatusSucceeded {
					t.Fatalf("%s: the run is %s %s: %s", what, run.Status, run.ErrorCode, run.Message)
				}
			}
			if seen.Outcome != app.PreviewWrite || len(seen.Requests) == 0 || len(seen.Steps) < len(seen.Requests) {
				t.Fatalf("%s: the preview is %s with %d requests and %d steps: %v", what, seen.Outcome, len(seen.Requests), len(seen.Steps), seen.Fault)
			}
			if diff := cmp.Diff(w.take(), p.fill(t, seen.Requests)); diff != "" {
				t.Errorf("%s (-sent +previewed):\n%s", what, diff)
			}
		}

		unpaid := p.raiseUnpaid(t)
		before := w.count()
		seen := p.preview(t, commerce.EntityInvoice, unpaid)
		if after := w.count(); after != before {
			t.Errorf("a preview made %d calls to Xero", after-before)
		}
		if !blank.Match(seen.Requests[len(seen.Requests)-1].Body) {
			t.Errorf("the invoice of a new customer names its contact: %s", seen.Requests[len(seen.Requests)-1].Body)
		}
		check("an invoice", seen, p.announce(t, commerce.EventInvoiceCreated, unpaid))
		if again := p.preview(t, commerce.EntityInvoice, unpaid); again.Outcome != app.PreviewInBooks || len(again.Requests) > 0 || again.ProviderTotals == nil || !again.ProviderTotals.Equal(*again.MagentoTotals) {
			t.Errorf("once it is in the books: %+v", again)
		}

		part, err := p.shop.Refund(unpaid, true)
		if err != nil {
			t.Fatal(err)
		}
		seen = p.preview(t, commerce.EntityCreditMemo, part.MagentoID)
		check("a credit memo of an unpaid invoice", seen, p.announceMemo(t, part.MagentoID))
		if again := p.preview(t, commerce.EntityCreditMemo, part.MagentoID); again.Outcome != app.PreviewInBooks || len(again.Requests) > 0 {
			t.Errorf("once the memo is settled: %+v", again)
		}

		paid := p.raiseCharged(t)
		if paid.State == shopbox.StateOpen {
			if err := p.shop.Pay(paid.MagentoID); err != nil {
				t.Fatal(err)
			}
		}
		seen = p.preview(t, commerce.EntityInvoice, paid.MagentoID)
		check("a paid invoice", seen, p.announce(t, commerce.EventInvoicePaid, paid.MagentoID))

		memo, err := p.shop.Refund(paid.MagentoID, false)
		if err != nil {
			t.Fatal(err)
		}
		seen = p.preview(t, commerce.EntityCreditMemo, memo.MagentoID)
		check("a credit memo of a paid invoice", seen, p.announceMemo(t, memo.MagentoID))

		product := p.first(t, shopbox.KindProduct)
		seen = p.preview(t, commerce.EntityProduct, product)
		check("a product", seen, p.announce(t, commerce.EventProductUpserted, product))

		customer := p.newCustomer(t)
		seen = p.preview(t, commerce.EntityCustomer, customer)
		check("a customer", seen, p.announce(t, commerce.EventCustomerUpserted, customer))
		if again := p.preview(t, commerce.EntityCustomer, customer); again.Outcome != app.PreviewWrite || len(again.Requests) > 0 {
			t.Errorf("a customer who is in the books: %+v", again)
		}
	})
}

// first is the id of the first document of a kind in the shop.
func (p *inProcess) first(t *testing.T, kind shopbox.Kind) int {
	t.Helper()
	documents := p.shop.Documents(kind)
	if len(documents) == 0 {
		t.Fatalf("the shop has no %s", kind)
	}
	return documents[0].ID
}

// newCustomer has the shop have a customer whom the books do not know.
func (p *inProcess) newCustomer(t *testing.T) int {
	t.Helper()
	const id = 990001
	body := `{"magento_id":990001,"email":"new@customer.example","firstname":"Grace","lastname":"Hopper","website_id":1,"group_id":1,"addresses":[]}`
	if err := p.shop.PutDocument(shopbox.KindCustomer, id, json.RawMessage(body)); err != nil {
		t.Fatal(err)
	}
	return id
}

// raiseUnpaid has the shop raise an invoice that is open, and announces nothing.
func (p *inProcess) raiseUnpaid(t *testing.T) int {
	t.Helper()
	for range 100 {
		if invoice := p.raiseCharged(t); invoice.State == shopbox.StateOpen {
			return invoice.MagentoID
		}
	}
	t.Fatal("the shop raises nothing but paid invoices")
	return 0
}
