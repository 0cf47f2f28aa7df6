package settings

import (
	"cmp"
	"slices"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/money"
)

// preferredRevenueCode is the sales account of Xero's standard charts.
const preferredRevenueCode = "200"

// Derive is the defaults completed from an organisation's reference data, so
// that the happy path needs no configuration. Whatever has no sure answer stays
// unset, and documents that need it are held.
func Derive(ref books.Reference) Settings {
	s := Default()
	s.Defaults.RevenueAccount = revenueAccount(ref.Accounts)
	s.Defaults.ShippingAccount = s.Defaults.RevenueAccount
	s.Defaults.TaxRateMap = taxRateMap(ref)
	return s
}

func revenueAccount(accounts []books.Account) string {
	var sales []books.Account
	for _, a := range accounts {
		if !a.TakesSales() {
			continue
		}
		if a.Code == preferredRevenueCode {
			return a.Code
		}
		if a.Type == "SALES" || a.Type == "REVENUE" {
			sales = append(sales, a)
		}
	}
	if len(sales) == 0 {
		return ""
	}
	slices.SortFunc(sales, func(a, b books.Account) int { return cmp.Compare(a.Code, b.Code) })
	return sales[0].Code
}

// standardTaxTypes are the ordinary sales tax types of a country's Xero chart,
// which win over others of the same percentage.
var standardTaxTypes = map[string][]string{
	"GB": {"OUTPUT2", "RROUTPUT", "ZERORATEDOUTPUT"},
	"AU": {"OUTPUT", "EXEMPTOUTPUT"},
	"NZ": {"OUTPUT2", "ZERORATEDOUTPUT"},
}

func taxRateMap(ref books.Reference) []TaxRateMapping {
	byPercent := map[string][]books.TaxRate{}
	for _, r := range ref.TaxRates {
		if r.IsActive && r.TakesSales {
			key := r.Percent.Fixed(2)
			byPercent[key] = append(byPercent[key], r)
		}
	}
	out := []TaxRateMapping{}
	for _, rates := range byPercent {
		if taxType, sure := pickTaxType(ref.Organisation.CountryCode, rates); sure {
			out = append(out, TaxRateMapping{Percent: rates[0].Percent.RoundHalfUp(2), TaxType: taxType})
		}
	}
	slices.SortFunc(out, func(a, b TaxRateMapping) int { return b.Percent.Cmp(a.Percent) })
	return out
}

func pickTaxType(country string, rates []books.TaxRate) (string, bool) {
	for _, standard := range standardTaxTypes[country] {
		for _, r := range rates {
			if r.TaxType == standard {
				return standard, true
			}
		}
	}
	if len(rates) == 1 {
		return rates[0].TaxType, true
	}
	return "", false
}

// TaxTypeFor finds the tax type for a percentage and country group: an entry
// for the group first, then one for any country. It reports false when nothing
// is mapped; there is no fallback.
func (d Defaults) TaxTypeFor(percent money.Amount, group CountryGroup) (string, bool) {
	anywhere, found := "", false
	for _, m := range d.TaxRateMap {
		if !m.Percent.Equal(percent) || m.TaxType == "" {
			continue
		}
		if m.CountryGroup == group && group != "" {
			return m.TaxType, true
		}
		if m.CountryGroup == "" {
			anywhere, found = m.TaxType, true
		}
	}
	return anywhere, found
}
