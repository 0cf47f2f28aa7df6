package xero

import "github.com/shopspring/decimal"

// CreditNoteRecord is a credit note as the sandbox holds it. Money is exact; in
// JSON it is a string.
type CreditNoteRecord struct {
	TenantID        string             `json:"tenantId"`
	ID              string             `json:"id"`
	Number          string             `json:"number"`
	Reference       string             `json:"reference"`
	Status          string             `json:"status"`
	ContactID       string             `json:"contactId"`
	ContactName     string             `json:"contactName"`
	Date            string             `json:"date"`
	Currency        string             `json:"currency"`
	SubTotal        decimal.Decimal    `json:"subTotal"`
	TotalTax        decimal.Decimal    `json:"totalTax"`
	Total           decimal.Decimal    `json:"total"`
	RemainingCredit decimal.Decimal    `json:"remainingCredit"`
	AmountRefunded  decimal.Decimal    `json:"amountRefunded"`
	AppliedAmount   decimal.Decimal    `json:"appliedAmount"`
	Allocations     []AllocationRecord `json:"allocations"`
	Lines           []LineRecord       `json:"lines"`
	// FromApp is false for a credit note raised by a Xero user.
	FromApp bool `json:"fromApp"`
}

// AllocationRecord is credit of a [CreditNoteRecord] put against an invoice.
type AllocationRecord struct {
	ID            string          `json:"id"`
	InvoiceID     string          `json:"invoiceId"`
	InvoiceNumber string          `json:"invoiceNumber"`
	Date          string          `json:"date"`
	Amount        decimal.Decimal `json:"amount"`
}

// CreditNotes returns the credit notes of the organisation, or of all when the
// tenant is empty, in the order of their creation.
func (s *Server) CreditNotes(tenantID string) []CreditNoteRecord {
	out := []CreditNoteRecord{}
	for _, o := range s.chosen(tenantID) {
		o.mu.Lock()
		for _, note := range o.creditNotes.list {
			out = append(out, note.creditNoteRecord(o.tenantID))
		}
		o.mu.Unlock()
	}
	return out
}

func (d *document) creditNoteRecord(tenantID string) CreditNoteRecord {
	r := CreditNoteRecord{
		TenantID: tenantID, ID: d.id, Number: d.number, Reference: d.reference, Status: d.status, ContactID: d.contact.id,
		ContactName: d.contact.name, Date: plainDate(d.date), Currency: d.currency, SubTotal: d.subTotal, TotalTax: d.totalTax,
		Total: d.total, RemainingCredit: d.open(), AmountRefunded: d.paid, AppliedAmount: d.applied,
		Allocations: make([]AllocationRecord, 0, len(d.allocations)), Lines: d.lineRecords(), FromApp: d.app != "",
	}
	for _, a := range d.allocations {
		r.Allocations = append(r.Allocations, AllocationRecord{
			ID: a.id, InvoiceID: a.invoice.id, InvoiceNumber: a.invoice.number, Date: plainDate(a.date), Amount: a.amount,
		})
	}
	return r
}
