package mapping

import (
	"regexp"
	"testing"
	"unicode"
	"unicode/utf8"

	"byte8.io/ledger/domain/settings"
)

func TestCountryNamesFitTheBooks(t *testing.T) {
	t.Parallel()
	code, seen := regexp.MustCompile(`^[A-Z]{2}$`), map[string]string{}
	for c, name := range countryNames {
		if !code.MatchString(c) || name == "" || utf8.RuneCountInString(name) > maxCountry {
			t.Errorf("%s: %q", c, name)
		}
		for _, r := range name {
			if unicode.IsDigit(r) {
				t.Errorf("%s: %q has a digit", c, name)
			}
		}
		if other, ok := seen[name]; ok {
			t.Errorf("%s and %s are both %q", c, other, name)
		}
		seen[name] = c
	}
	// ISO 3166-1 has 249 codes; Kosovo's is in use beside them.
	if len(countryNames) != 250 {
		t.Errorf("%d countries, want 250", len(countryNames))
	}
}

func TestCountryGroup(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		to, home string
		want     settings.CountryGroup
	}{
		{"GB", "GB", settings.CountryHome},
		{"FR", "GB", settings.CountryEU},
		{"GR", "FR", settings.CountryEU},
		{"EL", "FR", settings.CountryEU},
		{"US", "GB", settings.CountryWorld},
		{"GB", "IE", settings.CountryWorld},
		{"", "GB", ""},
		{"GB", "", ""},
	} {
		if got := countryGroup(test.to, test.home); got != test.want {
			t.Errorf("countryGroup(%q, %q) = %q, want %q", test.to, test.home, got, test.want)
		}
	}
}
