package xero

import "github.com/shopspring/decimal"

// Organisation describes a company file as it stands when the sandbox starts.
type Organisation struct {
	TenantID           string
	Name               string
	ShortCode          string
	BaseCurrency       string
	CountryCode        string
	Timezone           string // Xero's name for it, such as GMTSTANDARDTIME
	Version            string
	IsDemoCompany      bool
	PeriodLockDate     string // YYYY-MM-DD or empty
	EndOfYearLockDate  string // YYYY-MM-DD or empty
	Accounts           []Account
	TaxRates           []TaxRate
	Currencies         []Currency
	BrandingThemes     []string // by sort order
	TrackingCategories []TrackingCategory
}

// Account is a line of the chart of accounts.
type Account struct {
	Code            string
	Name            string
	Type            string
	Class           string
	TaxType         string
	Status          string // ACTIVE when empty
	SystemAccount   string
	BankAccountType string
	BankNumber      string
	CurrencyCode    string
	EnablePayments  bool
}

// TaxRate is a tax type with its percentage and the account classes it fits.
type TaxRate struct {
	TaxType    string
	Name       string
	Percent    decimal.Decimal
	Status     string // ACTIVE when empty
	ReportType string
	Classes    []string
}

// Currency is a currency that the organisation subscribes to, and the day rate
// that the sandbox uses for documents without a rate.
type Currency struct {
	Code        string
	Description string
	Rate        decimal.Decimal // units for one unit of the base currency; 1 when zero
}

// TrackingCategory is an active category with its active options.
type TrackingCategory struct {
	Name    string
	Options []string
}

// UKOrganisation is a British limited company: pounds, euros and dollars, the
// usual chart of accounts, and the VAT types of a registered business.
func UKOrganisation(tenantID, name string) Organisation {
	return Organisation{
		TenantID:       tenantID,
		Name:           name,
		ShortCode:      "!SBX01",
		BaseCurrency:   "GBP",
		CountryCode:    "GB",
		Timezone:       "GMTSTANDARDTIME",
		Version:        "UK",
		Accounts:       ukAccounts(),
		TaxRates:       ukTaxRates(),
		BrandingThemes: []string{"Standard", "Webshop"},
		Currencies: []Currency{
			{Code: "GBP", Description: "British Pound", Rate: decimal.NewFromInt(1)},
			{Code: "EUR", Description: "Euro", Rate: decimal.RequireFromString("1.16")},
			{Code: "USD", Description: "United States Dollar", Rate: decimal.RequireFromString("1.31")},
		},
		TrackingCategories: []TrackingCategory{{Name: "Channel", Options: []string{"UK webshop", "EU webshop"}}},
	}
}

func ukAccounts() []Account {
	return []Account{
		{Code: "090", Name: "Business Bank Account", Type: "BANK", Class: "ASSET", TaxType: "NONE", BankAccountType: "BANK", BankNumber: "20000012345678", CurrencyCode: "GBP"},
		{Code: "095", Name: "PayPal", Type: "BANK", Class: "ASSET", TaxType: "NONE", BankAccountType: "PAYPAL", BankNumber: "paypal@sandbox.test", CurrencyCode: "GBP"},
		{Code: "200", Name: "Sales", Type: "SALES", Class: "REVENUE", TaxType: "OUTPUT2"},
		{Code: "260", Name: "Other Revenue", Type: "REVENUE", Class: "REVENUE", TaxType: "OUTPUT2"},
		{Code: "270", Name: "Interest Income", Type: "REVENUE", Class: "REVENUE", TaxType: "NONE"},
		{Code: "299", Name: "Old Sales", Type: "SALES", Class: "REVENUE", TaxType: "OUTPUT2", Status: "ARCHIVED"},
		{Code: "310", Name: "Cost of Goods Sold", Type: "DIRECTCOSTS", Class: "EXPENSE", TaxType: "INPUT2"},
		{Code: "404", Name: "Bank Fees", Type: "EXPENSE", Class: "EXPENSE", TaxType: "NONE"},
		{Code: "425", Name: "Postage, Freight & Courier", Type: "EXPENSE", Class: "EXPENSE", TaxType: "ZERORATEDINPUT"},
		{Code: "498", Name: "Unrealised Currency Gains", Type: "EXPENSE", Class: "EXPENSE", TaxType: "NONE", SystemAccount: "UNREALISEDCURRENCYGAIN"},
		{Code: "605", Name: "Card Gateway Clearing", Type: "CURRENT", Class: "ASSET", TaxType: "NONE", EnablePayments: true},
		{Code: "610", Name: "Accounts Receivable", Type: "CURRENT", Class: "ASSET", TaxType: "NONE", SystemAccount: "DEBTORS"},
		{Code: "800", Name: "Accounts Payable", Type: "CURRLIAB", Class: "LIABILITY", TaxType: "NONE", SystemAccount: "CREDITORS"},
		{Code: "815", Name: "Gift Cards Outstanding", Type: "CURRLIAB", Class: "LIABILITY", TaxType: "NONE"},
		{Code: "820", Name: "VAT", Type: "CURRLIAB", Class: "LIABILITY", TaxType: "NONE", SystemAccount: "GST"},
		{Code: "860", Name: "Rounding", Type: "CURRLIAB", Class: "LIABILITY", TaxType: "NONE", SystemAccount: "ROUNDING"},
		{Code: "960", Name: "Retained Earnings", Type: "EQUITY", Class: "EQUITY", TaxType: "NONE", SystemAccount: "RETAINEDEARNINGS"},
	}
}

func ukTaxRates() []TaxRate {
	anywhere := []string{"ASSET", "EQUITY", "EXPENSE", "LIABILITY", "REVENUE"}
	sales := anywhere
	purchases := []string{"ASSET", "EQUITY", "EXPENSE", "LIABILITY"}
	return []TaxRate{
		{TaxType: "OUTPUT2", Name: "20% (VAT on Income)", Percent: decimal.NewFromInt(20), ReportType: "OUTPUT", Classes: sales},
		{TaxType: "RROUTPUT", Name: "5% (VAT on Income)", Percent: decimal.NewFromInt(5), ReportType: "OUTPUT", Classes: sales},
		{TaxType: "ZERORATEDOUTPUT", Name: "Zero Rated Income", ReportType: "OUTPUT", Classes: sales},
		{TaxType: "EXEMPTOUTPUT", Name: "Exempt Income", ReportType: "EXEMPTOUTPUT", Classes: sales},
		{TaxType: "ECZROUTPUT", Name: "Zero Rated EC Goods Income", ReportType: "ECOUTPUT", Classes: sales},
		{TaxType: "ECZROUTPUTSERVICES", Name: "Zero Rated EC Services", ReportType: "ECOUTPUTSERVICES", Classes: sales},
		{TaxType: "NONE", Name: "No VAT", ReportType: "NONE", Classes: anywhere},
		{TaxType: "INPUT2", Name: "20% (VAT on Expenses)", Percent: decimal.NewFromInt(20), ReportType: "INPUT", Classes: purchases},
		{TaxType: "RRINPUT", Name: "5% (VAT on Expenses)", Percent: decimal.NewFromInt(5), ReportType: "INPUT", Classes: purchases},
		{TaxType: "ZERORATEDINPUT", Name: "Zero Rated Expenses", ReportType: "INPUT", Classes: purchases},
		{TaxType: "OUTPUT", Name: "17.5% (VAT on Income)", Percent: decimal.RequireFromString("17.5"), ReportType: "OUTPUT", Classes: sales, Status: "DELETED"},
	}
}
