package commerce

import "time"

// Address is a billing or shipping address.
type Address struct {
	// Kind is billing or shipping.
	Kind     string
	Street   []string
	City     string
	Region   string
	Postcode string
	// CountryID is ISO 3166-1 alpha-2.
	CountryID string
	Telephone string
}

// Customer is a shop's customer. MagentoID 0 is a guest, made up from an order:
// there is nothing to fetch by that id.
type Customer struct {
	MagentoID int64
	Email     string
	FirstName string
	LastName  string
	Company   string
	Phone     string
	WebsiteID int64
	GroupID   int64
	Addresses []Address
	CreatedAt time.Time
	UpdatedAt time.Time
}

// IsGuest reports whether the customer has no account in the shop.
func (c Customer) IsGuest() bool { return c.MagentoID == 0 }

// Address is the first address of the kind, or nil.
func (c Customer) Address(kind string) *Address {
	for i := range c.Addresses {
		if c.Addresses[i].Kind == kind {
			return &c.Addresses[i]
		}
	}
	return nil
}

// DecodeCustomer reads the answer of GET /V1/byte8/customer/{id}.
func DecodeCustomer(raw []byte) (Customer, error) {
	var w customerWire
	if err := decode(raw, "customer", &w); err != nil {
		return Customer{}, err
	}
	if w.MagentoID.n <= 0 {
		return Customer{}, missing("customer", "magento_id")
	}
	return w.customer(), nil
}

type addressWire struct {
	Kind      text   `json:"kind"`
	Street    []text `json:"street"`
	City      text   `json:"city"`
	Region    text   `json:"region"`
	Postcode  text   `json:"postcode"`
	CountryID text   `json:"country_id"`
	Telephone text   `json:"telephone"`
}

func (w *addressWire) address() *Address {
	if w == nil {
		return nil
	}
	a := Address{
		Kind: clean(w.Kind), City: clean(w.City), Region: clean(w.Region), Postcode: clean(w.Postcode),
		CountryID: clean(w.CountryID), Telephone: clean(w.Telephone),
	}
	for _, line := range w.Street {
		if s := clean(line); s != "" {
			a.Street = append(a.Street, s)
		}
	}
	return &a
}

type customerWire struct {
	MagentoID whole         `json:"magento_id"`
	Email     text          `json:"email"`
	FirstName text          `json:"first_name"`
	LastName  text          `json:"last_name"`
	Company   text          `json:"company"`
	Phone     text          `json:"phone"`
	WebsiteID whole         `json:"website_id"`
	GroupID   whole         `json:"group_id"`
	Addresses []addressWire `json:"addresses"`
	CreatedAt text          `json:"created_at"`
	UpdatedAt text          `json:"updated_at"`
}

func (w *customerWire) customer() Customer {
	if w == nil {
		return Customer{}
	}
	c := Customer{
		MagentoID: w.MagentoID.n, Email: clean(w.Email), FirstName: clean(w.FirstName), LastName: clean(w.LastName),
		Company: clean(w.Company), Phone: clean(w.Phone), WebsiteID: w.WebsiteID.n, GroupID: w.GroupID.n,
		CreatedAt: instant(w.CreatedAt), UpdatedAt: instant(w.UpdatedAt),
	}
	for i := range w.Addresses {
		c.Addresses = append(c.Addresses, *w.Addresses[i].address())
	}
	return c
}
