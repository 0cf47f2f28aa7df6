package xero

import (
	"slices"
	"strings"
)

type contactView struct {
	ContactID          string           `json:"ContactID"`
	ContactNumber      string           `json:"ContactNumber,omitempty"`
	AccountNumber      string           `json:"AccountNumber,omitempty"`
	ContactStatus      string           `json:"ContactStatus,omitempty"`
	MergedToContactID  string           `json:"MergedToContactID,omitempty"`
	Name               string           `json:"Name"`
	FirstName          string           `json:"FirstName,omitempty"`
	LastName           string           `json:"LastName,omitempty"`
	EmailAddress       string           `json:"EmailAddress,omitempty"`
	CompanyNumber      string           `json:"CompanyNumber,omitempty"`
	TaxNumber          string           `json:"TaxNumber,omitempty"`
	BankAccountDetails string           `json:"BankAccountDetails,omitempty"`
	DefaultCurrency    string           `json:"DefaultCurrency,omitempty"`
	Addresses          *[]address       `json:"Addresses,omitempty"`
	Phones             *[]phone         `json:"Phones,omitempty"`
	ContactPersons     *[]contactPerson `json:"ContactPersons,omitempty"`
	ContactGroups      *[]string        `json:"ContactGroups,omitempty"`
	PaymentTerms       *paymentTerms    `json:"PaymentTerms,omitempty"`
	IsCustomer         *bool            `json:"IsCustomer,omitempty"`
	IsSupplier         *bool            `json:"IsSupplier,omitempty"`
	UpdatedDateUTC     string           `json:"UpdatedDateUTC,omitempty"`
}

type contactDetail int

const (
	contactReference contactDetail = iota // as a document names it
	contactSummary                        // without addresses, persons and roles
	fullContact
)

func (c *contact) view(detail contactDetail) contactView {
	v := contactView{ContactID: c.id, ContactNumber: c.number, Name: c.name}
	if detail == contactReference {
		return v
	}
	v.AccountNumber, v.ContactStatus = c.accountNumber, c.status
	v.FirstName, v.LastName, v.EmailAddress = c.firstName, c.lastName, c.email
	v.CompanyNumber, v.TaxNumber = c.companyNumber, c.taxNumber
	v.BankAccountDetails, v.DefaultCurrency = c.bankAccount, c.currency
	v.UpdatedDateUTC = msDate(c.updated)
	if detail == contactSummary {
		return v
	}
	persons, supplier := slices.Clone(c.persons), false
	if persons == nil {
		persons = []contactPerson{}
	}
	customer := c.customer
	v.MergedToContactID = c.mergedInto
	addresses, phones := slices.Clone(c.addresses), slices.Clone(c.phones)
	v.Addresses, v.Phones, v.ContactPersons, v.ContactGroups = &addresses, &phones, &persons, &[]string{}
	v.PaymentTerms, v.IsCustomer, v.IsSupplier = c.terms, &customer, &supplier
	return v
}

func (c *call) readContact() answer {
	found := c.organisation.contacts.find(c.request.PathValue("ref"))
	if found == nil {
		return absent()
	}
	return c.envelope("Contacts", []contactView{found.view(fullContact)}, nil)
}

func (c *call) listContacts() answer {
	since, refused := c.modifiedSince()
	if refused != nil {
		return *refused
	}
	ids, term := c.set("IDs"), strings.ToLower(c.request.URL.Query().Get("searchTerm"))
	var candidates []*contact
	for _, each := range c.organisation.contacts.list {
		switch {
		case !each.active() && !c.flag("includeArchived"),
			!each.updated.After(since),
			ids != nil && !slices.ContainsFunc(ids, func(id string) bool { return idKey(id) == each.id }),
			term != "" && !each.mentions(term):
			continue
		}
		candidates = append(candidates, each)
	}
	found, refused := query(c, candidates)
	if refused != nil {
		return *refused
	}
	summary := c.flag("summaryOnly")
	page, pages := paged(c, found, summary)
	detail := fullContact
	if summary || pages == nil {
		detail = contactSummary
	}
	views := []contactView{}
	for _, each := range page {
		views = append(views, each.view(detail))
	}
	return c.envelope("Contacts", views, pages.extra())
}

func (c *contact) mentions(term string) bool {
	return slices.ContainsFunc([]string{c.name, c.firstName, c.lastName, c.number, c.companyNumber, c.email}, func(value string) bool {
		return strings.Contains(strings.ToLower(value), term)
	})
}
