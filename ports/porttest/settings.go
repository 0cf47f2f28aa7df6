package porttest

import (
	"testing"
	"time"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/ports"
)

var settingsPromises = []promise{
	{"AddSettings/stores the version and makes it the newest", addsSettings},
	{"AddSettings/another newest version is a Conflict", addsNoStaleSettings},
	{"AddSettings/of many at once one is stored", addsOneOfManySettings},
	{"AddSettings/a stranger's binding is NotFound", addsNoForeignSettings},
	{"ListSettings/pages newest first", listsSettings},
	{"ListSettings/a stranger's binding has none", listsNoForeignSettings},
	{"FindSettings/a stranger's or unknown version is NotFound", findsNoForeignSettings},
	{"PutReference/replaces what is cached", putsReference},
	{"PutReference/a stranger's binding is NotFound", putsNoForeignReference},
	{"FindReference/a stranger's or missing one is NotFound", findsNoForeignReference},
}

func (w *world) settings(number int) settings.Version {
	since := w.now.Add(-24 * time.Hour)
	s := settings.Default()
	s.SyncBehaviour.SyncSince = &since
	s.Defaults.RevenueAccount = "200"
	s.Defaults.TaxRateMap = []settings.TaxRateMapping{{Percent: money.Of("20.00"), TaxType: "OUTPUT2"}}
	return settings.Version{TenantID: w.tenant, BindingID: w.binding.ID, Number: number, Author: settings.SystemAuthor, Settings: s, CreatedAt: w.now}
}

func addsSettings(t *testing.T, w *world) {
	for number := 1; number <= 2; number++ {
		v := w.settings(number)
		need(t, "AddSettings", w.Bindings.AddSettings(t.Context(), v))
		same(t, "FindSettings", must(w.Bindings.FindSettings(t.Context(), w.tenant, w.binding.ID, number))(t, "FindSettings"), v)
		if got := must(w.Bindings.FindBinding(t.Context(), w.tenant, w.binding.ID))(t, "FindBinding").SettingsVersion; got != number {
			t.Errorf("FindBinding has settings version %d, want %d", got, number)
		}
	}
}

func addsNoStaleSettings(t *testing.T, w *world) {
	need(t, "AddSettings", w.Bindings.AddSettings(t.Context(), w.settings(1)))
	wantFault(t, "AddSettings with a used number", w.Bindings.AddSettings(t.Context(), w.settings(1)), fault.CodeConflict)
	wantFault(t, "AddSettings with a gap", w.Bindings.AddSettings(t.Context(), w.settings(3)), fault.CodeConflict)
}

func addsOneOfManySettings(t *testing.T, w *world) {
	errs := make([]error, 10)
	together(len(errs), func(i int) { errs[i] = w.Bindings.AddSettings(t.Context(), w.settings(1)) })
	stored := 0
	for _, err := range errs {
		if err == nil {
			stored++
			continue
		}
		wantFault(t, "AddSettings beside others", err, fault.CodeConflict)
	}
	if stored != 1 {
		t.Errorf("%d of %d calls stored the version", stored, len(errs))
	}
}

func addsNoForeignSettings(t *testing.T, w *world) {
	v := w.settings(1)
	v.TenantID = w.stranger(t).tenant
	wantFault(t, "AddSettings by a stranger", w.Bindings.AddSettings(t.Context(), v), fault.CodeNotFound)
}

func findsNoForeignSettings(t *testing.T, w *world) {
	need(t, "AddSettings", w.Bindings.AddSettings(t.Context(), w.settings(1)))
	_, err := w.Bindings.FindSettings(t.Context(), w.stranger(t).tenant, w.binding.ID, 1)
	wantFault(t, "FindSettings by a stranger", err, fault.CodeNotFound)
	_, err = w.Bindings.FindSettings(t.Context(), w.tenant, w.binding.ID, 2)
	wantFault(t, "FindSettings of an unknown version", err, fault.CodeNotFound)
}

func (w *world) reference() books.Reference {
	return books.Reference{
		Organisation: books.Organisation{ID: "org-1", Name: "Sample Ltd", CountryCode: "GB", BaseCurrency: "GBP", TimeZone: "Europe/London", PeriodLockDate: books.Date{Year: 2025, Month: time.December, Day: 31}},
		Accounts:     []books.Account{{ID: "a-1", Code: "200", Name: "Sales", Type: "REVENUE", Class: books.ClassRevenue, IsActive: true}},
		TaxRates:     []books.TaxRate{{TaxType: "OUTPUT2", Name: "20% (VAT on Income)", Percent: money.Of("20"), IsActive: true, TakesSales: true}},
		Currencies:   []money.Currency{"GBP", "EUR"},
		FetchedAt:    w.now,
	}
}

func putsReference(t *testing.T, w *world) {
	ref := w.reference()
	need(t, "PutReference", w.Bindings.PutReference(t.Context(), w.tenant, w.binding.ID, ref))
	ref.Currencies, ref.FetchedAt = []money.Currency{"GBP"}, w.now.Add(time.Hour)
	need(t, "PutReference", w.Bindings.PutReference(t.Context(), w.tenant, w.binding.ID, ref))
	same(t, "FindReference", must(w.Bindings.FindReference(t.Context(), w.tenant, w.binding.ID))(t, "FindReference"), ref)
}

func putsNoForeignReference(t *testing.T, w *world) {
	need(t, "PutReference", w.Bindings.PutReference(t.Context(), w.tenant, w.binding.ID, w.reference()))
	err := w.Bindings.PutReference(t.Context(), w.stranger(t).tenant, w.binding.ID, books.Reference{})
	wantFault(t, "PutReference by a stranger", err, fault.CodeNotFound)
	same(t, "FindReference", must(w.Bindings.FindReference(t.Context(), w.tenant, w.binding.ID))(t, "FindReference"), w.reference())
}

func findsNoForeignReference(t *testing.T, w *world) {
	_, err := w.Bindings.FindReference(t.Context(), w.tenant, w.binding.ID)
	wantFault(t, "FindReference before any", err, fault.CodeNotFound)
	need(t, "PutReference", w.Bindings.PutReference(t.Context(), w.tenant, w.binding.ID, w.reference()))
	_, err = w.Bindings.FindReference(t.Context(), w.stranger(t).tenant, w.binding.ID)
	wantFault(t, "FindReference by a stranger", err, fault.CodeNotFound)
}

func listsSettings(t *testing.T, w *world) {
	for number := 1; number <= 5; number++ {
		need(t, "AddSettings", w.Bindings.AddSettings(t.Context(), w.settings(number)))
	}
	var got []int
	page := ports.Page{First: 2}
	for {
		found := must(w.Bindings.ListSettings(t.Context(), w.tenant, w.binding.ID, page))(t, "ListSettings")
		for _, v := range found.Rows {
			same(t, "ListSettings", v, w.settings(v.Number))
			got = append(got, v.Number)
		}
		if !found.HasNext {
			break
		}
		page.After = found.Cursors[len(found.Cursors)-1]
	}
	same(t, "ListSettings in pages of two", got, []int{5, 4, 3, 2, 1})
	_, err := w.Bindings.ListSettings(t.Context(), w.tenant, w.binding.ID, ports.Page{First: 1, After: "not a cursor"})
	wantFault(t, "ListSettings after nonsense", err, fault.CodeInvalid)
}

func listsNoForeignSettings(t *testing.T, w *world) {
	need(t, "AddSettings", w.Bindings.AddSettings(t.Context(), w.settings(1)))
	found := must(w.Bindings.ListSettings(t.Context(), w.stranger(t).tenant, w.binding.ID, ports.Page{First: 10}))(t, "ListSettings")
	same(t, "ListSettings as a stranger", len(found.Rows), 0)
}
