package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/settings"
)

// The accounts of the fake Xero that the demo pays into, and the method whose
// payments it leaves to a person.
const (
	demoBankAccount   = "090"
	demoPayPalAccount = "095"
	demoCardAccount   = "605"
	demoUnpaidMethod  = "klarna_kp"
)

// lockBooks closes the books up to three months ago, so that the shop's late
// invoice falls into a locked period.
func (d *demo) lockBooks(ctx context.Context) error {
	locked := clock().AddDate(0, -3, 0).Format(time.DateOnly)
	if err := d.books().call(ctx, http.MethodPut, "/_sandbox/organisation", map[string]string{"periodLockDate": locked}, nil); err != nil {
		return fmt.Errorf("locking a period: %w", err)
	}
	return nil
}

// configure switches payments and products on, and leaves out what is older
// than a year.
func (d *demo) configure(ctx context.Context, bindingID string) error {
	as := access.System(access.TenantID(d.tenant))
	bound, err := d.ledger.app.FindBinding(ctx, as, bindingID)
	if err != nil {
		return fmt.Errorf("finding the binding: %w", err)
	}
	current, err := d.ledger.app.ReadSettings(ctx, as, bound)
	if err != nil {
		return err
	}
	reference, err := d.ledger.app.ReadReferenceData(ctx, as, bound)
	if err != nil {
		return err
	}
	chosen, err := demoSettings(current.Settings, reference, clock().AddDate(-1, 0, 0))
	if err != nil {
		return err
	}
	_, err = d.ledger.app.UpdateSettings(ctx, as, app.UpdateSettings{BindingID: bindingID, ExpectedVersion: current.Number, Settings: chosen})
	if err != nil {
		return fmt.Errorf("saving the settings: %w", err)
	}
	return nil
}

func demoSettings(s settings.Settings, ref books.Reference, since time.Time) (settings.Settings, error) {
	accounts := map[string]string{}
	for _, code := range []string{demoBankAccount, demoPayPalAccount, demoCardAccount} {
		account, ok := ref.Account(code)
		if !ok {
			return s, fmt.Errorf("the organisation has no account %s", code)
		}
		accounts[code] = account.ID
	}
	into := func(method, code string) settings.PaymentRoute {
		id := accounts[code]
		return settings.PaymentRoute{Method: method, BankAccount: &id}
	}
	since = since.UTC().Truncate(time.Second)
	s.SyncBehaviour.SyncProducts = true
	s.SyncBehaviour.SyncSince = &since
	s.Defaults.BankAccount = accounts[demoBankAccount]
	s.PaymentMethodMap = []settings.PaymentRoute{
		into("stripe_payments", demoCardAccount),
		into("adyen_cc", demoCardAccount),
		into("paypal_express", demoPayPalAccount),
		{Method: demoUnpaidMethod},
	}
	return s, nil
}
