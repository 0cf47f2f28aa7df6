package xero

import (
	"context"

	"golang.org/x/sync/errgroup"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/ports"
)

// Reference reads organisation, accounts, tax rates and currencies, all at
// once.
func (p *Provider) Reference(ctx context.Context, session ports.Session) (books.Reference, error) {
	var (
		organisation struct{ Organisations []organisationIn }
		accounts     struct{ Accounts []accountIn }
		taxRates     struct{ TaxRates []taxRateIn }
		currencies   struct{ Currencies []struct{ Code string } }
	)
	group, ctx := errgroup.WithContext(ctx)
	for path, into := range map[string]any{
		"/Organisation": &organisation,
		"/Accounts":     &accounts,
		"/TaxRates":     &taxRates,
		"/Currencies":   &currencies,
	} {
		group.Go(func() error { return p.readList(ctx, session, path, nil, into) })
	}
	if err := group.Wait(); err != nil {
		return books.Reference{}, err
	}
	if len(organisation.Organisations) == 0 {
		return books.Reference{}, fault.New(fault.CodeProviderUnavailable, "Xero's answer does not describe the organisation.")
	}
	out := books.Reference{
		Organisation: organisation.Organisations[0].neutral(session.OrganisationID),
		Accounts:     make([]books.Account, 0, len(accounts.Accounts)),
		TaxRates:     make([]books.TaxRate, 0, len(taxRates.TaxRates)),
		Currencies:   make([]money.Currency, 0, len(currencies.Currencies)),
		FetchedAt:    p.now(),
	}
	for _, a := range accounts.Accounts {
		out.Accounts = append(out.Accounts, a.neutral())
	}
	for _, t := range taxRates.TaxRates {
		out.TaxRates = append(out.TaxRates, t.neutral())
	}
	for _, c := range currencies.Currencies {
		if code, ok := money.ParseCurrency(c.Code); ok {
			out.Currencies = append(out.Currencies, code)
		}
	}
	return out, nil
}

type organisationIn struct {
	Name              string
	CountryCode       string
	BaseCurrency      string
	Timezone          string
	ShortCode         string
	IsDemoCompany     bool
	PeriodLockDate    wireDate
	EndOfYearLockDate wireDate
}

func (o organisationIn) neutral(id string) books.Organisation {
	base, _ := money.ParseCurrency(o.BaseCurrency)
	return books.Organisation{
		ID:                id,
		Name:              o.Name,
		CountryCode:       o.CountryCode,
		BaseCurrency:      base,
		TimeZone:          zoneName(o.Timezone, o.CountryCode),
		ShortCode:         o.ShortCode,
		PeriodLockDate:    o.PeriodLockDate.Date,
		EndOfYearLockDate: o.EndOfYearLockDate.Date,
		IsDemo:            o.IsDemoCompany,
	}
}

type accountIn struct {
	AccountID               string
	Code                    string
	Name                    string
	Type                    string
	Class                   string
	Status                  string
	TaxType                 string
	SystemAccount           string
	CurrencyCode            string
	EnablePaymentsToAccount bool
}

func (a accountIn) neutral() books.Account {
	currency, _ := money.ParseCurrency(a.CurrencyCode)
	return books.Account{
		ID:              a.AccountID,
		Code:            a.Code,
		Name:            a.Name,
		Type:            a.Type,
		Class:           books.AccountClass(a.Class),
		IsActive:        a.Status == "ACTIVE",
		IsBank:          a.Type == "BANK",
		AcceptsPayments: a.EnablePaymentsToAccount,
		TaxType:         a.TaxType,
		SystemRole:      a.SystemAccount,
		Currency:        currency,
	}
}

type taxRateIn struct {
	TaxType           string
	Name              string
	Status            string
	CanApplyToRevenue bool
	EffectiveRate     *money.Amount
	DisplayTaxRate    *money.Amount
}

func (t taxRateIn) neutral() books.TaxRate {
	out := books.TaxRate{TaxType: t.TaxType, Name: t.Name, IsActive: t.Status == "ACTIVE", TakesSales: t.CanApplyToRevenue}
	switch {
	case t.EffectiveRate != nil:
		out.Percent = *t.EffectiveRate
	case t.DisplayTaxRate != nil:
		out.Percent = *t.DisplayTaxRate
	}
	return out
}
