package xero

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"byte8.io/ledger/ports"
)

// contactIn is a contact as it is answered.
type contactIn struct {
	ContactID         string
	ContactNumber     string
	Name              string
	FirstName         string
	LastName          string
	EmailAddress      string
	ContactStatus     string
	MergedToContactID string
	Addresses         []address
	Phones            []phone
}

func (c contactIn) exists() bool { return c.ContactID != "" && c.ContactID != nobody }

func (c contactIn) isActive() bool { return c.ContactStatus == "" || c.ContactStatus == "ACTIVE" }

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

// readContacts reads contacts by a key, of which an active one is preferred.
func (p *Provider) readContacts(ctx context.Context, session ports.Session, filters []url.Values, key func(contactIn) string) (map[string]contactIn, error) {
	contacts, err := p.listContacts(ctx, session, filters)
	if err != nil {
		return nil, err
	}
	found := make(map[string]contactIn, len(contacts))
	for _, c := range contacts {
		name := strings.ToLower(key(c))
		if held, ok := found[name]; c.exists() && (!ok || !held.isActive()) {
			found[name] = c
		}
	}
	return found, nil
}

// listContacts reads contacts, archived ones too, page by page being the form
// that has their addresses and says what a contact was merged into.
func (p *Provider) listContacts(ctx context.Context, session ports.Session, filters []url.Values) ([]contactIn, error) {
	var out []contactIn
	for _, filter := range filters {
		filter.Set("includeArchived", "true")
		filter.Set("page", "1")
		filter.Set("pageSize", strconv.Itoa(largestPage))
		contacts, err := readElements[contactIn](ctx, p, session, contactCollection, filter)
		if err != nil {
			return nil, err
		}
		out = append(out, contacts...)
	}
	return out, nil
}

// survivor is the contact itself, or the one it was merged into at last. It
// reports contact_archived when that one is archived.
func (p *Provider) survivor(ctx context.Context, session ports.Session, c contactIn) (contactIn, error) {
	archived := archivedFault(c.ContactNumber)
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
