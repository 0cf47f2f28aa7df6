package xero

import (
	"fmt"
	"net/url"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/ports"
)

// RenderContact is the request of [Provider.PutContacts] for one contact.
func (p *Provider) RenderContact(contact books.Contact) (ports.ProviderRequest, error) {
	entry := &contactEntry{write: ports.ContactWrite{Contact: contact}, names: contactNames(contact)}
	e, err := entry.element()
	return rendered(contactCollection, e, err)
}

// RenderInvoice is the request of [Provider.PutInvoices] for one invoice.
func (p *Provider) RenderInvoice(invoice books.Invoice) (ports.ProviderRequest, error) {
	e, err := invoiceElement("", invoice)
	return rendered(invoiceCollection, e, err)
}

// RenderCreditNote is the request of [Provider.PutCreditNotes] for one note.
func (p *Provider) RenderCreditNote(note books.CreditNote) (ports.ProviderRequest, error) {
	e, err := creditNoteElement("", note)
	return rendered(creditNoteCollection, e, err)
}

// RenderAllocation is the request of [Provider.Allocate].
func (p *Provider) RenderAllocation(allocation books.Allocation) (ports.ProviderRequest, error) {
	e, err := allocationElement("", allocation)
	return rendered(allocationsOf(allocation.CreditNoteID), e, err)
}

// RenderPayment is the request of [Provider.PutPayments] for one payment.
func (p *Provider) RenderPayment(payment books.Payment) (ports.ProviderRequest, error) {
	e, err := paymentElement("", payment)
	return rendered(paymentCollection, e, err)
}

// RenderItem is the request of [Provider.PutItems] for one item.
func (p *Provider) RenderItem(item books.Item) (ports.ProviderRequest, error) {
	e, err := itemElement("", item)
	return rendered(itemCollection, e, err)
}

// rendered is the request that writes one element, with a path to be read by
// people.
func rendered(c collection, e element, err error) (ports.ProviderRequest, error) {
	if err != nil {
		return ports.ProviderRequest{}, err
	}
	r := c.write(e)
	path, err := url.PathUnescape(r.path)
	if err != nil {
		return ports.ProviderRequest{}, fmt.Errorf("reading a path: %w", err)
	}
	if r.query != "" {
		path += "?" + r.query
	}
	return ports.ProviderRequest{Method: r.method, Path: path, Body: r.body}, nil
}

func invoiceElement(key string, invoice books.Invoice) (element, error) {
	body, err := encodeInvoice(invoice)
	return element{key: key, identity: invoice.Number, body: body}, err
}

func creditNoteElement(key string, note books.CreditNote) (element, error) {
	body, err := encodeCreditNote(note)
	return element{key: key, identity: note.Number, body: body}, err
}

func paymentElement(key string, payment books.Payment) (element, error) {
	body, err := encodePayment(payment)
	identity, _ := identifyPayment(body)
	return element{key: key, identity: identity, body: body}, err
}

func itemElement(key string, item books.Item) (element, error) {
	body, err := encodeItem(item)
	return element{key: key, identity: item.Code, body: body}, err
}
