package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
)

const (
	maxContactNumber = 50
	maxContactName   = 255
	maxPersonName    = 255
	maxEmail         = 255
	maxPhone         = 50
)

// contact is the document's customer, with the document's own addresses before
// the profile's.
func (m *mapper) contact(customer commerce.Customer, billing, shipping *commerce.Address, order string) books.Contact {
	c := Contact(m.req, customer, billing, shipping, order)
	m.note("contact", describeCustomer(m.req, customer), c.Number)
	return c
}

func describeCustomer(req Request, c commerce.Customer) string {
	who := "guest"
	if !c.IsGuest() {
		who = "customer " + strconv.FormatInt(c.MagentoID, 10)
	}
	return who + ", " + string(req.Settings.Commercial.CustomerNamePriority) + " name first"
}

// Contact is a customer as the books hold it. Addresses that are nil are taken
// from the customer's profile. order is the number of the order a guest comes
// from; it names a guest of whom nothing else is known, and is empty otherwise.
//
// A guest's number derives from the e-mail address, so that a returning guest
// is the same contact. Guests without one are told apart by name and order.
func Contact(req Request, c commerce.Customer, billing, shipping *commerce.Address, order string) books.Contact {
	if billing == nil {
		billing = c.Address("billing")
	}
	if shipping == nil {
		shipping = c.Address("shipping")
	}
	priority := req.Settings.Commercial.CustomerNamePriority
	out := books.Contact{
		Number:    contactNumber(req.StoreCode, c, order),
		Names:     nameLadder(c, priority, order),
		FirstName: cut(personal(c.FirstName), maxPersonName),
		LastName:  cut(personal(c.LastName), maxPersonName),
		Email:     plausibleEmail(c.Email),
		Phone:     phone(c, billing, shipping),
		Billing:   address(billing, person(c)),
		Shipping:  address(shipping, person(c)),
	}
	if company := personal(c.Company); company != "" && out.Billing != nil && company != contactName(c, priority, order) {
		out.Billing.Lines = addressLines(append([]string{company}, billing.Street...))
	}
	return out
}

// contactNumber is our key for the contact: store code and customer id, or a
// digest for a guest.
func contactNumber(storeCode string, c commerce.Customer, order string) string {
	suffix := "-" + strconv.FormatInt(c.MagentoID, 10)
	if c.IsGuest() {
		suffix = "-g-" + guestDigest(c, order)[:20]
	}
	return cut(storeCode, maxContactNumber-len(suffix)) + suffix
}

// guestDigest is the hex SHA-256 of the guest's e-mail address, or of name and
// order when there is none.
func guestDigest(c commerce.Customer, order string) string {
	key := strings.ToLower(strings.TrimSpace(c.Email))
	if key == "" {
		key = strings.ToLower(person(c)) + "\x00" + order
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// plausibleEmail is the address if the provider will take it, else empty: an
// address in ASCII with one @ between a local part and a domain with a dot.
func plausibleEmail(s string) string {
	s = strings.TrimSpace(s)
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || len(s) > maxEmail || strings.Trim(local, emailLetters+".!#$%&'*+/=?^_{|}~`") != "" {
		return ""
	}
	labels := strings.Split(domain, ".")
	if len(labels) < 2 {
		return ""
	}
	for _, label := range labels {
		if label == "" || strings.Trim(label, emailLetters) != "" {
			return ""
		}
	}
	return s
}

const emailLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"

func phone(c commerce.Customer, addresses ...*commerce.Address) string {
	if p := tidy(c.Phone); p != "" {
		return cut(p, maxPhone)
	}
	for _, a := range addresses {
		if a != nil && tidy(a.Telephone) != "" {
			return cut(tidy(a.Telephone), maxPhone)
		}
	}
	return ""
}
