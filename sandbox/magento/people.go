package magento

import (
	"fmt"
	"strings"
	"time"
)

var (
	firstNames = [...]string{
		"Alice", "Bob", "Chloé", "David", "Emma", "Frank", "Grace", "Harpreet", "Isla", "Jürgen", "Kate", "Liam", "Mary-Jane", "Noah",
		"Olivia", "Priya", "Quentin", "Rosa", "Siân", "Tomasz", "Uma", "Victor", "Wendy", "Zoë",
	}
	lastNames = [...]string{
		"Smith", "Jones", "O'Neill", "Müller", "Patel", "Brown", "García", "Evans", "Nowak", "Taylor", "Lefèvre", "Singh", "Wood",
		"Harris-Lee", "McDonald", "Khan", "Walker", "Byrne",
	}
	companies = [...]string{
		"Harbour Coffee Ltd", "Marks & Daughters", "Northern Fittings plc", "Atelier Müller GmbH", "The Corner Bakery", "Oak & Iron Workshop Ltd",
		"Brightwater School", "O'Neill Interiors", "Studio 54 (Leeds) Ltd", "Greenhill Surgery",
	}
	streets = [...]string{"High Street", "Mill Lane", "Station Road", "Church Walk", "Quayside", "Victoria Terrace", "Long Acre"}
	places  = map[string][]place{
		"GB": {
			{"London", "Greater London", "N1 9GU"},
			{"Leeds", "West Yorkshire", "LS1 4DY"},
			{"Bristol", "", "BS1 5TR"},
			{"Edinburgh", "Midlothian", "EH1 1YZ"},
			{"Cardiff", "", "CF10 1EP"},
		},
		"IE": {{"Dublin", "Dublin", "D02 AF30"}, {"Cork", "Cork", ""}},
		"FR": {{"Lyon", "Rhône", "69002"}, {"Besançon", "Doubs", "25000"}},
		"DE": {{"München", "Bayern", "80331"}, {"Hamburg", "Hamburg", "20095"}},
		"SE": {{"Malmö", "Skåne län", "211 20"}, {"Uppsala", "", "753 10"}},
		"US": {{"Portland", "Oregon", "97201"}, {"Austin", "Texas", "78701"}, {"New York", "New York", "10001"}},
	}
)

type place struct{ city, region, postcode string }

// customer is an account: contact is what its profile holds, home the address its holder orders to.
type customer struct {
	contact    Contact
	home       Address
	company    string
	isBusiness bool
}

// person draws somebody who may order at the store, and says whether they have an account.
func (g *Generator) person(store storefront, at time.Time) (customer, bool) {
	isBusiness := store.isTrade || g.chance(g.mix.Business)
	group := clientele{store.storeID, isBusiness}
	if g.chance(g.mix.Guest) {
		if known := g.visitors[group]; len(known) > 0 && g.chance(g.mix.ReturningGuest) {
			visitor := pick(g, known)
			visitor.contact.CreatedAt, visitor.contact.UpdatedAt = stamp(at), stamp(at)
			return visitor, false
		}
		return g.guest(store, isBusiness, at), false
	}
	if known := g.accounts[group]; len(known) > 0 && g.chance(g.mix.Repeat) {
		return pick(g, known), true
	}
	return g.signUp(store, isBusiness, at), true
}

func (g *Generator) guest(store storefront, isBusiness bool, at time.Time) customer {
	g.guests++
	first, last := pick(g, firstNames[:]), pick(g, lastNames[:])
	c := customer{home: g.address(pick(g, store.countries)), isBusiness: isBusiness}
	if isBusiness {
		c.company = pick(g, companies[:])
	}
	c.contact = Contact{
		Email:     email(first, last, "g", g.guests),
		FirstName: first,
		LastName:  last,
		Company:   c.company,
		Phone:     c.home.Telephone,
		Addresses: []Address{},
		CreatedAt: stamp(at),
		UpdatedAt: stamp(at),
	}
	key := clientele{store.storeID, isBusiness}
	g.visitors[key] = append(g.visitors[key], c)
	return c
}

// signUp opens an account. Private customers keep their addresses in the profile; a business account
// has none, so that its contact borrows company and addresses from the order.
func (g *Generator) signUp(store storefront, isBusiness bool, at time.Time) customer {
	id := len(g.holders) + 1
	first, last := pick(g, firstNames[:]), pick(g, lastNames[:])
	if len(g.holders) > 0 && g.chance(g.mix.Namesake) {
		other := pick(g, g.holders)
		first, last = other.first, other.last
	}
	g.holders = append(g.holders, fullName{first, last})
	group := 1
	if isBusiness {
		group = 2
	}
	registered := stamp(at.Add(-time.Duration(g.between(1, 600)) * 24 * time.Hour))
	c := customer{home: g.address(pick(g, store.countries)), isBusiness: isBusiness}
	c.contact = Contact{
		MagentoID: id,
		Email:     email(first, last, "", id),
		FirstName: first,
		LastName:  last,
		WebsiteID: store.websiteID,
		GroupID:   &group,
		Addresses: []Address{},
		CreatedAt: registered,
		UpdatedAt: registered,
	}
	if isBusiness {
		c.company = pick(g, companies[:])
	} else {
		c.contact.Phone = c.home.Telephone
		c.contact.Addresses = []Address{c.home.as("billing"), c.home.as("shipping")}
	}
	key := clientele{store.storeID, isBusiness}
	g.accounts[key] = append(g.accounts[key], c)
	return c
}

// onOrder is the contact as an order shows it: what the profile lacks comes from the order.
func (c customer) onOrder(billing, shipping *Address) Contact {
	contact := c.contact
	if len(contact.Addresses) > 0 {
		return contact
	}
	contact.Company = c.company
	contact.Phone = billing.Telephone
	contact.Addresses = []Address{*billing}
	if shipping != nil {
		contact.Addresses = append(contact.Addresses, *shipping)
	}
	return contact
}

// changeProfile has an account's holder move house, or a business take another e-mail address, and
// returns the new state of the contact. Later orders know of it.
func (g *Generator) changeProfile(contact Contact, at time.Time) Contact {
	for _, known := range g.accounts {
		for n := range known {
			if known[n].contact.MagentoID != contact.MagentoID {
				continue
			}
			changed := &known[n]
			changed.contact.UpdatedAt = stamp(at)
			if changed.isBusiness {
				changed.contact.Email = "accounts." + changed.contact.Email
				contact.Email, contact.UpdatedAt = changed.contact.Email, changed.contact.UpdatedAt
				return contact
			}
			changed.home = g.address(changed.home.CountryID)
			changed.contact.Phone = changed.home.Telephone
			changed.contact.Addresses = []Address{changed.home.as("billing"), changed.home.as("shipping")}
			return changed.contact
		}
	}
	return contact
}

func (g *Generator) address(country string) Address {
	where := pick(g, places[country])
	address := Address{
		Kind:      "billing",
		Street:    []string{fmt.Sprintf("%d %s", g.between(1, 180), pick(g, streets[:]))},
		City:      where.city,
		Region:    where.region,
		Postcode:  where.postcode,
		CountryID: country,
	}
	if g.chance(20) {
		address.Street = append([]string{fmt.Sprintf("Flat %d", g.between(1, 40))}, address.Street...)
	}
	if g.chance(80) {
		address.Telephone = fmt.Sprintf("01632 960%03d", g.between(0, 999))
	}
	return address
}

func (a Address) as(kind string) Address {
	a.Kind = kind
	return a
}

func email(first, last, mark string, id int) string {
	plain := strings.NewReplacer("é", "e", "ë", "e", "ü", "u", "â", "a", "í", "i", "è", "e", "'", "", "-", "").
		Replace(strings.ToLower(first + "." + last))
	return fmt.Sprintf("%s.%s%d@example.com", plain, mark, id)
}
