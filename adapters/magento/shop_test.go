package magento_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"byte8.io/ledger/adapters/magento"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
	sandbox "byte8.io/ledger/sandbox/magento"
)

// shop is a sandbox shop behind real HTTP, and the client that calls it.
type shop struct {
	*sandbox.Server

	url    string
	client *magento.Client
}

func openShop(t *testing.T) shop {
	t.Helper()
	server := sandbox.New(sandbox.Options{})
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	return shop{Server: server, url: listener.URL, client: newClient(t, magento.Options{AllowPrivate: true, Now: time.Now})}
}

func (s shop) pair(t *testing.T, ledgerURL string) ports.ShopAccess {
	t.Helper()
	code, err := s.PairingCode(sandbox.ModuleXero)
	if err != nil {
		t.Fatal(err)
	}
	req := pairing(s.url, binding.Xero)
	req.PairingCode, req.LedgerURL = code, ledgerURL
	if err := s.client.Pair(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	return accessTo(s.url)
}

func TestAShopIsPairedReadAndTold(t *testing.T) {
	t.Parallel()
	shop := openShop(t)
	access := shop.pair(t, "https://ledger.example")
	if err := shop.client.Ping(t.Context(), access); err != nil {
		t.Fatal(err)
	}
	if _, err := shop.RaiseBatch(sandbox.Batch{Invoices: 40, Seed: new(uint64(7))}); err != nil {
		t.Fatal(err)
	}
	for _, want := range shop.Invoices() {
		id := int64(want.ID)
		invoice, err := shop.client.Invoice(t.Context(), access, id)
		if err != nil {
			t.Fatal(err)
		}
		if invoice.IncrementID != want.IncrementID || string(invoice.Currency) != want.Currency {
			t.Errorf("invoice %d is %s in %s, want %s in %s", id, invoice.IncrementID, invoice.Currency, want.IncrementID, want.Currency)
		}
		payment, err := shop.client.Payment(t.Context(), access, id)
		if err != nil {
			t.Fatal(err)
		}
		if payment.Amount.Cmp(invoice.GrandTotal) != 0 {
			t.Errorf("invoice %d: payment of %s for %s", id, payment.Amount, invoice.GrandTotal)
		}
		if invoice.Customer.IsGuest() {
			continue
		}
		customer, err := shop.client.Customer(t.Context(), access, invoice.Customer.MagentoID)
		if err != nil {
			t.Fatal(err)
		}
		if customer.Email != invoice.Customer.Email {
			t.Errorf("customer %d has another address than in invoice %d", customer.MagentoID, id)
		}
	}
	methods, err := shop.client.PaymentMethods(t.Context(), access)
	if err != nil || len(methods) == 0 {
		t.Errorf("payment methods %v, %v", methods, err)
	}
	if _, err := shop.client.Invoice(t.Context(), access, 99_999_999); !fault.Is(err, fault.CodeMagentoNotFound) {
		t.Errorf("an invoice that is not there: %v", err)
	}
	state := chip(func(s *syncrun.SyncState) { s.MagentoID = int64(shop.Invoices()[0].ID) })
	for range 2 {
		if err := shop.client.PutSyncState(t.Context(), access, state); err != nil {
			t.Fatal(err)
		}
	}
	i := slices.IndexFunc(shop.Mirror(), func(r sandbox.MirrorRow) bool { return r.MagentoID == state.MagentoID })
	if i < 0 {
		t.Fatal("the mirror has no row")
	}
	row := shop.Mirror()[i]
	if row.SyncStatus != "synced" || *row.ProviderReference != "INV-1" || row.LastSyncAt != "2026-05-01 09:30:00" {
		t.Errorf("mirror row %+v", row)
	}
	if refusals := shop.Stats().Refusals; len(refusals) != 0 {
		t.Errorf("the shop refused tokens: %v", refusals)
	}
}

func TestAShopRefusesAWrongCodeAndAnOldKey(t *testing.T) {
	t.Parallel()
	shop := openShop(t)
	access := shop.pair(t, "https://ledger.example")
	if err := shop.client.Pair(t.Context(), pairing(shop.url, binding.Xero)); !fault.Is(err, fault.CodePairingRefused) {
		t.Errorf("wrong code: %v", err)
	}
	access.Secret = binding.NewStoreKeySecret([32]byte{9})
	if err := shop.client.Ping(t.Context(), access); !fault.Is(err, fault.CodeMagentoAuth) {
		t.Errorf("old key: %v", err)
	}
}

func TestAShopsDeliveryIsVerified(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var events []string
	mux := http.NewServeMux()
	magento.Routes{
		AcceptEvent: func(_ context.Context, d magento.Delivery) (magento.Receipt, error) {
			tenant, ok := magento.Tokens{}.Tenant(d.Bearer)
			if !ok || string(tenant) != d.TenantID {
				t.Errorf("token of %q for %q", tenant, d.TenantID)
			}
			if _, err := (magento.Tokens{}).Verify(d.Bearer, tenant, vectorKeys(), d.ReceivedAt); err != nil {
				return magento.Receipt{}, err
			}
			mu.Lock()
			defer mu.Unlock()
			events = append(events, d.IdempotencyKey)
			return magento.Receipt{RunIDs: []string{"run_1"}}, nil
		},
	}.Register(mux)
	ledger := httptest.NewServer(mux)
	t.Cleanup(ledger.Close)
	shop := openShop(t)
	shop.pair(t, ledger.URL)

	id, err := shop.Publish(t.Context(), sandbox.Event{Name: "invoice.created", EntityID: 42})
	if err != nil || id != "run_1" {
		t.Fatalf("published as %q, %v", id, err)
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(events, []string{"invoice.created:42"}) {
		t.Errorf("events %v", events)
	}
}
