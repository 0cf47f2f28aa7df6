package settings_test

import (
	"testing"

	"byte8.io/ledger/domain/settings"
)

func TestPaymentRouteTellsUnmappedFromUnpaid(t *testing.T) {
	t.Parallel()
	account := "acc-1"
	s := settings.Settings{PaymentMethodMap: []settings.PaymentRoute{{Method: "stripe_payments", BankAccount: &account}, {Method: "checkmo"}}}
	if r, ok := s.PaymentRoute("stripe_payments"); !ok || r.BankAccount == nil || *r.BankAccount != account {
		t.Errorf("stripe_payments has route %+v, %t", r, ok)
	}
	if r, ok := s.PaymentRoute("checkmo"); !ok || r.BankAccount != nil {
		t.Errorf("checkmo has route %+v, %t, want one without an account", r, ok)
	}
	if r, ok := s.PaymentRoute("free"); ok {
		t.Errorf("free has route %+v, want none", r)
	}
}

func TestItemTypeFindsTheMapping(t *testing.T) {
	t.Parallel()
	for productType, want := range map[string]string{"simple": "PRODUCT", "virtual": "SERVICE", "downloadable": "SERVICE", "bundle": ""} {
		if got, ok := settings.Default().ItemType(productType); got != want || ok != (want != "") {
			t.Errorf("%s is mapped to %q, %t, want %q", productType, got, ok, want)
		}
	}
}
