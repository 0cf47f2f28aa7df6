package graph

import (
	"time"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/graph/model"
	"byte8.io/ledger/graph/scalar"
)

func shapeReference(ref books.Reference, now time.Time) *model.ReferenceData {
	o := ref.Organisation
	return &model.ReferenceData{
		Organisation: &model.ReferenceOrganisation{
			ID: o.ID, Name: o.Name, CountryCode: o.CountryCode, BaseCurrency: string(o.BaseCurrency), TimeZone: known(o.TimeZone),
			PeriodLockDate: known(o.PeriodLockDate), EndOfYearLockDate: known(o.EndOfYearLockDate), IsDemo: o.IsDemo,
		},
		Accounts:   shaped(ref.Accounts, shapeAccount),
		TaxRates:   shaped(ref.TaxRates, shapeTaxRate),
		Currencies: texts(ref.Currencies),
		FetchedAt:  ref.FetchedAt,
		IsStale:    ref.IsStale(now),
	}
}

func shapeAccount(a books.Account) model.Account {
	return model.Account{
		ID: a.ID, Code: known(a.Code), Name: a.Name, Type: a.Type, Class: string(a.Class), IsActive: a.IsActive,
		TakesSales: a.TakesSales(), TakesPayments: a.TakesPayments(), TaxType: known(a.TaxType),
		SystemRole: known(a.SystemRole), Currency: knownText(a.Currency),
	}
}

func shapeTaxRate(r books.TaxRate) model.TaxRate {
	return model.TaxRate{
		TaxType: r.TaxType, Name: r.Name, Percent: scalar.FixedDecimal(r.Percent, max(percentPlaces, r.Percent.Places())),
		IsActive: r.IsActive, TakesSales: r.TakesSales,
	}
}
