package xero

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// allocation is credit of a note put against an invoice of the same contact and
// currency. Both documents list it.
type allocation struct {
	id            string
	note, invoice *document
	amount        decimal.Decimal
	date          time.Time
	updated       time.Time
}

type allocationInput struct {
	Amount  *decimal.Decimal `json:"Amount"`
	Date    *calendarDate    `json:"Date"`
	Invoice *struct {
		InvoiceID string `json:"InvoiceID"`
	} `json:"Invoice"`
}

type allocationView struct {
	AllocationID string         `json:"AllocationID"`
	Amount       amount         `json:"Amount"`
	Date         string         `json:"Date"`
	Invoice      map[string]any `json:"Invoice"`
	CreditNote   map[string]any `json:"CreditNote,omitempty"`
	IsDeleted    bool           `json:"IsDeleted"`
}

// view shows an allocation as its credit note lists it.
func (a *allocation) view() allocationView {
	return allocationView{
		AllocationID: a.id, Amount: amount(a.amount), Date: msDate(a.date),
		Invoice: map[string]any{"InvoiceID": a.invoice.id, "InvoiceNumber": a.invoice.number},
	}
}

// on is the document with the allocation on it.
func (a *allocation) on(d *document) document {
	changed := *d
	changed.applied = changed.applied.Add(a.amount)
	changed.allocations = append(slices.Clone(changed.allocations), a)
	changed.updated = a.updated
	changed.settle(a.date)
	return changed
}

// off is the document with the allocation taken off it.
func (a *allocation) off(d *document, now time.Time) document {
	changed := *d
	changed.applied = changed.applied.Sub(a.amount)
	changed.allocations = slices.DeleteFunc(slices.Clone(changed.allocations), func(other *allocation) bool { return other == a })
	changed.updated = now
	changed.settle(changed.date)
	return changed
}

// allocateCredit puts credit of the note in the path against invoices.
func (c *call) allocateCredit() answer {
	note := c.organisation.creditNotes.byID[idKey(c.request.PathValue("ref"))]
	if note == nil {
		return absent()
	}
	return batch{
		plural: "Allocations", id: "AllocationID",
		write: func(raw json.RawMessage, j *journal) (func() any, []string, error) {
			var in allocationInput
			if err := json.Unmarshal(raw, &in); err != nil {
				return nil, nil, fmt.Errorf("reading an allocation: %w", err)
			}
			made, reasons := c.allocate(note, in, j)
			if len(reasons) > 0 {
				return nil, reasons, nil
			}
			return func() any {
				v := made.view()
				v.CreditNote = map[string]any{"CreditNoteID": note.id, "CreditNoteNumber": note.number}
				return v
			}, nil, nil
		},
	}.run(c)
}

func (c *call) allocate(note *document, in allocationInput, j *journal) (*allocation, []string) {
	o := c.organisation
	var reasons []string
	refuse := func(reason string) { reasons = append(reasons, reason) }

	if in.Date == nil {
		refuse("Date is required for an allocation")
	}
	switch {
	case in.Amount == nil || !in.Amount.IsPositive():
		refuse("The allocation amount must be greater than zero")
	case !in.Amount.Equal(in.Amount.Round(2)):
		refuse("The allocation amount has more than two decimal places")
	}
	var target *document
	if in.Invoice != nil {
		target = o.invoices.byID[idKey(in.Invoice.InvoiceID)]
	}
	if target == nil {
		refuse("The invoice to allocate to could not be found")
	}
	if len(reasons) > 0 {
		return nil, reasons
	}
	if reasons := unallocatable(note, target, *in.Amount); len(reasons) > 0 {
		return nil, reasons
	}
	made := &allocation{
		id: uuid.NewString(), note: note, invoice: target, amount: *in.Amount, date: laterOf(note.date, target.date), updated: c.now,
	}
	if lock := o.locked(made.date); lock != "" {
		return nil, []string{lock}
	}
	o.creditNotes.replace(note, made.on(note), j)
	o.invoices.replace(target, made.on(target), j)
	return made, nil
}

// unallocatable tells why that much credit of the note cannot go to the
// invoice.
func unallocatable(note, target *document, value decimal.Decimal) []string {
	var reasons []string
	refuse := func(reason string) { reasons = append(reasons, reason) }
	if !note.takesPayments() || !target.takesPayments() {
		refuse("Credit can only be allocated between Authorised documents")
	}
	if note.contact != target.contact {
		refuse("The credit note and the invoice must be for the same contact")
	}
	if note.currency != target.currency {
		refuse("The credit note and the invoice must be in the same currency")
	}
	if len(reasons) > 0 {
		return reasons
	}
	if target.status == statusPaid {
		refuse("The invoice you are trying to allocate to has already been paid off")
	}
	if value.GreaterThan(target.open()) {
		refuse("Credit Note cannot be allocated as amount is greater than amount outstanding")
	}
	if value.GreaterThan(note.open()) {
		refuse("The allocation amount exceeds the credit remaining on the credit note")
	}
	return reasons
}

// laterOf gives an allocation its date: Xero counts it from the later document,
// whatever date was sent.
func laterOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// deleteAllocation takes an allocation back. Its answer stands without an
// envelope.
func (c *call) deleteAllocation() answer {
	o := c.organisation
	note := o.creditNotes.byID[idKey(c.request.PathValue("ref"))]
	if note == nil {
		return absent()
	}
	id := idKey(c.request.PathValue("allocation"))
	at := slices.IndexFunc(note.allocations, func(a *allocation) bool { return a.id == id })
	if at < 0 {
		return absent()
	}
	found := note.allocations[at]
	o.creditNotes.replace(note, found.off(note, c.now), &journal{})
	o.invoices.replace(found.invoice, found.off(found.invoice, c.now), &journal{})
	v := found.view()
	v.IsDeleted = true
	return answer{status: http.StatusOK, value: v}
}
