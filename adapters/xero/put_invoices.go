package xero

import (
	"context"
	"encoding/json"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// PutInvoices creates invoices, up to 50 a call, in the order of their keys. A
// number that stands twice among them is sent once and number_taken for the
// second.
func (p *Provider) PutInvoices(ctx context.Context, session ports.Session, invoices []ports.InvoiceWrite) ([]ports.InvoiceOutcome, error) {
	outcomes := make([]ports.InvoiceOutcome, len(invoices))
	elements := make([]element, 0, len(invoices))
	owner := make(map[string]int, len(invoices))
	for i, w := range invoices {
		number := w.Invoice.Number
		if _, ok := owner[number]; ok {
			outcomes[i].Err = fault.New(fault.CodeNumberTaken, "Another invoice of the same call has this number.")
			continue
		}
		body, err := encodeInvoice(w.Invoice)
		if err != nil {
			return nil, err
		}
		owner[number] = i
		outcomes[i].Request = body
		elements = append(elements, element{key: w.Key, number: number, body: body})
	}
	verdicts := p.put(ctx, session, invoiceCollection, elements)
	for number, i := range owner {
		settle(&outcomes[i], verdicts[number], session)
	}
	errs := make([]error, len(outcomes))
	for i, o := range outcomes {
		errs[i] = o.Err
	}
	if err := sharedFault(errs); err != nil {
		return nil, err
	}
	return outcomes, nil
}

// settle turns the verdict on an invoice into its outcome.
func settle(o *ports.InvoiceOutcome, v verdict, session ports.Session) {
	o.Response = evidence(v)
	switch {
	case v.err != nil:
		o.Err = v.err
		return
	case v.isRefused:
		o.Err = refusedInvoice(v.messages)
		return
	}
	var answered invoiceIn
	if err := json.Unmarshal(v.answer, &answered); err != nil {
		o.Err = fault.Wrap(fault.CodeProviderUncertain, "Xero's answer about the invoice cannot be read.", err)
		return
	}
	switch answered.InvoiceID {
	case nobody:
		o.Err = refusedInvoice(v.messages)
		return
	case "":
		o.Err = fault.New(fault.CodeProviderUncertain, "Xero's answer does not name the invoice it made.")
		return
	}
	o.Entity = answered.entity(session)
	o.Totals = answered.totals()
}

func (i invoiceIn) entity(session ports.Session) ports.BookEntity {
	return ports.BookEntity{ID: i.InvoiceID, Number: i.InvoiceNumber, URL: invoiceURL(session.ShortCode, i.InvoiceID), Status: i.Status}
}
