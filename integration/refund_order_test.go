package integration_test

import (
	"testing"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
	shopbox "byte8.io/ledger/sandbox/magento"
	booksbox "byte8.io/ledger/sandbox/xero"
)

// raiseCharged has the shop raise an invoice with a total, and announces nothing.
func (p *inProcess) raiseCharged(t *testing.T) shopbox.Invoice {
	t.Helper()
	for {
		raised, err := p.shop.Raise(1)
		if err != nil {
			t.Fatal(err)
		}
		if invoice, _ := p.shop.Invoice(raised.IDs[0]); invoice.GrandTotal.IsPositive() {
			return invoice
		}
	}
}

// refunded has the shop refund all of an invoice, and announces it.
func (p *inProcess) refunded(t *testing.T, invoice shopbox.Invoice) (memo shopbox.CreditMemo, run string) {
	t.Helper()
	memo, err := p.shop.Refund(invoice.MagentoID, false)
	if err != nil {
		t.Fatal(err)
	}
	return memo, p.announceMemo(t, memo.MagentoID)
}

// change changes the binding's settings.
func (p *inProcess) change(t *testing.T, change func(*settings.Settings)) {
	t.Helper()
	b := p.stored(t)
	version, err := p.app.Bindings.FindSettings(t.Context(), b.TenantID, b.ID, b.SettingsVersion)
	if err != nil {
		t.Fatal(err)
	}
	change(&version.Settings)
	if _, err := p.app.UpdateSettings(t.Context(), p.admin, app.UpdateSettings{BindingID: b.ID, ExpectedVersion: b.SettingsVersion, Settings: version.Settings}); err != nil {
		t.Fatal(err)
	}
}

// wantPaidAndRefunded fails unless the invoice was paid in full and the memo
// paid back in full, with nothing set against each other.
func (p *inProcess) wantPaidAndRefunded(t *testing.T, invoice shopbox.Invoice, memo shopbox.CreditMemo) {
	t.Helper()
	in, out := p.moved()
	if !in.Equal(invoice.GrandTotal.Decimal) || !out.Equal(memo.GrandTotal.Decimal) {
		t.Errorf("%s came in and %s went out, want %s and %s", in, out, invoice.GrandTotal, memo.GrandTotal)
	}
}

func TestAMemoWaitsForThePaymentOfItsInvoice(t *testing.T) {
	t.Parallel()
	for name, hinder := range map[string]func(t *testing.T, p *inProcess){
		"that waits": func(t *testing.T, p *inProcess) {
			t.Helper()
			if err := p.books.InjectFault(booksbox.Fault{Kind: booksbox.Throttle429Minute, Count: 1, Method: "PUT", Path: "/Payments", RetryAfterSeconds: 60}); err != nil {
				t.Fatal(err)
			}
			p.work(t, 1)
		},
		"whose worker was killed": func(t *testing.T, p *inProcess) {
			t.Helper()
			now := p.now()
			if runs, err := p.app.Runs.Claim(t.Context(), p.admin.TenantID, p.binding.ID, "killed", 50, now, now.Add(10*time.Second)); err != nil || len(runs) != 1 {
				t.Fatalf("claimed %d runs: %v", len(runs), err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everyDialect(t, func(t *testing.T, p *inProcess) {
				p.payInto(t)
				invoice := p.raiseCharged(t)
				p.announce(t, commerce.EventInvoiceCreated, invoice.MagentoID)
				p.work(t, 2)
				paid := p.announce(t, commerce.EventInvoicePaid, invoice.MagentoID)
				hinder(t, p)
				if run := p.run(t, paid); !run.Status.IsOpen() {
					t.Fatalf("the payment is %s", run.Status)
				}
				memo, refunded := p.refunded(t, invoice)
				p.work(t, 40)
				for _, id := range []string{paid, refunded} {
					if run := p.run(t, id); run.Status != syncrun.StatusSucceeded {
						t.Errorf("run of %s is %s: %s %s\n%v", run.Event, run.Status, run.ErrorCode, run.Message, run.Trace)
					}
				}
				p.wantPaidAndRefunded(t, invoice, memo)
			})
		})
	}
}

// TestAMemoGoesOnWithoutAPaymentThatFailed shows that a refund does not wait for
// a payment that a person must look at.
func TestAMemoGoesOnWithoutAPaymentThatFailed(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.payInto(t)
		invoice := p.raiseCharged(t)
		p.announce(t, commerce.EventInvoiceCreated, invoice.MagentoID)
		p.work(t, 2)
		p.provider.Provider = &refusing{Provider: p.provider.Provider, times: 2} // without a look at the invoice, and with one
		paid := p.announce(t, commerce.EventInvoicePaid, invoice.MagentoID)
		p.work(t, 1)
		if run := p.run(t, paid); run.Status != syncrun.StatusFailed {
			t.Fatalf("the payment is %s %s", run.Status, run.ErrorCode)
		}
		memo, refunded := p.refunded(t, invoice)
		p.work(t, 4)
		if run := p.run(t, refunded); run.Status != syncrun.StatusSucceeded {
			t.Errorf("the memo's run is %s: %s %s\n%v", run.Status, run.ErrorCode, run.Message, run.Trace)
		}
		for _, in := range p.books.Invoices("") {
			if !in.AmountCredited.Equal(memo.GrandTotal.Decimal) {
				t.Errorf("%s is credited to the invoice, want %s", in.AmountCredited, memo.GrandTotal)
			}
		}
	})
}

func TestAMemoIsSkippedWithItsInvoice(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		leaveOut func(p *inProcess, s *settings.Settings)
		want     syncrun.SkipReason
		// after is how long the memo waits for the invoice.
		after time.Duration
	}{
		"older than the settings want": {
			func(p *inProcess, s *settings.Settings) {
				since := p.now().Add(time.Minute)
				s.SyncBehaviour.SyncSince = &since
			}, syncrun.SkipOutsideSyncSince, 0,
		},
		"unpaid, which may change": {
			func(_ *inProcess, s *settings.Settings) { s.SyncBehaviour.SyncUnpaidInvoices = false }, syncrun.SkipUnpaidInvoice, time.Hour,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everyDialect(t, func(t *testing.T, p *inProcess) {
				p.change(t, func(s *settings.Settings) { tt.leaveOut(p, s) })
				var invoice shopbox.Invoice
				for invoice.MagentoID == 0 || invoice.State == shopbox.StatePaid {
					invoice = p.raiseCharged(t)
				}
				created := p.announce(t, commerce.EventInvoiceCreated, invoice.MagentoID)
				p.work(t, 1)
				if run := p.run(t, created); run.SkipReason != tt.want {
					t.Fatalf("the invoice's run is %s %s%s", run.Status, run.SkipReason, run.ErrorCode)
				}
				p.offset.Add(int64(2 * time.Minute))
				_, refunded := p.refunded(t, invoice)
				if tt.after > 0 {
					p.work(t, 1)
					if run := p.run(t, refunded); run.Status != syncrun.StatusWaiting {
						t.Errorf("the memo's run is %s %s%s, want waiting", run.Status, run.SkipReason, run.ErrorCode)
					}
					p.offset.Add(int64(tt.after))
				}
				p.work(t, 1)
				run := p.run(t, refunded)
				if run.Status != syncrun.StatusSkipped || run.SkipReason != tt.want || run.MagentoTotals == nil {
					t.Fatalf("the memo's run is %s %s%s, want skipped %s", run.Status, run.SkipReason, run.ErrorCode, tt.want)
				}
				if last := run.Trace[len(run.Trace)-1]; last.Rule != "invoice_runs" || last.Result != "skip: "+string(tt.want) {
					t.Errorf("the trace ends with %+v", last)
				}
			})
		})
	}
}
