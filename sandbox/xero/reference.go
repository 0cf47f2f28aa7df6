package xero

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

type accountView struct {
	AccountID               string `json:"AccountID"`
	Code                    string `json:"Code,omitempty"`
	Name                    string `json:"Name,omitempty"`
	Status                  string `json:"Status,omitempty"`
	Type                    string `json:"Type,omitempty"`
	TaxType                 string `json:"TaxType,omitempty"`
	Class                   string `json:"Class,omitempty"`
	SystemAccount           string `json:"SystemAccount,omitempty"`
	EnablePaymentsToAccount bool   `json:"EnablePaymentsToAccount"`
	ShowInExpenseClaims     bool   `json:"ShowInExpenseClaims"`
	BankAccountNumber       string `json:"BankAccountNumber,omitempty"`
	BankAccountType         string `json:"BankAccountType,omitempty"`
	CurrencyCode            string `json:"CurrencyCode,omitempty"`
	HasAttachments          bool   `json:"HasAttachments"`
	UpdatedDateUTC          string `json:"UpdatedDateUTC"`
}

func (a *account) view() accountView {
	return accountView{
		AccountID: a.id, Code: a.Code, Name: a.Name, Status: a.Status, Type: a.Type, TaxType: a.TaxType, Class: a.Class,
		SystemAccount: a.SystemAccount, EnablePaymentsToAccount: a.EnablePayments, BankAccountNumber: a.BankNumber,
		BankAccountType: a.BankAccountType, CurrencyCode: a.CurrencyCode, UpdatedDateUTC: msDate(a.updated),
	}
}

func (a *account) field(name string) (any, bool) {
	switch name {
	case "AccountID":
		return a.id, true
	case "Code":
		return a.Code, true
	case "Name":
		return a.Name, true
	case "Type":
		return a.Type, true
	case "Class":
		return a.Class, true
	case "Status":
		return a.Status, true
	case "SystemAccount":
		return a.SystemAccount, true
	case "EnablePaymentsToAccount":
		return a.EnablePayments, true
	default:
		return nil, false
	}
}

func (c *call) listAccounts() answer {
	found, refused := query(c, c.organisation.accounts)
	if refused != nil {
		return *refused
	}
	since, refused := c.modifiedSince()
	if refused != nil {
		return *refused
	}
	views := []accountView{}
	for _, a := range found {
		if a.updated.After(since) {
			views = append(views, a.view())
		}
	}
	return c.envelope("Accounts", views, nil)
}

func (c *call) readAccount() answer {
	a := c.organisation.account("", c.request.PathValue("ref"))
	if a == nil {
		return absent()
	}
	return c.envelope("Accounts", []accountView{a.view()}, nil)
}

type taxComponentView struct {
	Name             string `json:"Name"`
	Rate             amount `json:"Rate"`
	IsCompound       bool   `json:"IsCompound"`
	IsNonRecoverable bool   `json:"IsNonRecoverable"`
}

type taxRateView struct {
	Name                  string             `json:"Name"`
	TaxType               string             `json:"TaxType"`
	ReportTaxType         string             `json:"ReportTaxType,omitempty"`
	CanApplyToAssets      bool               `json:"CanApplyToAssets"`
	CanApplyToEquity      bool               `json:"CanApplyToEquity"`
	CanApplyToExpenses    bool               `json:"CanApplyToExpenses"`
	CanApplyToLiabilities bool               `json:"CanApplyToLiabilities"`
	CanApplyToRevenue     bool               `json:"CanApplyToRevenue"`
	DisplayTaxRate        amount             `json:"DisplayTaxRate"`
	EffectiveRate         amount             `json:"EffectiveRate"`
	Status                string             `json:"Status"`
	TaxComponents         []taxComponentView `json:"TaxComponents"`
}

func (t *TaxRate) active() bool { return t.Status == "" || t.Status == "ACTIVE" }

func (t *TaxRate) fits(class string) bool { return slices.Contains(t.Classes, class) }

func (t *TaxRate) field(name string) (any, bool) {
	switch name {
	case "Name":
		return t.Name, true
	case "TaxType":
		return t.TaxType, true
	case "Status":
		return t.view().Status, true
	default:
		return nil, false
	}
}

func (t *TaxRate) view() taxRateView {
	status := t.Status
	if t.active() {
		status = "ACTIVE"
	}
	return taxRateView{
		Name: t.Name, TaxType: t.TaxType, ReportTaxType: t.ReportType,
		CanApplyToAssets: t.fits("ASSET"), CanApplyToEquity: t.fits("EQUITY"), CanApplyToExpenses: t.fits("EXPENSE"),
		CanApplyToLiabilities: t.fits("LIABILITY"), CanApplyToRevenue: t.fits("REVENUE"),
		DisplayTaxRate: amount(t.Percent), EffectiveRate: amount(t.Percent), Status: status,
		TaxComponents: []taxComponentView{{Name: "VAT", Rate: amount(t.Percent)}},
	}
}

func (c *call) listTaxRates() answer {
	rates := c.organisation.profile.TaxRates
	pointers := make([]*TaxRate, 0, len(rates))
	for i := range rates {
		pointers = append(pointers, &rates[i])
	}
	found, refused := query(c, pointers)
	if refused != nil {
		return *refused
	}
	views := []taxRateView{}
	for _, t := range found {
		views = append(views, t.view())
	}
	return c.envelope("TaxRates", views, nil)
}

func (c *call) listCurrencies() answer {
	views := []map[string]string{}
	for _, currency := range c.organisation.profile.Currencies {
		views = append(views, map[string]string{"Code": currency.Code, "Description": currency.Description})
	}
	return c.envelope("Currencies", views, nil)
}

func (c *call) listBrandingThemes() answer {
	o := c.organisation
	views := []map[string]any{}
	for i, name := range o.profile.BrandingThemes {
		views = append(views, map[string]any{
			"BrandingThemeID": o.stableID("theme", name), "Name": name, "Type": "INVOICE", "SortOrder": i, "CreatedDateUTC": msDate(o.created),
		})
	}
	return c.envelope("BrandingThemes", views, nil)
}

func (o *organisation) hasTheme(id string) bool {
	return slices.ContainsFunc(o.profile.BrandingThemes, func(name string) bool {
		return strings.EqualFold(o.stableID("theme", name), id)
	})
}

func (c *call) listTrackingCategories() answer {
	views := []map[string]any{}
	for _, t := range c.organisation.tracking {
		options := []map[string]any{}
		for _, name := range t.Options {
			options = append(options, map[string]any{
				"TrackingOptionID": t.options[strings.ToLower(name)], "Name": name, "Status": "ACTIVE", "TrackingCategoryID": t.id,
			})
		}
		views = append(views, map[string]any{"TrackingCategoryID": t.id, "Name": t.Name, "Status": "ACTIVE", "Options": options})
	}
	return c.envelope("TrackingCategories", views, nil)
}

func (c *call) readOrganisation() answer {
	o := c.organisation
	p := o.profile
	view := map[string]any{
		"OrganisationID": o.stableID("organisation", ""), "Name": p.Name, "LegalName": p.Name, "PaysTax": true,
		"Version": p.Version, "OrganisationType": "COMPANY", "OrganisationEntityType": "COMPANY", "BaseCurrency": p.BaseCurrency,
		"CountryCode": p.CountryCode, "IsDemoCompany": p.IsDemoCompany, "OrganisationStatus": "ACTIVE",
		"FinancialYearEndDay": 31, "FinancialYearEndMonth": 3, "SalesTaxBasis": "ACCRUALS", "SalesTaxPeriod": "QUARTERLY1",
		"DefaultSalesTax": "Tax Exclusive", "DefaultPurchasesTax": "Tax Exclusive", "CreatedDateUTC": msDate(o.created),
		"Timezone": p.Timezone, "ShortCode": p.ShortCode, "Class": "PREMIUM", "Edition": "BUSINESS",
		"Addresses": []any{}, "Phones": []any{}, "ExternalLinks": []any{}, "PaymentTerms": map[string]any{},
	}
	if !o.periodLock.IsZero() {
		view["PeriodLockDate"] = msDate(o.periodLock)
	}
	if !o.yearLock.IsZero() {
		view["EndOfYearLockDate"] = msDate(o.yearLock)
	}
	return c.envelope("Organisations", []any{view}, nil)
}

// percentOf is the tax on a net amount, or the tax contained in a gross one,
// rounded half away from zero to two places.
func (t *TaxRate) percentOf(value decimal.Decimal, contained bool) decimal.Decimal {
	base := decimal.NewFromInt(100)
	if contained {
		base = base.Add(t.Percent)
	}
	return value.Mul(t.Percent).DivRound(base, 12).Round(2)
}
