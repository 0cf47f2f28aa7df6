package integration_test

import (
	"sync"
	"testing"
	"time"

	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/adapters/vault"
	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	shopbox "byte8.io/ledger/sandbox/magento"
	booksbox "byte8.io/ledger/sandbox/xero"
)

// TestEventsUnderAReplacedKey signs events with the key that a new pairing
// replaced: they are the shop's for as long as they may have been on their way,
// and nothing else is taken under that key.
func TestEventsUnderAReplacedKey(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		old := p.signingKey(t)
		send := func(offset time.Duration) error {
			p.offset.Store(int64(offset))
			_, err := p.app.AcceptEvent(t.Context(), app.Delivery{
				TenantID: p.store.TenantID, Bearer: p.tokenUnder(t, old), Event: commerce.EventInvoiceCreated,
				IdempotencyKey: "invoice.created:" + offset.String(), Body: []byte(`{"magento_entity_id":42}`),
			})
			return err
		}
		if err := send(0); err != nil {
			t.Fatalf("under the active key: %v", err)
		}
		p.pairAgain(t)
		replaced := p.now()
		if now := p.signingKey(t); now == old {
			t.Fatal("pairing again did not change the key")
		}
		if err := send(binding.ReplacedKeyLife - 5*time.Second); err != nil {
			t.Errorf("just after the key was replaced at %v: %v", replaced, err)
		}
		if _, err := p.app.Authenticate(t.Context(), p.tokenUnder(t, old)); !fault.Is(err, fault.CodeUnauthenticated) {
			t.Errorf("a query under the replaced key = %v, want unauthenticated", err)
		}
		if err := p.app.DisconnectStore(t.Context(), p.tokenUnder(t, old), ""); !fault.Is(err, fault.CodeUnauthenticated) {
			t.Errorf("a disconnect under the replaced key = %v, want unauthenticated", err)
		}
		if err := send(binding.ReplacedKeyLife + 5*time.Second); !fault.Is(err, fault.CodeUnauthenticated) {
			t.Errorf("long after the key was replaced = %v, want unauthenticated", err)
		}
		p.pairAgain(t)
		if err := p.app.DisconnectStore(t.Context(), p.tokenUnder(t, p.signingKey(t)), ""); err != nil {
			t.Fatal(err)
		}
		if err := send(binding.ReplacedKeyLife + 10*time.Second); !fault.Is(err, fault.CodeUnauthenticated) {
			t.Errorf("after the shop disconnected = %v, want unauthenticated", err)
		}
	})
}

// signingKey is the secret the store's calls are signed with.
func (p *inProcess) signingKey(t *testing.T) string {
	t.Helper()
	keys, err := vault.ParseKeys(encodeKey([32]byte{1, 2, 3}))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := vault.New(keys)
	if err != nil {
		t.Fatal(err)
	}
	key, err := sqlstore.NewStores(p.db, ring).FindSigningKey(t.Context(), p.store.TenantID, p.store.ID)
	if err != nil {
		t.Fatal(err)
	}
	return key.Secret
}

func (p *inProcess) tokenUnder(t *testing.T, secret string) string {
	t.Helper()
	token, err := shopbox.OutboundToken(secret, string(p.store.TenantID), randomHex(t, 16), p.now())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// TestASlowRefreshKeepsItsLease has a refresh take longer than a lease lasts:
// those who wait for it do not refresh beside it.
func TestASlowRefreshKeepsItsLease(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.books.ExpireTokens()
		before := p.books.Stats().TokenRefreshes
		if err := p.books.InjectFault(booksbox.Fault{Kind: booksbox.Slow, Path: "/connect/token", DelayMS: 13_000, Count: 1}); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() {
				if _, err := p.app.ListOrganisations(t.Context(), p.admin, p.binding.ID); err != nil {
					t.Errorf("ListOrganisations: %v", err)
				}
			})
		}
		group.Wait()
		if got := p.books.Stats().TokenRefreshes - before; got != 1 {
			t.Errorf("%d refreshes, want 1", got)
		}
	})
}
