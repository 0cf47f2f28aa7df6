package mapping

import (
	"strings"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
)

const (
	maxAddressLines = 4
	maxAddressLine  = 500
	maxPlace        = 255
	maxPostalCode   = 50
	maxCountry      = 50
)

// address is a shop's address as the books hold it; nil for none.
func address(a *commerce.Address, attention string) *books.Address {
	if a == nil {
		return nil
	}
	return &books.Address{
		AttentionTo: cut(attention, maxPlace),
		Lines:       addressLines(a.Street),
		City:        cut(tidy(a.City), maxPlace),
		Region:      cut(tidy(a.Region), maxPlace),
		PostalCode:  cut(tidy(a.Postcode), maxPostalCode),
		Country:     countryName(a.CountryID),
	}
}

// addressLines are at most four; what is beyond goes into the fourth.
func addressLines(street []string) []string {
	var lines []string
	for _, s := range street {
		s = cut(tidy(s), maxAddressLine)
		switch {
		case s == "":
		case len(lines) < maxAddressLines:
			lines = append(lines, s)
		default:
			lines[maxAddressLines-1] = cut(lines[maxAddressLines-1]+", "+s, maxAddressLine)
		}
	}
	return lines
}

// countryName is the English name of an ISO 3166-1 code. A code that is not
// known stays as it is, without digits, which the books refuse in a country.
func countryName(code string) string {
	code = strings.ToUpper(tidy(code))
	if name, ok := countryNames[code]; ok {
		return name
	}
	return cut(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, code), maxCountry)
}
