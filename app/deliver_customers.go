package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// writeContacts is the provider's way to make contacts, or to update them.
type writeContacts func(context.Context, ports.Session, []ports.ContactWrite) ([]ports.ContactOutcome, error)

// deliverCustomers brings the contacts of customer.upserted events to the
// newest state of the shop's customers. It may be repeated at any time.
func (d *delivery) deliverCustomers(ctx context.Context) {
	d.readCustomers(ctx)
	d.followMapping(ctx, "customers", d.openOf(commerce.EventCustomerUpserted), func(context.Context) { d.decideCustomers() })
	known, create, update := d.sortCustomers(ctx)
	for _, together := range d.groups(create) {
		d.writeCustomers(ctx, together, known, d.provider.PutContacts)
	}
	for _, together := range d.groups(update) {
		d.writeCustomers(ctx, together, known, d.provider.UpdateContacts)
	}
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
