package settings_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/settings"
)

func account(code, kind string) books.Account {
	return books.Account{ID: "id-" + code, Code: code, Name: code, Type: kind, Class: books.ClassRevenue, IsActive: true}
}

func rate(taxType, percent string) books.TaxRate {
	return books.TaxRate{TaxType: taxType, Percent: money.Of(percent), IsActive: true, TakesSales: true}
}

// british is a chart as Xero sets one up in the United Kingdom.
func british() books.Reference {
	archived, system, bank := account("199", "SALES"), account("201", "SALES"), account("090", "BANK")
	archived.IsActive = false
	system.SystemRole = "SALESCLEARING"
	bank.Class, bank.IsBank = "ASSET", true
	inactive, purchases := rate("OUTPUT", "17.5"), rate("INPUT2", "20")
	inactive.IsActive, purchases.TakesSales = false, false
	return books.Reference{
		Organisation: books.Organisation{CountryCode: "GB", BaseCurrency: "GBP"},
		Accounts:     []books.Account{bank, archived, account("150", "SALES"), account("200", "SALES"), system},
		TaxRates: []books.TaxRate{
			rate("EXEMPTOUTPUT", "0"), rate("ECZROUTPUT", "0"), rate("ZERORATEDOUTPUT", "0"), rate("NONE", "0"),
			rate("RROUTPUT", "5"), purchases, rate("OUTPUT2", "20"), rate("CUSTOM20", "20"), inactive,
		},
	}
}

func percents(mappings []settings.TaxRateMapping) map[string]string {
	out := map[string]string{}
	for _, m := range mappings {
		out[m.Percent.Fixed(2)+string(m.CountryGroup)] = m.TaxType
	}
	return out
}

func TestDeriveForTheUnitedKingdom(t *testing.T) {
	t.Parallel()
	got := settings.Derive(british())
	if got.Defaults.RevenueAccount != "200" || got.Defaults.ShippingAccount != "200" {
		t.Errorf("accounts %q and %q, want 200 before any other", got.Defaults.RevenueAccount, got.Defaults.ShippingAccount)
	}
	want := map[string]string{"20.00": "OUTPUT2", "5.00": "RROUTPUT", "0.00": "ZERORATEDOUTPUT"}
	if diff := cmp.Diff(want, percents(got.Defaults.TaxRateMap)); diff != "" {
		t.Errorf("tax rate map (-want +got):\n%s", diff)
	}
	if got.Defaults.BankAccount != "" {
		t.Errorf("bank account %q, want a person's choice", got.Defaults.BankAccount)
	}
	if got.Commercial.PaymentTermsDays != 30 || got.Commercial.InitialStatus != books.StatusAuthorised || !got.SyncBehaviour.SyncUnpaidInvoices {
		t.Errorf("the defaults are gone: %+v", got)
	}
	if fields := settings.Validate(got, british(), nil, can()); len(fields) > 0 {
		t.Errorf("derived settings cannot be saved: %+v", fields)
	}
}

func TestDeriveTakesTheFirstSalesAccountWithoutA200(t *testing.T) {
	t.Parallel()
	ref := british()
	ref.Accounts = []books.Account{account("400", "REVENUE"), account("310", "SALES"), account("100", "OTHERINCOME")}
	if got := settings.Derive(ref).Defaults.RevenueAccount; got != "310" {
		t.Errorf("revenue account %q, want 310", got)
	}
	ref.Accounts = nil
	if got := settings.Derive(ref).Defaults.RevenueAccount; got != "" {
		t.Errorf("revenue account %q of an empty chart", got)
	}
}

func TestDeriveLeavesAnAmbiguousRateUnmapped(t *testing.T) {
	t.Parallel()
	ref := british()
	ref.Organisation.CountryCode = "DE"
	ref.TaxRates = []books.TaxRate{rate("A", "19"), rate("B", "7"), rate("C", "7")}
	if diff := cmp.Diff(map[string]string{"19.00": "A"}, percents(settings.Derive(ref).Defaults.TaxRateMap)); diff != "" {
		t.Errorf("tax rate map (-want +got):\n%s", diff)
	}
}

func TestTaxTypeForPrefersTheCountryGroup(t *testing.T) {
	t.Parallel()
	d := settings.Defaults{TaxRateMap: []settings.TaxRateMapping{
		{Percent: money.Of("0.00"), TaxType: "ANY"},
		{Percent: money.Of("0"), CountryGroup: settings.CountryEU, TaxType: "EU"},
		{Percent: money.Of("20"), CountryGroup: settings.CountryHome, TaxType: "HOME"},
		{Percent: money.Of("5"), TaxType: ""},
	}}
	for _, test := range []struct {
		percent string
		group   settings.CountryGroup
		want    string
		ok      bool
	}{
		{"0", settings.CountryEU, "EU", true},
		{"0.0", settings.CountryWorld, "ANY", true},
		{"0", "", "ANY", true},
		{"20.00", settings.CountryHome, "HOME", true},
		{"20", settings.CountryEU, "", false},
		{"20", "", "", false},
		{"5", settings.CountryHome, "", false},
		{"17.5", "", "", false},
	} {
		if got, ok := d.TaxTypeFor(money.Of(test.percent), test.group); got != test.want || ok != test.ok {
			t.Errorf("TaxTypeFor(%s, %q) = %q, %t, want %q, %t", test.percent, test.group, got, ok, test.want, test.ok)
		}
	}
}
