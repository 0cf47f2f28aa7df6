package integration_test

import (
	"testing"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

func TestAFailedPairingIsForgottenAfterADay(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		stranger := p.stranger(t)
		pair := func() {
			t.Helper()
			_, _, err := p.app.ConnectMagento(t.Context(), stranger, app.ConnectMagento{BaseURL: p.store.BaseURL, PairingCode: "WRONGCODE123", Provider: binding.Xero})
			if !fault.Is(err, fault.CodePairingRefused) {
				t.Fatalf("ConnectMagento gave %v, want pairing_refused", err)
			}
		}
		stores := func() int {
			t.Helper()
			found, err := p.app.ListStores(t.Context(), stranger)
			if err != nil {
				t.Fatal(err)
			}
			return len(found)
		}
		pair()
		p.offset.Add(int64(23 * time.Hour))
		pair()
		p.offset.Add(int64(2 * time.Hour))
		if n, err := p.app.PurgePairings(t.Context()); err != nil || n != 0 || stores() != 1 {
			t.Fatalf("PurgePairings two hours after the last try removed %d (%v)", n, err)
		}
		p.offset.Add(int64(23 * time.Hour))
		p.runWorker(t, func(*app.Worker) {}, "the failed pairing is removed", func() bool { return stores() == 0 })
		if found, err := p.app.ListStores(t.Context(), p.admin); err != nil || len(found) != 1 {
			t.Errorf("the paired tenant has %d stores (%v), want 1", len(found), err)
		}
		p.pairAgain(t)
	})
}

// chipOf is the stored chip of an invoice.
func (p *inProcess) chipOf(t *testing.T, magentoID int) syncrun.SyncState {
	t.Helper()
	chips, err := p.app.Runs.ListSyncStates(t.Context(), p.admin.TenantID, ports.SyncStateQuery{
		StoreID: p.store.ID, EntityType: commerce.EntityInvoice, MagentoIDs: []int64{int64(magentoID)},
	})
	if err != nil || len(chips) != 1 {
		t.Fatalf("%d chips (%v), want 1", len(chips), err)
	}
	return chips[0]
}

func TestTheChipNamesTheRunThatDecidedIt(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		invoice, paid := p.paying(t)
		p.work(t, 3)
		skipped := p.run(t, paid)
		if skipped.Status != syncrun.StatusSkipped || skipped.SkipReason != syncrun.SkipPaymentMethodNotMapped {
			t.Fatalf("the payment's run is %s %s, want skipped", skipped.Status, skipped.SkipReason)
		}
		want := func(when string) {
			t.Helper()
			chip := p.chipOf(t, invoice.MagentoID)
			if chip.Status != syncrun.ChipSynced || chip.RunID == paid || p.run(t, chip.RunID).Event != commerce.EventInvoiceCreated {
				t.Errorf("%s the chip is %s by run %s; the payment's is %s", when, chip.Status, chip.RunID, paid)
			}
		}
		want("after the payment was left out")
		if _, err := p.app.RetrySyncRun(t.Context(), p.admin, paid, app.SettingsCurrent); err != nil {
			t.Fatal(err)
		}
		p.work(t, 2)
		want("after a retry that changed nothing")
		p.payInto(t)
		if _, err := p.app.RetrySyncRun(t.Context(), p.admin, paid, app.SettingsCurrent); err != nil {
			t.Fatal(err)
		}
		p.work(t, 2)
		if chip := p.chipOf(t, invoice.MagentoID); p.run(t, paid).Status != syncrun.StatusSucceeded || chip.Status != syncrun.ChipSynced {
			t.Errorf("after the payment was booked its run is %s and the chip %s", p.run(t, paid).Status, chip.Status)
		}
	})
}

func TestCleaningUpKeepsWhatMayStillBeTried(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.raise(t, 1)
		p.work(t, 2)
		held, stranger := p.held(t, 1), p.stranger(t)
		p.offset.Add(int64(2 * historyLife))
		for _, status := range []syncrun.Status{syncrun.StatusHeld, syncrun.StatusWaiting, syncrun.StatusUncertain} {
			if _, err := p.app.CleanUp(t.Context(), p.admin, app.OldHistory{Statuses: []syncrun.Status{status}, Life: historyLife}, 0); !fault.IsKind(err, fault.Invalid) {
				t.Errorf("CleanUp of runs that are %s: %v, want a refusal", status, err)
			}
		}
		for _, step := range []struct {
			old  app.OldHistory
			want int
		}{
			{app.OldHistory{BindingID: "bnd_other"}, 0},
			{app.OldHistory{Provider: binding.FreeAgent}, 0},
			{app.OldHistory{Statuses: []syncrun.Status{syncrun.StatusFailed, syncrun.StatusSkipped}}, 0},
			{app.OldHistory{BindingID: p.binding.ID, Provider: binding.Xero}, 1},
			{app.OldHistory{}, 0},
		} {
			step.old.Life = historyLife
			if n, err := p.app.CleanUp(t.Context(), stranger, step.old, 0); err != nil || n != 0 {
				t.Errorf("a stranger's CleanUp removed %d (%v)", n, err)
			}
			if n, err := p.app.CountHistory(t.Context(), p.admin, step.old); err != nil || n != step.want {
				t.Errorf("CountHistory of %+v gave %d (%v), want %d", step.old, n, err, step.want)
			}
			if n, err := p.app.CleanUp(t.Context(), p.admin, step.old, 0); err != nil || n != step.want {
				t.Errorf("CleanUp of %+v removed %d (%v), want %d", step.old, n, err, step.want)
			}
		}
		if got := p.run(t, held[0]).Status; got != syncrun.StatusHeld {
			t.Errorf("the held run is %s", got)
		}
	})
}
