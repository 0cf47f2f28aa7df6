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
	entries := make([]*contactEntry, len(contacts))
	byNumber := map[string]*contactEntry{}
	known := p.knownContacts(ctx, session, contacts)
	var waiting []*contactEntry
	for i, w := range contacts {
		number := strings.ToLower(w.Contact.Number)
		outcome, isKnown := known[w.KnownID]
		switch {
		case isKnown:
			entries[i] = &contactEntry{outcome: outcome}
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
	outcomes := make([]ports.ContactOutcome, len(contacts))
	errs := make([]error, len(contacts))
	for i, e := range entries {
		outcomes[i], errs[i] = e.outcome, e.outcome.Err
	}
	if err := sharedFault(errs); err != nil {
		return nil, err
	}
	return outcomes, nil
}

// knownContacts are the outcomes of the contacts with a known id, by that id.
// An id that Xero does not have is left out.
func (p *Provider) knownContacts(ctx context.Context, session ports.Session, contacts []ports.ContactWrite) map[string]ports.ContactOutcome {
	out := map[string]ports.ContactOutcome{}
	var ids []string
	for _, w := range contacts {
		if w.KnownID != "" && !slices.Contains(ids, w.KnownID) {
			ids = append(ids, w.KnownID)
		}
	}
	found, err := p.findContactsByID(ctx, session, ids)
	for _, id := range ids {
		held, ok := found[strings.ToLower(id)]
		switch {
		case err != nil:
			out[id] = ports.ContactOutcome{Err: err}
		case ok:
			c, err := p.survivor(ctx, session, held)
			out[id] = ports.ContactOutcome{ID: c.ContactID, Name: c.Name, Err: err}
		}
	}
	return out
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
	return element{key: key, number: e.write.Contact.Number, body: body}, nil
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
	verdicts := p.put(ctx, session, contactCollection, elements)
	var unsure []*contactEntry
	for _, e := range waiting {
		if !e.judge(verdicts[e.write.Contact.Number]) {
			unsure = append(unsure, e)
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
// again. When the look-up fails, uncertain contacts stay uncertain.
func (p *Provider) lookUp(ctx context.Context, session ports.Session, unsure []*contactEntry) []*contactEntry {
	numbers := make([]string, 0, len(unsure))
	for _, e := range unsure {
		numbers = append(numbers, e.write.Contact.Number)
	}
	found, err := p.findContacts(ctx, session, numbers)
	var again []*contactEntry
	for _, e := range unsure {
		held, ok := found[e.number()]
		switch {
		case err != nil && e.clash != clashNone:
			e.outcome = ports.ContactOutcome{Err: err}
		case err != nil:
		case ok:
			c, err := p.survivor(ctx, session, held)
			e.outcome = ports.ContactOutcome{ID: c.ContactID, Name: c.Name, Err: err}
		case e.advance():
			again = append(again, e)
		}
	}
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
			e.outcome = ports.ContactOutcome{Err: fault.Newf(fault.CodeContactNameTaken, "Xero has other contacts with every name for the contact %s.", e.write.Contact.Number)}
			return false
		}
		return true
	default:
		e.tries++
		return e.tries < 2
	}
}
