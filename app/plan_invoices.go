package app

import (
	"context"
	"slices"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// takeKnown ends the works whose invoice has an xref: it is in the books.
func (p *planner) takeKnown(ctx context.Context) {
	open := p.openOf(commerce.EventInvoiceCreated, commerce.EventInvoicePaid)
	known, err := p.findXrefs(ctx, syncrun.XrefInvoice, open)
	if err != nil {
		p.failAll(open, err)
		return
	}
	for _, w := range open {
		x, ok := known[documentKey(w.run)]
		if !ok {
			continue
		}
		w.trace("known", "xref of invoice "+x.Key, "in the books as "+x.Reference)
		p.finishInvoice(w, ports.BookEntity{ID: x.EntityID, Number: x.Reference, URL: x.URL})
	}
}

// read fetches the invoices from the shop.
func (p *planner) read(ctx context.Context) {
	p.each(p.unknownInvoices(), "reading the invoice", func(w *work) error {
		invoice, err := p.Shop.Invoice(ctx, p.shop, w.run.MagentoID)
		if err != nil {
			return err
		}
		w.invoice, w.run.IncrementID, w.run.Currency = invoice, invoice.IncrementID, invoice.Currency
		return nil
	})
}

// unknownInvoices is the open works of invoice events whose invoice is not known
// to be in the books, and whose look-ups are done for this pass.
func (p *planner) unknownInvoices() []*work {
	return slices.DeleteFunc(p.openOf(commerce.EventInvoiceCreated, commerce.EventInvoicePaid), func(w *work) bool {
		return w.lookAgain || w.entity.ID != ""
	})
}

// decide maps each document, or ends its work with a skip, a hold or a refusal.
func (p *planner) decide() {
	for _, w := range p.unknownInvoices() {
		w.guard(p.decideInvoice)
	}
}

func (p *planner) decideInvoice(w *work) {
	decision := mapping.Invoice(p.request(w), w.invoice)
	w.run.Trace = append(w.run.Trace, decision.Trace...)
	totals := decision.MagentoTotals
	w.run.MagentoTotals = &totals
	switch {
	case decision.Fault != nil:
		w.fail(decision.Fault)
	case decision.Skip != "":
		w.skip(decision.Skip)
	default:
		w.document, w.contact = decision.Invoice, decision.Contact
	}
}

// finishInvoice takes note that the invoice is in the books. An invoice.paid
// goes on to its payment.
func (p *planner) finishInvoice(w *work, entity ports.BookEntity) {
	w.entity = entity
	w.name(entity)
	if w.run.Event != commerce.EventInvoicePaid {
		w.settle(p.Now())
		w.succeed()
	}
}
