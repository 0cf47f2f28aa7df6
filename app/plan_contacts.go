package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/syncrun"
)

// newContact is a contact that is not in the books by our xrefs, with the works
// whose documents are for it.
type newContact struct {
	contact books.Contact
	works   []*work
}

// findContacts gives each document about to be sent the id of its contact from
// our xrefs, and returns the contacts that have none, each once.
func (p *planner) findContacts(ctx context.Context) []newContact {
	waiting := map[string][]*work{}
	var order []string
	for _, w := range p.open() {
		if w.contact == nil || w.contactID() == nil || *w.contactID() != "" {
			continue
		}
		if waiting[w.contact.Number] == nil {
			order = append(order, w.contact.Number)
		}
		waiting[w.contact.Number] = append(waiting[w.contact.Number], w)
	}
	if len(order) == 0 {
		return nil
	}
	known, err := p.Runs.FindXrefs(ctx, p.xrefScope(), syncrun.XrefContact, order)
	if err != nil {
		for _, works := range waiting {
			p.failAll(works, fmt.Errorf("finding contacts: %w", err))
		}
		return nil
	}
	var unknown []books.Contact
	for _, number := range order {
		if x, ok := known[number]; ok {
			for _, w := range waiting[number] {
				*w.contactID() = x.EntityID
			}
			continue
		}
		unknown = append(unknown, *waiting[number][0].contact)
	}
	if err := p.avoidOurNames(ctx, unknown); err != nil {
		for _, c := range unknown {
			p.failAll(waiting[c.Number], err)
		}
		return nil
	}
	out := make([]newContact, len(unknown))
	for i, c := range unknown {
		out[i] = newContact{contact: c, works: waiting[c.Number]}
	}
	return out
}

// avoidOurNames leaves names out of new contacts that other contacts of ours
// bear, as long as a candidate remains: the provider would refuse them, and each
// refusal takes a look-up and another call.
func (p *planner) avoidOurNames(ctx context.Context, contacts []books.Contact) error {
	var names []string
	for _, c := range contacts {
		names = append(names, c.Names...)
	}
	if len(names) == 0 {
		return nil
	}
	borne, err := p.Runs.FindContactNames(ctx, p.xrefScope(), names)
	if err != nil {
		return fmt.Errorf("finding names of contacts: %w", err)
	}
	for i, c := range contacts {
		free := slices.DeleteFunc(slices.Clone(c.Names), func(name string) bool { return borne[strings.ToLower(name)] })
		if len(free) > 0 {
			contacts[i].Names = free
		}
	}
	return nil
}
