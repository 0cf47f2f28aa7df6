package mapping

import (
	"strconv"
	"strings"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/settings"
)

// nameLadder is the candidates for a contact's name, best first: the name, the
// name with the e-mail address, the name with Magento's id. Guests have the
// start of their digest for an id.
func nameLadder(c commerce.Customer, priority settings.NamePriority, order string) []string {
	name := contactName(c, priority, order)
	ladder := []string{cut(name, maxContactName)}
	if email := personal(c.Email); email != "" && email != name {
		ladder = append(ladder, suffixed(name, email))
	}
	id := strconv.FormatInt(c.MagentoID, 10)
	if c.IsGuest() {
		id = guestDigest(c, order)[:8]
	}
	return append(ladder, suffixed(name, "M-"+id))
}

// suffixed is the name with something in brackets, cut so that the brackets stay.
func suffixed(name, in string) string {
	suffix := " (" + cut(in, maxContactName/2) + ")"
	return cut(name, maxContactName-len([]rune(suffix))) + suffix
}

// contactName is the company's or the person's name. When the customer has
// neither it is the e-mail address, else the order for a guest and the id for
// a customer.
func contactName(c commerce.Customer, priority settings.NamePriority, order string) string {
	names := []string{personal(c.Company), person(c), personal(c.Email)}
	if priority == settings.NamePerson {
		names[0], names[1] = names[1], names[0]
	}
	for _, name := range names {
		if name != "" {
			return name
		}
	}
	if c.IsGuest() {
		return strings.TrimSpace("Guest " + personal(order))
	}
	return "Customer " + strconv.FormatInt(c.MagentoID, 10)
}

func person(c commerce.Customer) string {
	return strings.TrimSpace(personal(c.FirstName) + " " + personal(c.LastName))
}

// personal makes a name one the books take: without angle brackets, control
// characters or double blanks.
func personal(s string) string {
	return tidy(strings.NewReplacer("<", " ", ">", " ").Replace(s))
}
