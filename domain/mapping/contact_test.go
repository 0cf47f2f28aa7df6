package mapping_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/settings"
)

func contactOf(c commerce.Customer, billing *commerce.Address, order string) (number string, names []string, email string) {
	got := mapping.Contact(mapping.Request{Settings: settings.Default(), StoreCode: "k7w2p9ax"}, c, billing, nil, order)
	return got.Number, got.Names, got.Email
}

func TestContactNamesClimbTheLadder(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		customer commerce.Customer
		want     []string
	}{
		"a person":                   {commerce.Customer{MagentoID: 5, FirstName: "Ada", LastName: "Lovelace", Email: "a@b.example"}, []string{"Ada Lovelace", "Ada Lovelace (a@b.example)", "Ada Lovelace (M-5)"}},
		"no e-mail address":          {commerce.Customer{MagentoID: 5, LastName: "Lovelace"}, []string{"Lovelace", "Lovelace (M-5)"}},
		"an e-mail address only":     {commerce.Customer{MagentoID: 5, Email: "a@b.example"}, []string{"a@b.example", "a@b.example (M-5)"}},
		"nothing":                    {commerce.Customer{MagentoID: 5}, []string{"Customer 5", "Customer 5 (M-5)"}},
		"brackets and double blanks": {commerce.Customer{MagentoID: 5, Company: " <b>Oak \t&  Iron\u0007</b> "}, []string{"b Oak & Iron /b", "b Oak & Iron /b (M-5)"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, got, _ := contactOf(test.customer, nil, "")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
		})
	}
}

func TestContactKeepsTheProvidersWidths(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 600)
	c := commerce.Customer{MagentoID: 1 << 50, FirstName: long, LastName: long, Company: long + "x", Phone: long, Email: strings.Repeat("e", 300) + "@example.com"}
	a := &commerce.Address{Street: []string{long, long, "c", "d", "e", long}, City: long, Region: long, Postcode: long, CountryID: "Q1"}
	got := mapping.Contact(mapping.Request{Settings: settings.Default(), StoreCode: strings.Repeat("s", 60)}, c, a, a, "")
	width := func(what, s string, most int) {
		t.Helper()
		if n := utf8.RuneCountInString(s); n > most {
			t.Errorf("%s has %d characters, at most %d fit", what, n, most)
		}
	}
	width("number", got.Number, 50)
	for _, name := range got.Names {
		width("name", name, 255)
	}
	if last := got.Names[len(got.Names)-1]; !strings.HasSuffix(last, "(M-1125899906842624)") {
		t.Errorf("cutting took the id from %q", last)
	}
	width("first name", got.FirstName, 255)
	width("last name", got.LastName, 255)
	width("phone", got.Phone, 50)
	if got.Email != "" {
		t.Errorf("an e-mail address of %d characters was kept", len(got.Email))
	}
	if got.Billing == nil || len(got.Billing.Lines) != 4 {
		t.Fatalf("billing address %+v, want four lines", got.Billing)
	}
	for _, line := range got.Billing.Lines {
		width("address line", line, 500)
	}
	width("city", got.Billing.City, 255)
	width("postal code", got.Billing.PostalCode, 50)
	if got.Billing.Country != "Q" {
		t.Errorf("country %q, want the unknown code without its digit", got.Billing.Country)
	}
}

func TestGuestsAreOneContactByEmail(t *testing.T) {
	t.Parallel()
	first, _, _ := contactOf(commerce.Customer{Email: "Bob@Example.com ", FirstName: "Bob"}, nil, "1")
	again, _, _ := contactOf(commerce.Customer{Email: "bob@example.com", FirstName: "Robert"}, nil, "2")
	other, _, _ := contactOf(commerce.Customer{Email: "bo@example.com", FirstName: "Bob"}, nil, "1")
	if first != again || first == other {
		t.Errorf("numbers %q and %q for one guest, %q for another", first, again, other)
	}
	// printf %s bob@example.com | sha256sum
	if want := "k7w2p9ax-g-5ff860bf1190596c7188"; first != want {
		t.Errorf("number %q, want %q", first, want)
	}
	nobody, _, _ := contactOf(commerce.Customer{FirstName: "Bob"}, nil, "1")
	nobodyElse, _, _ := contactOf(commerce.Customer{FirstName: "Bob"}, nil, "2")
	if nobody == nobodyElse {
		t.Errorf("guests of two orders without e-mail addresses share the number %q", nobody)
	}
}

func TestContactEmailIsPlausibleOrAbsent(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a.b+c@shop.example": "a.b+c@shop.example", " a@b.example ": "a@b.example", "o'neill@b.example": "o'neill@b.example",
		"jürgen@b.example": "", "a@b": "", "a@@b.example": "", "a b@c.example": "", "@b.example": "", "a@b..example": "", "": "",
	} {
		if _, _, got := contactOf(commerce.Customer{MagentoID: 1, Email: in}, nil, ""); got != want {
			t.Errorf("e-mail %q became %q, want %q", in, got, want)
		}
	}
}

func TestContactTakesTheProfilesAddresses(t *testing.T) {
	t.Parallel()
	c := commerce.Customer{MagentoID: 1, FirstName: "Ada", Addresses: []commerce.Address{
		{Kind: "shipping", City: "Leeds", CountryID: "GB"}, {Kind: "billing", City: "Lyon", CountryID: "fr", Telephone: "0472"},
	}}
	got := mapping.Contact(mapping.Request{Settings: settings.Default(), StoreCode: "s"}, c, nil, nil, "")
	if got.Billing == nil || got.Billing.City != "Lyon" || got.Billing.Country != "France" {
		t.Errorf("billing %+v, want the profile's in France", got.Billing)
	}
	if got.Shipping == nil || got.Shipping.City != "Leeds" || got.Phone != "0472" {
		t.Errorf("shipping %+v and phone %q, want the profile's", got.Shipping, got.Phone)
	}
	none := mapping.Contact(mapping.Request{Settings: settings.Default(), StoreCode: "s"}, commerce.Customer{MagentoID: 1}, nil, nil, "")
	if none.Billing != nil || none.Shipping != nil {
		t.Errorf("addresses %+v and %+v of a customer without any", none.Billing, none.Shipping)
	}
}
