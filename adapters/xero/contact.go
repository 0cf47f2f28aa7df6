package xero

import (
	"encoding/json"
	"net/mail"
	"slices"
	"strings"
	"unicode"

	"byte8.io/ledger/domain/books"
)

// The widths of a contact's properties, in characters.
const (
	nameWidth        = 255
	addressLineWidth = 500
	addressLines     = 4
	shortWidth       = 50
)

// contactOut is a contact as it is sent.
type contactOut struct {
	Name          string
	ContactNumber string
	FirstName     string       `json:",omitempty"`
	LastName      string       `json:",omitempty"`
	EmailAddress  string       `json:",omitempty"`
	Addresses     []addressOut `json:",omitempty"`
	Phones        []phoneOut   `json:",omitempty"`
}

// address is an address with all its parts, the empty ones too.
type address struct {
	AddressType  string
	AddressLine1 string
	AddressLine2 string
	AddressLine3 string
	AddressLine4 string
	City         string
	Region       string
	PostalCode   string
	Country      string
	AttentionTo  string
}

// addressOut is an address of a new contact.
type addressOut struct {
	AddressType  string
	AddressLine1 string `json:",omitempty"`
	AddressLine2 string `json:",omitempty"`
	AddressLine3 string `json:",omitempty"`
	AddressLine4 string `json:",omitempty"`
	City         string `json:",omitempty"`
	Region       string `json:",omitempty"`
	PostalCode   string `json:",omitempty"`
	Country      string `json:",omitempty"`
	AttentionTo  string `json:",omitempty"`
}

type phoneOut struct {
	PhoneType   string
	PhoneNumber string
}

// encodeContact writes a new contact under one of its names.
func encodeContact(c books.Contact, name string) (json.RawMessage, error) {
	out := contactOut{
		Name:          name,
		ContactNumber: c.Number,
		FirstName:     clip(c.FirstName, nameWidth),
		LastName:      clip(c.LastName, nameWidth),
		EmailAddress:  emailAddress(c.Email),
	}
	for _, a := range addressesOf(c) {
		out.Addresses = append(out.Addresses, addressOut(a))
	}
	if number := phoneNumber(c); number != "" {
		out.Phones = []phoneOut{{PhoneType: mainPhone, PhoneNumber: number}}
	}
	return encode(out)
}

const mainPhone = "DEFAULT"

func phoneNumber(c books.Contact) string { return clip(strings.TrimSpace(c.Phone), shortWidth) }

// addressesOf are the addresses of a contact. The postal one is what Xero prints
// on invoices.
func addressesOf(c books.Contact) []address {
	var out []address
	if c.Billing != nil {
		out = append(out, postal("POBOX", *c.Billing))
	}
	if c.Shipping != nil {
		out = append(out, postal("STREET", *c.Shipping))
	}
	return out
}

func postal(kind string, a books.Address) address {
	lines := slices.Clone(a.Lines)
	if len(lines) > addressLines {
		lines = append(lines[:addressLines-1], strings.Join(lines[addressLines-1:], ", "))
	}
	lines = append(lines, make([]string, addressLines-len(lines))...)
	return address{
		AddressType:  kind,
		AddressLine1: clip(lines[0], addressLineWidth),
		AddressLine2: clip(lines[1], addressLineWidth),
		AddressLine3: clip(lines[2], addressLineWidth),
		AddressLine4: clip(lines[3], addressLineWidth),
		City:         clip(a.City, nameWidth),
		Region:       clip(a.Region, nameWidth),
		PostalCode:   clip(a.PostalCode, shortWidth),
		Country:      clip(strings.TrimSpace(strings.Map(withoutDigits, a.Country)), shortWidth),
		AttentionTo:  clip(a.AttentionTo, nameWidth),
	}
}

func withoutDigits(r rune) rune {
	if unicode.IsDigit(r) {
		return -1
	}
	return r
}

// emailAddress is the address if Xero can take it, else empty: it refuses a
// whole contact for an address with letters outside ASCII.
func emailAddress(raw string) string {
	raw = strings.TrimSpace(raw)
	isASCII := !strings.ContainsFunc(raw, func(r rune) bool { return r > unicode.MaxASCII })
	parsed, err := mail.ParseAddress(raw)
	if err != nil || parsed.Address != raw || !isASCII || len(raw) > nameWidth {
		return ""
	}
	return raw
}

// contactNames are the candidates as Xero takes names, each once without regard
// to case. A contact without any goes by its number.
func contactNames(c books.Contact) []string {
	names := make([]string, 0, len(c.Names))
	for _, candidate := range c.Names {
		candidate = contactName(candidate)
		isKnown := slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, candidate) })
		if candidate != "" && !isKnown {
			names = append(names, candidate)
		}
	}
	if len(names) == 0 {
		names = append(names, c.Number)
	}
	return names
}

// contactName is a name without angle brackets and superfluous blanks, of at
// most 255 characters.
func contactName(raw string) string {
	raw = strings.NewReplacer("<", "", ">", "").Replace(raw)
	raw = strings.Join(strings.FieldsFunc(raw, isBlank), " ")
	return strings.TrimSpace(clip(raw, nameWidth))
}

func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
