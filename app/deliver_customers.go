package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// writeContacts is the provider's way to make contacts, or to update them.
type writeContacts func(context.Context, ports.Session, []ports.ContactWrite) ([]ports.ContactOutcome, error)

// deliverCustomers brings the contacts of customer.upserted events to the
// newest state of the shop's customers. It may be repeated at any time.
func (d *delivery) deliverCustomers(ctx context.Context) {
	d.each(d.openOf(commerce.EventCustomerUpserted), "reading the customer", func(w *work) error {
		customer, err := d.Shop.Customer(ctx, d.shop, w.run.MagentoID)
		if err != nil {
			return err
		}
		decision := mapping.Customer(d.request(w), customer)
		w.run.Trace = append(w.run.Trace, decision.Trace...)
		if decision.Skip != "" {
			w.skip(decision.Skip)
		}
		w.contact = decision.Contact
		return nil
	})
	works := d.openOf(commerce.EventCustomerUpserted)
	if len(works) == 0 {
		return
	}
	numbers := make([]string, len(works))
	for i, w := range works {
		numbers[i] = w.contact.Number
	}
	known, err := d.Runs.FindXrefs(ctx, d.xrefScope(), syncrun.XrefContact, numbers)
	if err != nil {
		d.failAll(works, fmt.Errorf("finding contacts: %w", err))
		return
	}
	var update, create []*work
	for _, w := range works {
		if _, ok := known[w.contact.Number]; ok {
			update = append(update, w)
		} else {
			create = append(create, w)
		}
	}
	for _, together := range d.groups(d.nameCustomers(ctx, create)) {
		d.writeCustomers(ctx, together, known, d.provider.PutContacts)
	}
	for _, together := range d.groups(update) {
		d.writeCustomers(ctx, together, known, d.provider.UpdateContacts)
	}
}

// nameCustomers gives new contacts names that are free as far as we know, and
// returns the works that are still open.
func (d *delivery) nameCustomers(ctx context.Context, works []*work) []*work {
	contacts := make([]books.Contact, len(works))
	for i, w := range works {
		contacts[i] = *w.contact
	}
	if err := d.avoidOurNames(ctx, contacts); err != nil {
		d.failAll(works, err)
		return nil
	}
	for i, w := range works {
		w.contact = &contacts[i]
	}
	return works
}

// writeCustomers writes contacts and links each one.
func (d *delivery) writeCustomers(ctx context.Context, works []*work, known map[string]syncrun.Xref, write writeContacts) {
	writes := make([]ports.ContactWrite, len(works))
	for i, w := range works {
		x := known[w.contact.Number]
		writes[i] = ports.ContactWrite{Contact: *w.contact, Key: d.contactKey(w, w.contact.Number), KnownID: x.EntityID, KnownName: x.Reference}
	}
	outcomes, err := d.callContacts(ctx, writes, write)
	for i, w := range works {
		failure := err
		if err == nil {
			failure = outcomes[i].Err
		}
		if failure != nil {
			w.fail(fmt.Errorf("writing the contact: %w", failure))
			continue
		}
		entity := ports.BookEntity{ID: outcomes[i].ID, Number: outcomes[i].Name}
		if err := d.linkContact(ctx, w.contact.Number, entity, known); err != nil {
			w.fail(err)
			continue
		}
		w.name(entity)
		w.trace("contact", w.contact.Number, entity.Number)
		w.succeed()
	}
}

// linkContact stores a contact's xref, or moves it when the contact goes by
// another id or name now.
func (d *delivery) linkContact(ctx context.Context, number string, entity ports.BookEntity, known map[string]syncrun.Xref) error {
	link := d.Runs.PutXref
	if x, ok := known[number]; ok && (x.EntityID != entity.ID || x.Reference != entity.Number) {
		link = d.Runs.ReplaceXref
	}
	if err := link(ctx, d.xref(syncrun.XrefContact, number, entity)); err != nil {
		return fmt.Errorf("linking the contact: %w", err)
	}
	return nil
}
