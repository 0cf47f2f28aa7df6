package xero

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// PutContacts creates contacts, up to 50 a call, and settles what Xero refuses
// by a look-up by number: a contact that is there is adopted, otherwise the
// next name is tried. A creation whose outcome is unknown is looked up and
// tried once more. A number that stands twice is sent once.
//
// Known contacts are read, several a call, and followed to what they were
// merged into. One that Xero does not have is treated like an unknown one.
func (p *Provider) PutContacts(ctx context.Context, session ports.Session, contacts []ports.ContactWrite) ([]ports.ContactOutcome, error) {
	entries, err := p.settleContacts(ctx, session, contacts)
	if err != nil {
		return nil, err
	}
	return contactOutcomes(entries)
}

// settleContacts brings every contact to an outcome. Contacts with one number
// share an entry.
func (p *Provider) settleContacts(ctx context.Context, session ports.Session, contacts []ports.ContactWrite) ([]*contactEntry, error) {
	entries := make([]*contactEntry, len(contacts))
	byNumber := map[string]*contactEntry{}
	known, err := p.knownContacts(ctx, session, contacts)
	var waiting []*contactEntry
	for i, w := range contacts {
		number := strings.ToLower(w.Contact.Number)
		held, isKnown := known[strings.ToLower(w.KnownID)]
		switch {
		case w.KnownID != "" && err != nil:
			entries[i] = &contactEntry{write: w, outcome: ports.ContactOutcome{Err: err}}
		case isKnown:
			entries[i] = &contactEntry{write: w}
			p.adopt(ctx, session, entries[i], held)
		case number == "":
			entries[i] = &contactEntry{outcome: ports.ContactOutcome{Err: fault.New(fault.CodeInvalid, "A contact without a number cannot be found again.")}}
		case byNumber[number] != nil:
			entries[i] = byNumber[number]
		default:
			entries[i] = &contactEntry{write: w, names: contactNames(w.Contact)}
			byNumber[number] = entries[i]
			waiting = append(waiting, entries[i])
		}
	}
	for len(waiting) > 0 {
		var err error
		if waiting, err = p.putRound(ctx, session, waiting); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

func contactOutcomes(entries []*contactEntry) ([]ports.ContactOutcome, error) {
	outcomes := make([]ports.ContactOutcome, len(entries))
	errs := make([]error, len(entries))
	for i, e := range entries {
		outcomes[i], errs[i] = e.outcome, e.outcome.Err
	}
	if err := sharedFault(errs); err != nil {
		return nil, err
	}
	return outcomes, nil
}

// knownContacts are the contacts with a known id as Xero holds them, by that id
// in lower case. An id that Xero does not have is left out.
func (p *Provider) knownContacts(ctx context.Context, session ports.Session, contacts []ports.ContactWrite) (map[string]contactIn, error) {
	var ids []string
	for _, w := range contacts {
		if w.KnownID != "" && !slices.Contains(ids, w.KnownID) {
			ids = append(ids, w.KnownID)
		}
	}
	return p.findContactsByID(ctx, session, ids)
}

// adopt settles an entry by a contact that is there, or by the one it was merged
// into.
func (p *Provider) adopt(ctx context.Context, session ports.Session, e *contactEntry, held contactIn) {
	c, err := p.survivor(ctx, session, held)
	e.outcome = ports.ContactOutcome{ID: c.ContactID, Name: c.Name, Err: err}
	if err == nil {
		e.held, e.isMerged = &c, c.ContactID != held.ContactID
	}
}

// contactEntry is a contact on its way to an outcome.
type contactEntry struct {
	write ports.ContactWrite
	names []string
	// rung is the name in use, tries the creations under it whose outcome is unknown.
	rung    int
	tries   int
	clash   contactClash
	outcome ports.ContactOutcome
	// held is the contact as Xero had it before this call, nil for one that this
	// call made. isMerged reports that another one was merged into it.
	held     *contactIn
	isMerged bool
}

func (e *contactEntry) number() string { return strings.ToLower(e.write.Contact.Number) }

// element is the contact under its present name. Its key covers the content,
// so that changed data is another request and an uncertain one is not answered
// from Xero's memory of the first.
func (e *contactEntry) element() (element, error) {
	body, err := encodeContact(e.write.Contact, e.names[e.rung])
	if err != nil {
		return element{}, err
	}
	digest := sha256.Sum256(body)
	key := fmt.Sprintf("%s %s %d", e.write.Key, hex.EncodeToString(digest[:]), e.tries)
	return element{key: key, identity: e.write.Contact.Number, body: body}, nil
}

// putRound sends every waiting contact once and returns those that wait for
// another round, each with another name or another try.
func (p *Provider) putRound(ctx context.Context, session ports.Session, waiting []*contactEntry) ([]*contactEntry, error) {
	elements := make([]element, 0, len(waiting))
	taken := make(map[string]bool, len(waiting))
	for _, e := range waiting {
		e.avoid(taken)
		el, err := e.element()
		if err != nil {
			return nil, err
		}
		elements = append(elements, el)
	}
	var unsure []*contactEntry
	for i, v := range p.put(ctx, session, contactCollection, elements) {
		if !waiting[i].judge(v) {
			unsure = append(unsure, waiting[i])
		}
	}
	return p.lookUp(ctx, session, unsure), nil
}

// avoid moves on from names that others of the round bear, as long as there are
// more, and claims the one it ends at.
func (e *contactEntry) avoid(taken map[string]bool) {
	for e.rung < len(e.names)-1 && taken[strings.ToLower(e.names[e.rung])] {
		e.rung++
	}
	taken[strings.ToLower(e.names[e.rung])] = true
}

// judge settles a contact by the verdict on its creation, and reports false
// when a look-up has to.
func (e *contactEntry) judge(v verdict) bool {
	if v.err != nil {
		e.outcome = ports.ContactOutcome{Err: v.err}
		e.clash = clashNone
		return !fault.Is(v.err, fault.CodeProviderUncertain)
	}
	var answered contactIn
	err := json.Unmarshal(v.answer, &answered)
	switch {
	case v.isRefused || err == nil && answered.ContactID == nobody:
		e.outcome = ports.ContactOutcome{Err: refusedContact(v.messages)}
		e.clash = contactClashOf(v.messages)
		return e.clash == clashNone
	case err != nil || !answered.exists():
		e.outcome = ports.ContactOutcome{Err: fault.New(fault.CodeProviderUncertain, "Xero's answer about the contact cannot be read.")}
		e.clash = clashNone
		return false
	default:
		e.outcome = ports.ContactOutcome{ID: answered.ContactID, Name: answered.Name}
		return true
	}
}

// lookUp settles the contacts that are there and returns those to be sent
// again. When the look-up fails, uncertain contacts stay uncertain. What was
// refused as a duplicate and has no other name to try is looked up by e-mail.
func (p *Provider) lookUp(ctx context.Context, session ports.Session, unsure []*contactEntry) []*contactEntry {
	numbers := make([]string, 0, len(unsure))
	for _, e := range unsure {
		numbers = append(numbers, e.write.Contact.Number)
	}
	found, err := p.findContacts(ctx, session, numbers)
	var again, stuck []*contactEntry
	for _, e := range unsure {
		held, ok := found[e.number()]
		switch {
		case err != nil && e.clash != clashNone:
			e.outcome = ports.ContactOutcome{Err: err}
		case err != nil:
		case ok:
			p.adopt(ctx, session, e, held)
		case e.advance():
			again = append(again, e)
		case e.clash != clashNone:
			stuck = append(stuck, e)
		}
	}
	p.findByEmail(ctx, session, stuck)
	return again
}

// advance prepares the next creation of a contact that no look-up found, and
// reports false when there is none.
func (e *contactEntry) advance() bool {
	switch e.clash {
	case clashNumber:
		e.outcome = ports.ContactOutcome{Err: fault.New(fault.CodeProviderUncertain, "Xero holds the contact's number and does not show the contact yet.")}
		return false
	case clashName:
		e.rung, e.tries = e.rung+1, 0
		if e.rung == len(e.names) {
			e.outcome = ports.ContactOutcome{Err: namesTaken(e.write.Contact.Number)}
			return false
		}
		return true
	case clashOther:
		return false
	default:
		e.tries++
		return e.tries < 2
	}
}

// findByEmail settles contacts by another one with their e-mail address, if it
// is active and its number is theirs, or it has none and is the only one. E-mail
// addresses are not unique: a contact with somebody else's number is somebody
// else. Contacts without such a one keep their faults.
func (p *Provider) findByEmail(ctx context.Context, session ports.Session, stuck []*contactEntry) {
	var emails []string
	for _, e := range stuck {
		if email := emailAddress(e.write.Contact.Email); email != "" {
			emails = append(emails, email)
		}
	}
	found, err := p.listContacts(ctx, session, equalities("EmailAddress", emails))
	for _, e := range stuck {
		email := emailAddress(e.write.Contact.Email)
		if email == "" {
			continue
		}
		if err != nil {
			e.outcome = ports.ContactOutcome{Err: err}
			continue
		}
		if held, ok := adoptable(found, email, e.write.Contact.Number); ok {
			p.adopt(ctx, session, e, held)
		}
	}
}

func adoptable(contacts []contactIn, email, number string) (contactIn, bool) {
	var free []contactIn
	for _, c := range contacts {
		switch {
		case !c.exists() || !c.isActive() || !strings.EqualFold(c.EmailAddress, email):
		case strings.EqualFold(c.ContactNumber, number):
			return c, true
		case c.ContactNumber == "":
			free = append(free, c)
		}
	}
	if len(free) != 1 {
		return contactIn{}, false
	}
	return free[0], true
}
