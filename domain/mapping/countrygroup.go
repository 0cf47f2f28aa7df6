package mapping

import (
	"slices"
	"strings"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/settings"
)

// euCountries are the members of the European Union, with Greece under both of
// its codes. Monaco counts as France for VAT.
var euCountries = []string{
	"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
	"LT", "LU", "LV", "MC", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
}

// destination is the country the goods go to, else the billing country; empty
// when the shop does not say.
func destination(inv commerce.Invoice) string {
	return firstCountry(inv.ShippingAddress, inv.BillingAddress, inv.Customer.Address("shipping"), inv.Customer.Address("billing"))
}

// customerCountry is the country of the customer's profile, which is all a
// credit memo has.
func customerCountry(c commerce.Customer) string {
	return firstCountry(c.Address("shipping"), c.Address("billing"))
}

func firstCountry(addresses ...*commerce.Address) string {
	for _, a := range addresses {
		if a != nil && a.CountryID != "" {
			return strings.ToUpper(a.CountryID)
		}
	}
	return ""
}

// countryGroup is where a country lies, seen from the organisation's. It is
// empty when either is unknown: then only mappings for any country apply.
func countryGroup(country, home string) settings.CountryGroup {
	switch {
	case country == "" || home == "":
		return ""
	case country == strings.ToUpper(home):
		return settings.CountryHome
	case slices.Contains(euCountries, country):
		return settings.CountryEU
	default:
		return settings.CountryWorld
	}
}
