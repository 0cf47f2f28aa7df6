package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// resolveContacts gives each document about to be sent the id of its contact:
// from our xrefs, else from the provider, once for each contact of the batch.
func (d *delivery) resolveContacts(ctx context.Context) {
	d.createContacts(ctx, d.findContacts(ctx))
}

func (d *delivery) createContacts(ctx context.Context, unknown []newContact) {
	if len(unknown) == 0 {
		return
	}
	writes := make([]ports.ContactWrite, len(unknown))
	for i, c := range unknown {
		writes[i] = ports.ContactWrite{Contact: c.contact, Key: d.contactKey(c.works[0], c.contact.Number)}
	}
	outcomes, err := d.putContacts(ctx, writes)
	for i, c := range unknown {
		works, number := c.works, c.contact.Number
		if err == nil && outcomes[i].Err == nil {
			err := d.Runs.PutXref(ctx, d.xref(syncrun.XrefContact, number, ports.BookEntity{ID: outcomes[i].ID, Number: outcomes[i].Name}))
			if err != nil {
				d.failAll(works, fmt.Errorf("linking the contact: %w", err))
				continue
			}
			for _, w := range works {
				*w.contactID() = outcomes[i].ID
				w.trace("contact", number, outcomes[i].Name)
			}
			continue
		}
		cause := err
		if cause == nil {
			cause = outcomes[i].Err
		}
		d.failAll(works, fmt.Errorf("finding or making the contact: %w", cause))
	}
}

func (d *delivery) putContacts(ctx context.Context, writes []ports.ContactWrite) ([]ports.ContactOutcome, error) {
	return d.callContacts(ctx, writes, d.provider.PutContacts)
}

func (d *delivery) callContacts(ctx context.Context, writes []ports.ContactWrite, write writeContacts) ([]ports.ContactOutcome, error) {
	var outcomes []ports.ContactOutcome
	err := d.call(ctx, func(s session) error {
		var err error
		outcomes, err = write(ctx, s, writes)
		return err
	})
	if err == nil && len(outcomes) != len(writes) {
		err = fault.New(fault.CodeProviderUncertain, "The provider answered for another number of contacts.")
	}
	return outcomes, err
}

// contactKey is the key of a contact's creation on behalf of a work. It is new in
// every pass: the provider would answer a repeat from its memory of a refusal,
// and the contact's number keeps it from being made twice.
func (d *delivery) contactKey(w *work, number string) string {
	write := string(syncrun.OperationContact) + " " + number + " " + w.run.ID
	return syncrun.ProviderKey(d.binding.TenantID, d.binding.Organisation.ID, commerce.EntityCustomer, 0, write, w.run.Claims)
}

// afterArchivedContact sends documents once more whose contact turned out to be
// merged into another: the xref follows the merge. A contact that is archived
// for good ends its documents as contact_archived.
func (d *delivery) afterArchivedContact(ctx context.Context) {
	refused := map[string][]*work{}
	for _, w := range d.works {
		if w.ended && fault.Is(w.err, fault.CodeContactArchived) && w.document != nil && w.contact != nil && !w.lost.Load() {
			refused[w.contact.Number] = append(refused[w.contact.Number], w)
		}
	}
	var again []*work
	for _, works := range refused {
		again = append(again, d.followContact(ctx, works)...)
	}
	d.send(ctx, d.intendInvoices(ctx, again))
}

// followContact returns the works whose common contact lives on under another
// id, ready to be sent there.
func (d *delivery) followContact(ctx context.Context, works []*work) []*work {
	contact, known := *works[0].contact, works[0].document.ContactID
	outcomes, err := d.putContacts(ctx, []ports.ContactWrite{{Contact: contact, Key: d.contactKey(works[0], contact.Number), KnownID: known}})
	if err == nil {
		err = outcomes[0].Err
	}
	if err != nil {
		d.failAll(works, fmt.Errorf("following the contact: %w", err))
		return nil
	}
	if outcomes[0].ID == known {
		return nil
	}
	if err := d.Runs.ReplaceXref(ctx, d.xref(syncrun.XrefContact, contact.Number, ports.BookEntity{ID: outcomes[0].ID, Number: outcomes[0].Name})); err != nil {
		d.failAll(works, fmt.Errorf("linking the contact: %w", err))
		return nil
	}
	for _, w := range works {
		w.trace("contact", contact.Number, "merged; now "+outcomes[0].Name)
		w.document.ContactID = outcomes[0].ID
		w.ended, w.err = false, nil
	}
	return works
}
