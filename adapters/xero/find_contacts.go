package xero

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// longestMerge is how many merges are followed: contacts are merged by people.
const longestMerge = 10

// findContacts looks contacts up by number, several a call. The answer is keyed
// by the number in lower case.
func (p *Provider) findContacts(ctx context.Context, session ports.Session, numbers []string) (map[string]contactIn, error) {
	return p.readContacts(ctx, session, equalities("ContactNumber", numbers), func(c contactIn) string { return c.ContactNumber })
}

// findContactsByID looks contacts up by id, several a call. The answer is keyed
// by the id in lower case.
func (p *Provider) findContactsByID(ctx context.Context, session ports.Session, ids []string) (map[string]contactIn, error) {
	var filters []url.Values
	for list := range portions(ids, batchSize, longestFilter, func(id string) int { return len(url.QueryEscape(id)) + 3 }) {
		filters = append(filters, url.Values{"IDs": {strings.Join(list, ",")}})
	}
	return p.readContacts(ctx, session, filters, func(c contactIn) string { return c.ContactID })
}

// readContacts reads contacts, archived ones too, page by page being the form
// that says what a contact was merged into.
func (p *Provider) readContacts(ctx context.Context, session ports.Session, filters []url.Values, key func(contactIn) string) (map[string]contactIn, error) {
	found := map[string]contactIn{}
	for _, filter := range filters {
		filter.Set("includeArchived", "true")
		filter.Set("page", "1")
		filter.Set("pageSize", strconv.Itoa(largestPage))
		var answer struct{ Contacts []contactIn }
		if err := p.readList(ctx, session, "/Contacts", filter, &answer); err != nil {
			return nil, err
		}
		for _, c := range answer.Contacts {
			name := strings.ToLower(key(c))
			if held, ok := found[name]; c.exists() && (!ok || !held.isActive()) {
				found[name] = c
			}
		}
	}
	return found, nil
}

// survivor is the contact itself, or the one it was merged into at last. It
// reports contact_archived when that one is archived.
func (p *Provider) survivor(ctx context.Context, session ports.Session, c contactIn) (contactIn, error) {
	archived := fault.Newf(fault.CodeContactArchived, "The contact with the number %s is archived in Xero.", c.ContactNumber)
	for range longestMerge {
		if c.isActive() {
			return c, nil
		}
		if c.MergedToContactID == "" || c.MergedToContactID == nobody {
			return contactIn{}, archived
		}
		var answer struct{ Contacts []contactIn }
		found, err := p.read(ctx, session, "/Contacts/"+url.PathEscape(c.MergedToContactID), nil, &answer)
		if err != nil {
			return contactIn{}, err
		}
		if !found || len(answer.Contacts) == 0 {
			return contactIn{}, archived
		}
		c = answer.Contacts[0]
	}
	return contactIn{}, archived
}
