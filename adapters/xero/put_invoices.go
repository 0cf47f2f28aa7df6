package xero

import (
	"context"

	"byte8.io/ledger/ports"
)

// PutInvoices creates invoices, up to 50 a call, in the order of their keys. A
// number that stands twice among them is sent once and number_taken for the
// second.
func (p *Provider) PutInvoices(ctx context.Context, session ports.Session, invoices []ports.InvoiceWrite) ([]ports.InvoiceOutcome, error) {
	return writeAll(invoices,
		func(w ports.InvoiceWrite) (element, error) { return invoiceElement(w.Key, w.Invoice) },
		func(elements []element) []verdict { return p.put(ctx, session, invoiceCollection, elements) },
		func(o *ports.InvoiceOutcome, e element, v verdict) error {
			o.Request, o.Response = e.body, evidence(v, invoiceRules)
			var made invoiceIn
			if made, o.Err = read[invoiceIn](v, invoiceRules); o.Err == nil {
				o.Entity, o.Totals = made.entity(p.pages(session)), made.totals()
			}
			return o.Err
		})
}
