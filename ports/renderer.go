package ports

import "byte8.io/ledger/domain/books"

// Renderer shows the requests of a provider's writes without sending anything:
// each has the very bytes that the write of that document alone sends first. Ids
// are taken as they are.
type Renderer interface {
	// RenderContact is the request that makes a contact, under the first of its
	// names.
	RenderContact(contact books.Contact) (ProviderRequest, error)
	// RenderInvoice is the request that creates an invoice.
	RenderInvoice(invoice books.Invoice) (ProviderRequest, error)
	// RenderCreditNote is the request that creates a credit note.
	RenderCreditNote(note books.CreditNote) (ProviderRequest, error)
	// RenderAllocation is the request that sets credit against an invoice.
	RenderAllocation(allocation books.Allocation) (ProviderRequest, error)
	// RenderPayment is the request that books a payment or a refund.
	RenderPayment(payment books.Payment) (ProviderRequest, error)
	// RenderItem is the request that creates an item or brings it up to date.
	RenderItem(item books.Item) (ProviderRequest, error)
}

// ProviderRequest is one request as a provider gets it.
type ProviderRequest struct {
	Method string
	// Path is below the provider's API address, with the query.
	Path string
	// Body is JSON.
	Body []byte
}
