package xero

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// emailPattern admits ASCII only: Xero refuses umlauts.
var emailPattern = regexp.MustCompile(`^[A-Za-z0-9.!#$%&'*+/=?^_{|}~\x60-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

// checkContact lists what is wrong with a contact that would take the place of
// self, or be new when self is nil.
func (o *organisation) checkContact(c contact, self *contact) []string {
	var reasons []string
	refuse := func(format string, values ...any) { reasons = append(reasons, fmt.Sprintf(format, values...)) }

	switch {
	case c.name == "":
		refuse("The contact must contain at least 1 of the following elements to identify it: Name, ContactID, ContactNumber")
	case strings.ContainsAny(c.name, "<>"):
		refuse("The contact name must not contain < or >")
	case c.name != strings.Join(strings.Fields(c.name), " "):
		refuse("The contact name must not begin or end with a blank or hold two in a row")
	}
	if !slices.Contains([]string{contactActive, contactArchived, "GDPRREQUEST"}, c.status) {
		refuse("ContactStatus %q is not known", c.status)
	}
	if other := o.contacts.byName[nameKey(c.name)]; c.active() && other != nil && other != self {
		refuse("The contact name %s is already assigned to another contact", c.name)
	}
	if other := o.contacts.byNumber[c.number]; c.number != "" && other != nil && other != self {
		refuse("The contact number %s is already assigned to another contact", c.number)
	}
	if other := o.contacts.byAccount[c.accountNumber]; c.accountNumber != "" && other != nil && other != self {
		refuse("The Account Number already exists")
	}
	if c.email != "" && !emailPattern.MatchString(c.email) {
		refuse("Email address must be valid")
	}
	if _, ok := o.dayRate(c.currency); c.currency != "" && !ok {
		refuse("The organisation is not subscribed to currency %s", c.currency)
	}
	return append(reasons, c.checkLengths()...)
}

func (c *contact) checkLengths() []string {
	var reasons []string
	limit := func(name, value string, most int) {
		if len([]rune(value)) > most {
			reasons = append(reasons, fmt.Sprintf("%s must not be longer than %d characters", name, most))
		}
	}
	limit("Name", c.name, 255)
	limit("FirstName", c.firstName, 255)
	limit("LastName", c.lastName, 255)
	limit("EmailAddress", c.email, 255)
	limit("ContactNumber", c.number, 50)
	limit("AccountNumber", c.accountNumber, 50)
	limit("CompanyNumber", c.companyNumber, 50)
	limit("TaxNumber", c.taxNumber, 50)
	for _, a := range c.addresses {
		if a.AddressType != "POBOX" && a.AddressType != "STREET" {
			reasons = append(reasons, fmt.Sprintf("AddressType %q is not known", a.AddressType))
		}
		for _, line := range []string{a.AddressLine1, a.AddressLine2, a.AddressLine3, a.AddressLine4} {
			limit("Address line", line, 500)
		}
		limit("City", a.City, 255)
		limit("Region", a.Region, 255)
		limit("PostalCode", a.PostalCode, 50)
		limit("Country", a.Country, 50)
		limit("AttentionTo", a.AttentionTo, 255)
		if strings.ContainsFunc(a.Country, unicode.IsDigit) {
			reasons = append(reasons, "Country must consist of letters")
		}
	}
	for _, p := range c.phones {
		if !slices.Contains([]string{"DEFAULT", "DDI", "MOBILE", "FAX", "OFFICE"}, p.PhoneType) {
			reasons = append(reasons, fmt.Sprintf("PhoneType %q is not known", p.PhoneType))
		}
		limit("PhoneNumber", p.PhoneNumber, 50)
		limit("PhoneAreaCode", p.PhoneAreaCode, 10)
		limit("PhoneCountryCode", p.PhoneCountryCode, 20)
	}
	if len(c.persons) > 5 {
		reasons = append(reasons, "A contact has no more than 5 contact persons")
	}
	if len(c.persons) > 0 && c.email == "" {
		reasons = append(reasons, "Contact persons need a contact with an email address")
	}
	return reasons
}
