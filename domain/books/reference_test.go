package books_test

import (
	"testing"

	"byte8.io/ledger/domain/books"
)

func TestAccountsTakeSalesAndPayments(t *testing.T) {
	t.Parallel()
	sales := books.Account{Code: "200", Class: books.ClassRevenue, IsActive: true}
	tests := map[string]struct {
		change          func(*books.Account)
		sales, payments bool
	}{
		"a sales account":   {func(*books.Account) {}, true, false},
		"archived":          {func(a *books.Account) { a.IsActive, a.IsBank = false, true }, false, false},
		"another class":     {func(a *books.Account) { a.Class = "EXPENSE" }, false, false},
		"with a role":       {func(a *books.Account) { a.SystemRole = "DEBTORS" }, false, false},
		"without a code":    {func(a *books.Account) { a.Code = "" }, false, false},
		"a bank account":    {func(a *books.Account) { a.Class, a.IsBank = "ASSET", true }, false, true},
		"open for payments": {func(a *books.Account) { a.Class, a.AcceptsPayments = "ASSET", true }, false, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := sales
			test.change(&a)
			if a.TakesSales() != test.sales || a.TakesPayments() != test.payments {
				t.Errorf("%+v: TakesSales %t, TakesPayments %t", a, a.TakesSales(), a.TakesPayments())
			}
		})
	}
}

func TestReferenceFinds(t *testing.T) {
	t.Parallel()
	ref := books.Reference{
		Organisation: books.Organisation{BaseCurrency: "GBP"}, Currencies: nil,
		Accounts: []books.Account{
			{ID: "A", Code: "", IsActive: true, SystemRole: books.SystemRoleRounding},
			{ID: "b", Code: "860", SystemRole: books.SystemRoleRounding},
			{ID: "c", Code: "861", IsActive: true, SystemRole: books.SystemRoleRounding},
		},
		TaxRates: []books.TaxRate{{TaxType: "NONE"}},
	}
	if a, ok := ref.RoundingAccount(); !ok || a.Code != "861" {
		t.Errorf("RoundingAccount = %+v, %t, want the active one with a code", a, ok)
	}
	if a, ok := ref.Account("860"); !ok || a.ID != "b" {
		t.Errorf("Account(860) = %+v, %t", a, ok)
	}
	if a, ok := ref.Account(""); ok {
		t.Errorf("Account of no code = %+v", a)
	}
	if a, ok := ref.AccountByID("a"); !ok || a.ID != "A" {
		t.Errorf("AccountByID(a) = %+v, %t, want ids compared without case", a, ok)
	}
	if _, ok := ref.AccountByID(""); ok {
		t.Error("an account is found by no id")
	}
	if _, ok := ref.TaxRate("NONE"); !ok {
		t.Error("TaxRate(NONE) is not found")
	}
	if _, ok := ref.TaxRate("none"); ok {
		t.Error("tax types are compared without case")
	}
	if !ref.HasCurrency("GBP") || ref.HasCurrency("EUR") {
		t.Error("the base currency alone is used")
	}
}
