package xero

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	contactActive   = "ACTIVE"
	contactArchived = "ARCHIVED"
)

type contact struct {
	id, name, number, accountNumber    string
	firstName, lastName, email         string
	companyNumber, taxNumber, currency string
	bankAccount                        string
	status, mergedInto                 string
	addresses                          []address
	phones                             []phone
	persons                            []contactPerson
	terms                              *paymentTerms
	customer                           bool
	updated                            time.Time
}

type address struct {
	AddressType  string `json:"AddressType"`
	AddressLine1 string `json:"AddressLine1,omitempty"`
	AddressLine2 string `json:"AddressLine2,omitempty"`
	AddressLine3 string `json:"AddressLine3,omitempty"`
	AddressLine4 string `json:"AddressLine4,omitempty"`
	City         string `json:"City,omitempty"`
	Region       string `json:"Region,omitempty"`
	PostalCode   string `json:"PostalCode,omitempty"`
	Country      string `json:"Country,omitempty"`
	AttentionTo  string `json:"AttentionTo,omitempty"`
}

type phone struct {
	PhoneType        string `json:"PhoneType"`
	PhoneNumber      string `json:"PhoneNumber,omitempty"`
	PhoneAreaCode    string `json:"PhoneAreaCode,omitempty"`
	PhoneCountryCode string `json:"PhoneCountryCode,omitempty"`
}

type contactPerson struct {
	FirstName       string `json:"FirstName,omitempty"`
	LastName        string `json:"LastName,omitempty"`
	EmailAddress    string `json:"EmailAddress,omitempty"`
	IncludeInEmails bool   `json:"IncludeInEmails"`
}

type paymentTerms struct {
	Bills *paymentTerm `json:"Bills,omitempty"`
	Sales *paymentTerm `json:"Sales,omitempty"`
}

type paymentTerm struct {
	Day  int    `json:"Day"`
	Type string `json:"Type"`
}

func (c *contact) active() bool { return c.status == contactActive }

func (c *contact) field(name string) (any, bool) {
	switch name {
	case "ContactID":
		return c.id, true
	case "Name":
		return c.name, true
	case "ContactNumber":
		return c.number, true
	case "AccountNumber":
		return c.accountNumber, true
	case "EmailAddress":
		return c.email, true
	case "ContactStatus":
		return c.status, true
	case "UpdatedDateUTC":
		return c.updated, true
	default:
		return nil, false
	}
}

// contactBook keeps contacts and the properties that are unique: the name over
// active contacts and without case, both numbers over all.
type contactBook struct {
	list      []*contact
	byID      map[string]*contact
	byName    map[string]*contact
	byNumber  map[string]*contact
	byAccount map[string]*contact
}

func newContactBook() contactBook {
	return contactBook{
		byID: map[string]*contact{}, byName: map[string]*contact{}, byNumber: map[string]*contact{}, byAccount: map[string]*contact{},
	}
}

func nameKey(name string) string { return strings.ToLower(name) }

func idKey(id string) string {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return ""
	}
	return parsed.String()
}

// find looks a contact up by its identifier, then by its number.
func (b *contactBook) find(ref string) *contact {
	if c := b.byID[idKey(ref)]; c != nil {
		return c
	}
	return b.byNumber[ref]
}

func (b *contactBook) index(c *contact) {
	if c.active() {
		b.byName[nameKey(c.name)] = c
	}
	if c.number != "" {
		b.byNumber[c.number] = c
	}
	if c.accountNumber != "" {
		b.byAccount[c.accountNumber] = c
	}
}

func (b *contactBook) unindex(c *contact) {
	if b.byName[nameKey(c.name)] == c {
		delete(b.byName, nameKey(c.name))
	}
	if b.byNumber[c.number] == c {
		delete(b.byNumber, c.number)
	}
	if b.byAccount[c.accountNumber] == c {
		delete(b.byAccount, c.accountNumber)
	}
}

func (b *contactBook) add(c *contact, j *journal) {
	b.list = append(b.list, c)
	b.byID[c.id] = c
	b.index(c)
	j.onRollback(func() {
		b.unindex(c)
		delete(b.byID, c.id)
		b.list = slices.DeleteFunc(b.list, func(other *contact) bool { return other == c })
	})
}

// replace changes a contact in place, so that documents keep pointing at it.
func (b *contactBook) replace(c *contact, changed contact, j *journal) {
	former := *c
	b.unindex(c)
	*c = changed
	b.index(c)
	j.onRollback(func() {
		b.unindex(c)
		*c = former
		b.index(c)
	})
}
