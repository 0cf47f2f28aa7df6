package xero

import (
	"slices"
	"strings"

	"byte8.io/ledger/domain/fault"
)

// contactClash says what a refused contact collides with.
type contactClash int

const (
	clashNone contactClash = iota
	// clashName means that the name belongs to another contact, or that the
	// message does not say what belongs to it.
	clashName
	// clashNumber means that a contact with our number exists.
	clashNumber
	// clashOther means that a contact like it exists, which no other name avoids.
	clashOther
)

// contactClashOf recognises the refusals that a look-up settles.
func contactClashOf(messages []string) contactClash {
	clash := clashNone
	for _, m := range messages {
		m = strings.ToLower(m)
		switch {
		case strings.Contains(m, "contact number") && strings.Contains(m, "already assigned"):
			return clashNumber
		case strings.Contains(m, "already assigned"), strings.Contains(m, "archived contact"), strings.Contains(m, "has been archived"):
			clash = clashName
		case clash == clashNone && (strings.Contains(m, "already exists") || strings.Contains(m, "duplicate")):
			clash = clashOther
		}
	}
	return clash
}

// refusedContact is the fault in a refusal that no look-up settles.
func refusedContact(messages []string) error {
	if len(messages) == 0 {
		return fault.New(fault.CodeProviderRejected, "Xero refused the contact and did not say why.")
	}
	return fault.New(fault.CodeProviderRejected, joinMessages(messages))
}

// isArchivedContact recognises a refusal to change an archived contact.
func isArchivedContact(messages []string) bool {
	return slices.ContainsFunc(messages, func(m string) bool {
		m = strings.ToLower(m)
		return strings.Contains(m, "archived contact") || strings.Contains(m, "has been archived")
	})
}

func archivedFault(number string) error {
	return fault.Newf(fault.CodeContactArchived, "The contact with the number %s is archived in Xero.", number)
}

func namesTaken(number string) error {
	return fault.Newf(fault.CodeContactNameTaken, "Xero has other contacts with every name for the contact %s.", number)
}
