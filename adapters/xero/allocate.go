package xero

import (
	"context"
	"encoding/json"
	"strings"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/ports"
)

// invoiceRef names an invoice and changes nothing about it.
type invoiceRef struct {
	InvoiceID string
}

// allocationOut is an allocation as it is sent. Its amount is in the currency of
// both documents.
type allocationOut struct {
	Amount  json.Number
	Date    string
	Invoice invoiceRef
}

// allocationIn is an allocation as it is answered, at times without an id.
type allocationIn struct {
	AllocationID string
	Amount       money.Amount
	IsDeleted    bool
	Invoice      invoiceRef
}

// id is the allocation's, or else its invoice's: an allocation that is answered
// with it was made.
func (a allocationIn) id() string {
	if a.AllocationID != "" {
		return a.AllocationID
	}
	return a.Invoice.InvoiceID
}

func identifyAllocation(raw json.RawMessage) (string, bool) {
	var a allocationIn
	if json.Unmarshal(raw, &a) != nil {
		return "", false
	}
	return strings.ToLower(a.Invoice.InvoiceID), a.Invoice.InvoiceID != ""
}

// amountPlaces are the decimals of an amount whose currency is not known here;
// an amount that needs more keeps them.
const amountPlaces = 2

// allocationElement is an allocation on its way.
func allocationElement(key string, a books.Allocation) (element, error) {
	body, err := encode(allocationOut{
		Amount:  digits(a.Amount, amountPlaces),
		Date:    a.Date.String(),
		Invoice: invoiceRef{InvoiceID: a.InvoiceID},
	})
	return element{key: key, identity: strings.ToLower(a.InvoiceID), body: body}, err
}

// Allocate sets part of a credit note against an invoice. More than remains of
// the note or is due on the invoice is payment_exceeds_due.
func (p *Provider) Allocate(ctx context.Context, session ports.Session, write ports.AllocationWrite) (ports.Evidence, error) {
	one, err := allocationElement(write.Key, write.Allocation)
	if err != nil {
		return ports.Evidence{}, err
	}
	v := p.put(ctx, session, allocationsOf(write.Allocation.CreditNoteID), []element{one})[0]
	_, err = read[allocationIn](v, allocationRules)
	return ports.Evidence{Request: one.body, Response: evidence(v, allocationRules)}, err
}
