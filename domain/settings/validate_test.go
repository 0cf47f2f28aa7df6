package settings_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/settings"
)

// valid is settings that use every card and may be saved.
func valid() settings.Settings {
	s := settings.Derive(british())
	bank := "ID-090"
	s.Defaults.TaxType, s.Defaults.BankAccount = "OUTPUT2", "id-090"
	s.PaymentMethodMap = []settings.PaymentRoute{{Method: "checkmo"}, {Method: "stripe_payments", BankAccount: &bank}}
	s.SyncBehaviour.WebsiteFilter = []int64{1}
	s.Commercial.NumberPrefix = "M2-"
	return s
}

// can is what a provider with everything can do.
func can() books.Capabilities {
	return books.Capabilities{
		Items: true, Payments: true, CreditNotes: true, ItemTypes: []string{"PRODUCT", "SERVICE"},
		Statuses: []books.InvoiceStatus{books.StatusAuthorised, books.StatusDraft, books.StatusSubmitted},
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	methods := []commerce.PaymentMethod{{Code: "checkmo"}, {Code: "stripe_payments"}}
	tests := map[string]struct {
		change func(*settings.Settings)
		want   []string
	}{
		"nothing wrong":         {func(*settings.Settings) {}, nil},
		"unset accounts":        {func(s *settings.Settings) { s.Defaults.RevenueAccount, s.Defaults.ShippingAccount = "", "" }, nil},
		"unknown account":       {func(s *settings.Settings) { s.Defaults.RevenueAccount = "777" }, []string{"settings.defaults.revenueAccount not_in_reference"}},
		"archived account":      {func(s *settings.Settings) { s.Defaults.ShippingAccount = "199" }, []string{"settings.defaults.shippingAccount not_in_reference"}},
		"account with a role":   {func(s *settings.Settings) { s.Defaults.RevenueAccount = "201" }, []string{"settings.defaults.revenueAccount not_in_reference"}},
		"inactive tax type":     {func(s *settings.Settings) { s.Defaults.TaxType = "OUTPUT" }, []string{"settings.defaults.taxType not_in_reference"}},
		"sales account as bank": {func(s *settings.Settings) { s.Defaults.BankAccount = "id-200" }, []string{"settings.defaults.bankAccount not_in_reference"}},
		"tolerance below zero":  {func(s *settings.Settings) { s.Defaults.RoundingTolerance = money.Of("-0.01") }, []string{"settings.defaults.roundingTolerance out_of_range"}},
		"tolerance above one":   {func(s *settings.Settings) { s.Defaults.RoundingTolerance = money.Of("1.01") }, []string{"settings.defaults.roundingTolerance out_of_range"}},
		"purchase tax type": {
			func(s *settings.Settings) { s.Defaults.TaxRateMap[0].TaxType = "INPUT2" },
			[]string{"settings.defaults.taxRateMap.0.taxType not_in_reference"},
		},
		"mapping without a type": {
			func(s *settings.Settings) { s.Defaults.TaxRateMap[1].TaxType = "" },
			[]string{"settings.defaults.taxRateMap.1.taxType not_in_reference"},
		},
		"percent of three decimals": {
			func(s *settings.Settings) { s.Defaults.TaxRateMap[0].Percent = money.Of("20.001") },
			[]string{"settings.defaults.taxRateMap.0.percent invalid_format"},
		},
		"percent above 100": {
			func(s *settings.Settings) { s.Defaults.TaxRateMap[0].Percent = money.Of("120") },
			[]string{"settings.defaults.taxRateMap.0.percent out_of_range", "settings.defaults.taxRateMap.0.taxType not_in_reference"},
		},
		"type of another percent": {
			func(s *settings.Settings) { s.Defaults.TaxRateMap[0].TaxType = "RROUTPUT" },
			[]string{"settings.defaults.taxRateMap.0.taxType not_in_reference"},
		},
		"percent mapped twice": {func(s *settings.Settings) {
			s.Defaults.TaxRateMap[1] = settings.TaxRateMapping{Percent: money.Of("20.0"), TaxType: "CUSTOM20"}
		}, []string{"settings.defaults.taxRateMap.1.percent invalid_format"}},
		"percent mapped by group": {func(s *settings.Settings) {
			s.Defaults.TaxRateMap[1] = settings.TaxRateMapping{Percent: money.Of("20"), CountryGroup: settings.CountryEU, TaxType: "OUTPUT2"}
		}, nil},
		"unknown country group": {
			func(s *settings.Settings) { s.Defaults.TaxRateMap[0].CountryGroup = "MOON" },
			[]string{"settings.defaults.taxRateMap.0.countryGroup invalid_format"},
		},
		"unknown method": {
			func(s *settings.Settings) { s.PaymentMethodMap[0].Method = "barter" },
			[]string{"settings.paymentMethodMap.0.method not_in_reference"},
		},
		"method routed twice": {
			func(s *settings.Settings) { s.PaymentMethodMap[1].Method = "checkmo" },
			[]string{"settings.paymentMethodMap.1.method invalid_format"},
		},
		"method without a name": {
			func(s *settings.Settings) { s.PaymentMethodMap[0].Method = "" },
			[]string{"settings.paymentMethodMap.0.method invalid_format"},
		},
		"unknown bank account": {
			func(s *settings.Settings) { unknown := "id-x"; s.PaymentMethodMap[1].BankAccount = &unknown },
			[]string{"settings.paymentMethodMap.1.bankAccount not_in_reference"},
		},
		"item type twice": {
			func(s *settings.Settings) { s.ItemTypeMap[1].ProductType = "simple" },
			[]string{"settings.itemTypeMap.1.productType invalid_format"},
		},
		"unknown item type": {
			func(s *settings.Settings) { s.ItemTypeMap[0].ItemType = "BUNDLE" },
			[]string{"settings.itemTypeMap.0.itemType not_in_reference"},
		},
		"item type unset":    {func(s *settings.Settings) { s.ItemTypeMap[0].ItemType = "" }, []string{"settings.itemTypeMap.0.itemType not_in_reference"}},
		"website zero":       {func(s *settings.Settings) { s.SyncBehaviour.WebsiteFilter = []int64{1, 0} }, []string{"settings.syncBehaviour.websiteFilter out_of_range"}},
		"store below zero":   {func(s *settings.Settings) { s.SyncBehaviour.StoreFilter = []int64{-1} }, []string{"settings.syncBehaviour.storeFilter out_of_range"}},
		"prefix not ASCII":   {func(s *settings.Settings) { s.Commercial.NumberPrefix = "№" }, []string{"settings.commercial.numberPrefix invalid_format"}},
		"prefix with blanks": {func(s *settings.Settings) { s.Commercial.NumberPrefix = "M2 " }, []string{"settings.commercial.numberPrefix invalid_format"}},
		"prefix too long": {
			func(s *settings.Settings) { s.Commercial.NumberPrefix = "0123456789012345678901234567890" },
			[]string{"settings.commercial.numberPrefix out_of_range"},
		},
		"unknown priority":   {func(s *settings.Settings) { s.Commercial.CustomerNamePriority = "Company" }, []string{"settings.commercial.customerNamePriority invalid_format"}},
		"status PAID":        {func(s *settings.Settings) { s.Commercial.InitialStatus = "PAID" }, []string{"settings.commercial.initialStatus not_in_reference"}},
		"terms below zero":   {func(s *settings.Settings) { s.Commercial.PaymentTermsDays = -1 }, []string{"settings.commercial.paymentTermsDays out_of_range"}},
		"terms of 366 days":  {func(s *settings.Settings) { s.Commercial.PaymentTermsDays = 366 }, []string{"settings.commercial.paymentTermsDays out_of_range"}},
		"terms of no days":   {func(s *settings.Settings) { s.Commercial.PaymentTermsDays = 0 }, nil},
		"unknown settlement": {func(s *settings.Settings) { s.Commercial.CreditNoteSettlement = "" }, []string{"settings.commercial.creditNoteSettlement invalid_format"}},
		"two fields": {
			func(s *settings.Settings) { s.Defaults.RevenueAccount, s.Commercial.PaymentTermsDays = "777", -1 },
			[]string{"settings.defaults.revenueAccount not_in_reference", "settings.commercial.paymentTermsDays out_of_range"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := valid()
			test.change(&s)
			var got []string
			for _, f := range settings.Validate(s, british(), methods, can()) {
				got = append(got, f.Path+" "+f.Code)
				if f.Message == "" {
					t.Errorf("%s has no message", f.Path)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValidateTakesAnyMethodWhenTheShopCannotListThem(t *testing.T) {
	t.Parallel()
	s := valid()
	s.PaymentMethodMap[0].Method = "barter"
	if got := settings.Validate(s, british(), nil, can()); len(got) > 0 {
		t.Errorf("Validate without a list of methods: %+v", got)
	}
	if got := settings.Validate(s, british(), []commerce.PaymentMethod{}, can()); len(got) != 2 {
		t.Errorf("Validate with an empty list of methods: %+v, want both routes refused", got)
	}
}

func TestVersionOneIsDerived(t *testing.T) {
	t.Parallel()
	if !(settings.Version{Author: settings.SystemAuthor}).IsDerived() || (settings.Version{Author: "owner@shop.example"}).IsDerived() {
		t.Error("only what the system wrote is derived")
	}
	if settings.Default().Commercial.InitialStatus != books.StatusAuthorised {
		t.Error("documents are not authorised by default")
	}
}
