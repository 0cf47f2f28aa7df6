package integration_test

import (
	"testing"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	shopbox "byte8.io/ledger/sandbox/magento"
)

func TestDisconnectedHereTheGrantIsGone(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		_, runs := p.raise(t, 1)
		p.work(t, 2)
		p.wantOnce(t, runs[0])
		grant := p.stored(t).GrantID
		for range 2 {
			b, err := p.app.DisconnectBinding(t.Context(), p.admin, p.binding.ID)
			if err != nil {
				t.Fatal(err)
			}
			if b.Status != binding.StatusRevoked || b.GrantID != "" {
				t.Errorf("disconnected: %+v", b)
			}
		}
		if g, err := p.app.Grants.FindGrant(t.Context(), p.admin.TenantID, grant); err == nil && g.RevokedAt == nil {
			t.Error("the grant still stands")
		}
		p.pairAgain(t)
		if got := p.stored(t); got.Status != binding.StatusPending {
			t.Errorf("paired again without consent: %s, want pending", got.Status)
		}
		if _, err := p.app.CompleteAuthorisation(t.Context(), p.consent(t, "")); err != nil {
			t.Fatal(err)
		}
		again := p.sameCustomer(t, p.shop.Invoices()[0].ID, p.shop.Invoices()[0].ID)
		p.work(t, 3)
		if run := p.run(t, again); run.ProviderEntityID != p.run(t, runs[0]).ProviderEntityID {
			t.Errorf("after reconnecting the invoice is %s, want the one known", run.ProviderEntityID)
		}
		if got := len(p.books.Invoices("")); got != 1 {
			t.Errorf("%d invoices in the books, want 1", got)
		}
	})
}

func TestAGrantIsKeptThirtyDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		days int
		want binding.Status
	}{{"within", 20, binding.StatusActive}, {"after", 31, binding.StatusPending}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			everyDialect(t, func(t *testing.T, p *inProcess) {
				token := p.token(t)
				if err := p.app.DisconnectStore(t.Context(), token, ""); err != nil {
					t.Fatal(err)
				}
				p.offset.Add(int64(time.Duration(c.days) * 24 * time.Hour))
				p.pairAgain(t)
				if got := p.stored(t).Status; got != c.want {
					t.Errorf("paired again after %d days: %s, want %s", c.days, got, c.want)
				}
			})
		})
	}
}

func TestAnotherOrganisationIsAskedForFirst(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		b := p.stored(t)
		b.Organisation.ID = "11111111-1111-4111-8111-111111111111"
		if _, err := p.app.Bindings.SaveBinding(t.Context(), b, p.now()); err != nil {
			t.Fatal(err)
		}
		choose := app.SelectOrganisation{BindingID: b.ID, OrganisationID: p.binding.Organisation.ID}
		if _, err := p.app.SelectOrganisation(t.Context(), p.admin, choose); !fault.IsKind(err, fault.Conflict) {
			t.Fatalf("another organisation without asking = %v, want a conflict", err)
		}
		choose.Replace = true
		moved, err := p.app.SelectOrganisation(t.Context(), p.admin, choose)
		if err != nil {
			t.Fatal(err)
		}
		if moved.Organisation.ID != p.binding.Organisation.ID || moved.SettingsVersion != 2 {
			t.Errorf("moved: %+v, want the organisation asked for and settings derived anew", moved)
		}
	})
}

func (p *inProcess) stored(t *testing.T) binding.Binding {
	t.Helper()
	b, err := p.app.Bindings.FindBinding(t.Context(), p.admin.TenantID, p.binding.ID)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (p *inProcess) pairAgain(t *testing.T) {
	t.Helper()
	code, err := p.shop.PairingCode(shopbox.ModuleXero)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = p.app.ConnectMagento(t.Context(), p.admin, app.ConnectMagento{BaseURL: p.store.BaseURL, PairingCode: code, Provider: binding.Xero})
	if err != nil {
		t.Fatal(err)
	}
}
