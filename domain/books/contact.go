package books

// Contact is a customer as the books hold it.
type Contact struct {
	// Number is our key for the contact: store code and customer id, or a digest
	// of a guest's e-mail address. At most 50 characters.
	Number string `json:"number"`
	// Names are the candidates for the contact's name, best first. Names are
	// unique among a Xero organisation's active contacts, so that a taken one
	// gives way to the next.
	Names     []string `json:"names"`
	FirstName string   `json:"firstName,omitempty"`
	LastName  string   `json:"lastName,omitempty"`
	Email     string   `json:"email,omitempty"`
	Phone     string   `json:"phone,omitempty"`
	// Billing and Shipping are nil when the shop has none.
	Billing  *Address `json:"billing,omitempty"`
	Shipping *Address `json:"shipping,omitempty"`
}

// Address is a contact's address. Country is a name without digits.
type Address struct {
	AttentionTo string   `json:"attentionTo,omitempty"`
	Lines       []string `json:"lines,omitempty"`
	City        string   `json:"city,omitempty"`
	Region      string   `json:"region,omitempty"`
	PostalCode  string   `json:"postalCode,omitempty"`
	Country     string   `json:"country,omitempty"`
}
