package xero

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// contactInput is a contact as a caller sends it. A nil property was not sent
// and keeps its value on an update.
type contactInput struct {
	ContactID          *string          `json:"ContactID"`
	Name               *string          `json:"Name"`
	ContactNumber      *string          `json:"ContactNumber"`
	AccountNumber      *string          `json:"AccountNumber"`
	ContactStatus      *string          `json:"ContactStatus"`
	FirstName          *string          `json:"FirstName"`
	LastName           *string          `json:"LastName"`
	EmailAddress       *string          `json:"EmailAddress"`
	CompanyNumber      *string          `json:"CompanyNumber"`
	TaxNumber          *string          `json:"TaxNumber"`
	BankAccountDetails *string          `json:"BankAccountDetails"`
	DefaultCurrency    *string          `json:"DefaultCurrency"`
	Addresses          *[]address       `json:"Addresses"`
	Phones             *[]phone         `json:"Phones"`
	ContactPersons     *[]contactPerson `json:"ContactPersons"`
	PaymentTerms       *paymentTerms    `json:"PaymentTerms"`
}

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

func (in contactInput) onlyID() bool {
	id := in.ContactID
	in.ContactID = nil
	return id != nil && in == contactInput{}
}

func (c *call) contactBatch() batch {
	return batch{plural: "Contacts", id: "ContactID", hasErrors: "HasValidationErrors"}
}

func (c *call) createContacts() answer {
	b := c.contactBatch()
	b.write = func(raw json.RawMessage, j *journal) (func() any, []string, error) {
		return c.writeContact(raw, func(in contactInput) (*contact, []string) {
			if id := text(in.ContactID); id != "" && idKey(id) != uuid.Nil.String() {
				return nil, []string{"A ContactID cannot be given for a new contact"}
			}
			return c.organisation.createContact(in, c.now, j)
		})
	}
	return b.run(c)
}

func (c *call) upsertContacts() answer {
	b := c.upsertingContacts()
	return b.run(c)
}

func (c *call) updateContact() answer {
	target := c.organisation.contacts.find(c.request.PathValue("ref"))
	if target == nil {
		return absent()
	}
	return c.upsertingContacts().addressed(c, target.id)
}

func (c *call) upsertingContacts() batch {
	b := c.contactBatch()
	b.write = func(raw json.RawMessage, j *journal) (func() any, []string, error) {
		return c.writeContact(raw, func(in contactInput) (*contact, []string) {
			return c.organisation.upsertContact(in, c.now, j)
		})
	}
	return b
}

func (c *call) writeContact(raw json.RawMessage, save func(contactInput) (*contact, []string)) (func() any, []string, error) {
	var in contactInput
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, nil, fmt.Errorf("reading a contact: %w", err)
	}
	saved, reasons := save(in)
	if len(reasons) > 0 {
		return nil, reasons, nil
	}
	return func() any { return saved.view(fullContact) }, nil, nil
}

// upsertContact changes the contact that the input matches by identifier, then
// by number, then by the name of an active contact; otherwise it makes one.
func (o *organisation) upsertContact(in contactInput, now time.Time, j *journal) (*contact, []string) {
	var found *contact
	id := text(in.ContactID)
	switch {
	case id != "" && idKey(id) != uuid.Nil.String():
		if found = o.contacts.byID[idKey(id)]; found == nil {
			return nil, []string{"The contact with the given ContactID could not be found"}
		}
	case text(in.ContactNumber) != "" && o.contacts.byNumber[*in.ContactNumber] != nil:
		found = o.contacts.byNumber[*in.ContactNumber]
	default:
		found = o.contacts.byName[nameKey(text(in.Name))]
	}
	if found == nil {
		return o.createContact(in, now, j)
	}
	if !found.active() {
		return nil, []string{"The data provided matched an archived contact; restore it in Xero before changing it"}
	}
	changed := in.merged(*found)
	if reasons := o.checkContact(changed, found); len(reasons) > 0 {
		return nil, reasons
	}
	changed.updated = now
	o.contacts.replace(found, changed, j)
	return found, nil
}

func (o *organisation) createContact(in contactInput, now time.Time, j *journal) (*contact, []string) {
	blank := contact{
		id:        uuid.NewString(),
		status:    contactActive,
		addresses: []address{{AddressType: "STREET"}, {AddressType: "POBOX"}},
		phones:    []phone{{PhoneType: "DDI"}, {PhoneType: "DEFAULT"}, {PhoneType: "FAX"}, {PhoneType: "MOBILE"}},
		updated:   now,
	}
	made := in.merged(blank)
	if reasons := o.checkContact(made, nil); len(reasons) > 0 {
		return nil, reasons
	}
	o.contacts.add(&made, j)
	return &made, nil
}

// merged lays the input over a contact: properties that were not sent stay, an
// address or telephone replaces the one of its type, persons are replaced as a
// list.
func (in contactInput) merged(c contact) contact {
	for target, sent := range map[*string]*string{
		&c.name: in.Name, &c.number: in.ContactNumber, &c.accountNumber: in.AccountNumber, &c.status: in.ContactStatus,
		&c.firstName: in.FirstName, &c.lastName: in.LastName, &c.email: in.EmailAddress, &c.companyNumber: in.CompanyNumber,
		&c.taxNumber: in.TaxNumber, &c.bankAccount: in.BankAccountDetails, &c.currency: in.DefaultCurrency,
	} {
		if sent != nil {
			*target = *sent
		}
	}
	if in.Addresses != nil {
		c.addresses = slices.Clone(c.addresses)
		for _, sent := range *in.Addresses {
			at := slices.IndexFunc(c.addresses, func(a address) bool { return a.AddressType == sent.AddressType })
			if at < 0 {
				c.addresses = append(c.addresses, sent)
				continue
			}
			c.addresses[at] = sent
		}
	}
	if in.Phones != nil {
		c.phones = slices.Clone(c.phones)
		for _, sent := range *in.Phones {
			at := slices.IndexFunc(c.phones, func(p phone) bool { return p.PhoneType == sent.PhoneType })
			if at < 0 {
				c.phones = append(c.phones, sent)
				continue
			}
			c.phones[at] = sent
		}
	}
	if in.ContactPersons != nil {
		c.persons = slices.Clone(*in.ContactPersons)
	}
	if in.PaymentTerms != nil {
		c.terms = in.PaymentTerms
	}
	return c
}
