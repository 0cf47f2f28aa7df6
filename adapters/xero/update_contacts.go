package xero

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// UpdateContacts reads the known contacts, several a call, and changes those
// that differ, up to 50 a call; where nothing differs nothing is sent. Contacts
// without a known id, or whose id is gone, are made or found as by PutContacts.
//
// What the shop leaves empty stays as it is. A contact that ours was merged into
// is changed only while it has no number or ours: with another number it is
// somebody else. Of changes to one contact the last is sent.
func (p *Provider) UpdateContacts(ctx context.Context, session ports.Session, contacts []ports.ContactWrite) ([]ports.ContactOutcome, error) {
	entries, err := p.settleContacts(ctx, session, contacts)
	if err != nil {
		return nil, err
	}
	waiting := contactChanges(entries)
	for len(waiting) > 0 {
		if waiting, err = p.changeRound(ctx, session, waiting); err != nil {
			return nil, err
		}
	}
	return contactOutcomes(entries)
}

// contactChange is a change of one contact and the entries that it settles.
type contactChange struct {
	entries []*contactEntry
	write   ports.ContactWrite
	held    contactIn
	patch   contactPatch
	// names are the candidates that are left; without any the name stays.
	names []string
}

// contactChanges are the changes that settled entries call for.
func contactChanges(entries []*contactEntry) []*contactChange {
	byID := map[string]*contactChange{}
	var all []*contactChange
	for _, e := range entries {
		if e.outcome.Err != nil || e.held == nil || e.isSomebodyElse() {
			continue
		}
		c := byID[e.held.ContactID]
		if c == nil {
			c = &contactChange{held: *e.held}
			byID[e.held.ContactID] = c
			all = append(all, c)
		}
		c.entries, c.write = append(c.entries, e), e.write
	}
	return slices.DeleteFunc(all, func(c *contactChange) bool {
		c.patch = patchOf(c.write.Contact, c.held)
		c.names = newNames(c.write, c.held)
		return c.patch.isEmpty() && len(c.names) == 0
	})
}

// isSomebodyElse reports that the entry led to a contact with another number
// than its own, by way of a merge.
func (e *contactEntry) isSomebodyElse() bool {
	return e.isMerged && e.held.ContactNumber != "" && !strings.EqualFold(e.held.ContactNumber, e.write.Contact.Number)
}

// newNames are the names to try for a contact, none when it keeps its name: it
// is one of the candidates already, or not the name that we gave it.
func newNames(w ports.ContactWrite, held contactIn) []string {
	candidates := contactNames(w.Contact)
	at := slices.IndexFunc(candidates, func(n string) bool { return strings.EqualFold(n, held.Name) })
	switch {
	case w.KnownName == "" || w.KnownName != held.Name:
		return nil
	case at < 0:
		return candidates
	case candidates[at] != held.Name:
		return candidates[at : at+1]
	default:
		return nil
	}
}

func (c *contactChange) element() (element, error) {
	patch := c.patch
	patch.ContactID = c.held.ContactID
	if len(c.names) > 0 {
		patch.Name = c.names[0]
	}
	body, err := encode(patch)
	return element{key: c.write.Key, identity: c.held.ContactID, body: body}, err
}

// changeRound sends every change once and returns those that try their next name.
func (p *Provider) changeRound(ctx context.Context, session ports.Session, waiting []*contactChange) ([]*contactChange, error) {
	elements := make([]element, 0, len(waiting))
	for _, c := range waiting {
		e, err := c.element()
		if err != nil {
			return nil, err
		}
		elements = append(elements, e)
	}
	var again []*contactChange
	for i, v := range p.put(ctx, session, contactUpdates, elements) {
		if waiting[i].judge(v) {
			again = append(again, waiting[i])
		}
	}
	return again, nil
}

// judge settles a change by its verdict, or reports true when another name is to
// be tried.
func (c *contactChange) judge(v verdict) bool {
	if v.err != nil {
		c.settle(ports.ContactOutcome{Err: v.err})
		return false
	}
	var answered contactIn
	err := json.Unmarshal(v.answer, &answered)
	isRefused := v.isRefused || answered.ContactID == nobody
	switch {
	case !isRefused && err != nil:
		c.settle(ports.ContactOutcome{Err: fault.Wrap(fault.CodeProviderUncertain, "Xero's answer about the contact cannot be read.", err)})
	case !isRefused:
		c.settle(ports.ContactOutcome{ID: c.held.ContactID, Name: cmp.Or(answered.Name, c.held.Name)})
	case isArchivedContact(v.messages):
		c.settle(ports.ContactOutcome{Err: archivedFault(c.write.Contact.Number)})
	case contactClashOf(v.messages) != clashName || len(c.names) == 0:
		c.settle(ports.ContactOutcome{Err: refusedContact(v.messages)})
	case len(c.names) == 1:
		c.settle(ports.ContactOutcome{Err: namesTaken(c.write.Contact.Number)})
	default:
		c.names = c.names[1:]
		return true
	}
	return false
}

func (c *contactChange) settle(o ports.ContactOutcome) {
	for _, e := range c.entries {
		e.outcome = o
	}
}
