package integration_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// between stands between the use cases and the provider, and misbehaves when a
// test asks it to.
type between struct {
	ports.Provider
	// centsOff adds a cent to every total that comes back.
	centsOff atomic.Bool
	// poison loses the answer of any call that carries this invoice, before it
	// is made.
	poison atomic.Value
	calls  atomic.Int64
}

func (b *between) PutInvoices(ctx context.Context, s ports.Session, writes []ports.InvoiceWrite) ([]ports.InvoiceOutcome, error) {
	b.calls.Add(1)
	poison, _ := b.poison.Load().(string)
	if slices.ContainsFunc(writes, func(w ports.InvoiceWrite) bool { return w.Invoice.Number == poison }) {
		return nil, fault.New(fault.CodeProviderUncertain, "The answer was lost.")
	}
	outcomes, err := b.Provider.PutInvoices(ctx, s, writes)
	for i := range outcomes {
		if b.centsOff.Load() {
			outcomes[i].Totals.Gross = outcomes[i].Totals.Gross.Add(money.Of("0.01"))
		}
	}
	return outcomes, err
}

func (b *between) FindInvoices(ctx context.Context, s ports.Session, numbers []string) (map[string]ports.FoundInvoice, error) {
	found, err := b.Provider.FindInvoices(ctx, s, numbers)
	if b.centsOff.Load() {
		for number, f := range found {
			f.Totals.Gross = f.Totals.Gross.Add(money.Of("0.01"))
			found[number] = f
		}
	}
	return found, err
}

func TestAPoisonedInvoiceDoesNotHoldItsNeighboursUp(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		ids, runs := p.raise(t, 8)
		invoice, _ := p.shop.Invoice(ids[3])
		p.provider.poison.Store(invoice.IncrementID)
		p.work(t, 400)
		for i, run := range runs {
			if i != 3 {
				p.wantOnce(t, run)
			}
		}
		if got := p.run(t, runs[3]); got.Status != syncrun.StatusUncertain && got.Status != syncrun.StatusFailed {
			t.Errorf("the poisoned run is %s", got.Status)
		}
		if got := p.provider.calls.Load(); got > 60 {
			t.Errorf("%d calls for one poisoned invoice in half an hour", got)
		}
	})
}

func TestOtherTotalsInTheBooksAreNotSynced(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.provider.centsOff.Store(true)
		ids, runs := p.raise(t, 1)
		p.work(t, 2)
		wantHeld := func(id string) {
			t.Helper()
			if got := p.run(t, id); got.Status != syncrun.StatusHeld || got.ErrorCode != fault.CodeTotalsDiffer {
				t.Errorf("run is %s %s, want held totals_differ", got.Status, got.ErrorCode)
			}
			if row := p.mirror(ids[0]); row == nil || row.SyncStatus != "failed" {
				t.Errorf("the shop's chip is %+v, want failed", row)
			}
		}
		wantHeld(runs[0])
		paid := p.announce(t, commerce.EventInvoicePaid, ids[0])
		p.work(t, 2)
		wantHeld(paid)
		if _, err := p.app.RetrySyncRun(t.Context(), p.admin, runs[0], app.SettingsCurrent); err != nil {
			t.Fatal(err)
		}
		p.work(t, 2)
		wantHeld(runs[0])
		p.provider.centsOff.Store(false)
		if _, err := p.app.RetrySyncRun(t.Context(), p.admin, runs[0], app.SettingsCurrent); err != nil {
			t.Fatal(err)
		}
		p.work(t, 2)
		p.wantOnce(t, runs[0])
	})
}

func TestADisconnectWinsOverAConsentUnderWay(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		callback := p.consent(t, "")
		b, err := p.app.Bindings.FindBinding(t.Context(), p.admin.TenantID, p.binding.ID)
		if err != nil {
			t.Fatal(err)
		}
		b.Status = "revoked"
		if _, err := p.app.Bindings.SaveBinding(t.Context(), b, p.now()); err != nil {
			t.Fatal(err)
		}
		if _, err := p.app.CompleteAuthorisation(t.Context(), callback); !fault.IsKind(err, fault.Conflict) {
			t.Errorf("consent for a disconnected binding = %v, want a conflict", err)
		}
		if _, err := p.app.SelectOrganisation(t.Context(), p.admin, app.SelectOrganisation{BindingID: p.binding.ID, OrganisationID: b.Organisation.ID}); !fault.IsKind(err, fault.Conflict) {
			t.Errorf("choosing for a disconnected binding = %v, want a conflict", err)
		}
	})
}
