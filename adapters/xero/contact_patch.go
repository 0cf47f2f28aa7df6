package xero

import (
	"slices"
	"strings"

	"byte8.io/ledger/domain/books"
)

// contactPatch is what a change of a contact sends: the properties that differ.
type contactPatch struct {
	ContactID    string
	Name         string    `json:",omitempty"`
	FirstName    string    `json:",omitempty"`
	LastName     string    `json:",omitempty"`
	EmailAddress string    `json:",omitempty"`
	Addresses    []address `json:",omitempty"`
	Phones       []phone   `json:",omitempty"`
}

func (p contactPatch) isEmpty() bool {
	return p.FirstName == "" && p.LastName == "" && p.EmailAddress == "" && len(p.Addresses) == 0 && len(p.Phones) == 0
}

// phone is a telephone number with all its parts, the empty ones too.
type phone struct {
	PhoneType        string
	PhoneNumber      string
	PhoneAreaCode    string
	PhoneCountryCode string
}

// patchOf is what the shop's contact changes about the one that Xero holds.
func patchOf(c books.Contact, held contactIn) contactPatch {
	return contactPatch{
		FirstName:    unlessEqual(clip(c.FirstName, nameWidth), held.FirstName),
		LastName:     unlessEqual(clip(c.LastName, nameWidth), held.LastName),
		EmailAddress: unlessEqual(emailAddress(c.Email), held.EmailAddress),
		Addresses:    patchedAddresses(addressesOf(c), held.Addresses),
		Phones:       patchedPhones(phoneNumber(c), held.Phones),
	}
}

func unlessEqual(ours, theirs string) string {
	if strings.TrimSpace(ours) == strings.TrimSpace(theirs) {
		return ""
	}
	return ours
}

// patchedAddresses are ours and, because a list that is sent replaces the list,
// those of other types; nil when ours are there already.
func patchedAddresses(ours, theirs []address) []address {
	isThere := func(a address) bool {
		return slices.ContainsFunc(theirs, func(t address) bool { return a.trimmed() == t.trimmed() })
	}
	if !slices.ContainsFunc(ours, func(a address) bool { return !isThere(a) }) {
		return nil
	}
	for _, t := range theirs {
		isOurs := slices.ContainsFunc(ours, func(a address) bool { return a.AddressType == t.AddressType })
		if isBlank := t == (address{AddressType: t.AddressType}); !isOurs && !isBlank {
			ours = append(ours, t)
		}
	}
	return ours
}

func (a address) trimmed() address {
	for _, part := range []*string{
		&a.AddressLine1, &a.AddressLine2, &a.AddressLine3, &a.AddressLine4, &a.City, &a.Region, &a.PostalCode, &a.Country, &a.AttentionTo,
	} {
		*part = strings.TrimSpace(*part)
	}
	return a
}

// patchedPhones are the main number and, as with addresses, the numbers of other
// types; nil when the main number is there already, or the shop has none.
func patchedPhones(number string, theirs []phone) []phone {
	main := phone{PhoneType: mainPhone, PhoneNumber: number}
	if number == "" || slices.Contains(theirs, main) {
		return nil
	}
	out := []phone{main}
	for _, t := range theirs {
		if t.PhoneType != mainPhone && t.PhoneNumber != "" {
			out = append(out, t)
		}
	}
	return out
}
