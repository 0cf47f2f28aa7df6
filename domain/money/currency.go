package money

import "strings"

// Currency is an ISO 4217 code in upper case, such as GBP.
type Currency string

// ParseCurrency trims and upper-cases s and reports whether three letters remain.
func ParseCurrency(s string) (Currency, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 3 {
		return "", false
	}
	for _, r := range s {
		if r < 'A' || r > 'Z' {
			return "", false
		}
	}
	return Currency(s), true
}

// MinorUnits is the number of digits after the point that amounts in the
// currency have: 2 for most, 0 for JPY, 3 for KWD. Source: ISO 4217.
func (c Currency) MinorUnits() int32 {
	if n, ok := minorUnits[c]; ok {
		return n
	}
	return 2
}

var minorUnits = map[Currency]int32{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0,
	"PYG": 0, "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}
