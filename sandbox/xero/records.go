package xero

import (
	"time"

	"github.com/shopspring/decimal"
)

// InvoiceRecord is an invoice as the sandbox holds it, for checks from outside.
// Money is exact; in JSON it is a string.
type InvoiceRecord struct {
	TenantID    string          `json:"tenantId"`
	ID          string          `json:"id"`
	Number      string          `json:"number"`
	Reference   string          `json:"reference"`
	URL         string          `json:"url,omitempty"`
	Status      string          `json:"status"`
	ContactID   string          `json:"contactId"`
	ContactName string          `json:"contactName"`
	Date        string          `json:"date"`
	DueDate     string          `json:"dueDate"`
	Currency    string          `json:"currency"`
	SubTotal    decimal.Decimal `json:"subTotal"`
	TotalTax    decimal.Decimal `json:"totalTax"`
	Total       decimal.Decimal `json:"total"`
	AmountDue   decimal.Decimal `json:"amountDue"`
	AmountPaid  decimal.Decimal `json:"amountPaid"`
	// AmountCredited is the credit of notes put against the invoice.
	AmountCredited decimal.Decimal `json:"amountCredited"`
	Lines          []LineRecord    `json:"lines"`
	// FromApp is false for an invoice raised by a Xero user.
	FromApp bool `json:"fromApp"`
}

// LineRecord is a line of an [InvoiceRecord] or a [CreditNoteRecord].
type LineRecord struct {
	Description string          `json:"description"`
	Quantity    decimal.Decimal `json:"quantity"`
	UnitAmount  decimal.Decimal `json:"unitAmount"`
	LineAmount  decimal.Decimal `json:"lineAmount"`
	TaxAmount   decimal.Decimal `json:"taxAmount"`
	TaxType     string          `json:"taxType"`
	AccountCode string          `json:"accountCode"`
	ItemCode    string          `json:"itemCode,omitempty"`
}

// ContactRecord is a contact as the sandbox holds it.
type ContactRecord struct {
	TenantID   string `json:"tenantId"`
	ID         string `json:"id"`
	Name       string `json:"name"`
	Number     string `json:"number,omitempty"`
	Email      string `json:"email,omitempty"`
	Status     string `json:"status"`
	MergedInto string `json:"mergedInto,omitempty"`
}

// PaymentRecord is a payment as the sandbox holds it: money received for an
// invoice, or refunded on a credit note.
type PaymentRecord struct {
	TenantID         string          `json:"tenantId"`
	ID               string          `json:"id"`
	InvoiceID        string          `json:"invoiceId,omitempty"`
	InvoiceNumber    string          `json:"invoiceNumber,omitempty"`
	CreditNoteID     string          `json:"creditNoteId,omitempty"`
	CreditNoteNumber string          `json:"creditNoteNumber,omitempty"`
	AccountCode      string          `json:"accountCode"`
	Reference        string          `json:"reference"`
	Date             string          `json:"date"`
	Currency         string          `json:"currency"`
	Amount           decimal.Decimal `json:"amount"`
	Status           string          `json:"status"`
}

// Invoices returns the invoices of the organisation, or of all when the tenant
// is empty, in the order of their creation.
func (s *Server) Invoices(tenantID string) []InvoiceRecord {
	out := []InvoiceRecord{}
	for _, o := range s.chosen(tenantID) {
		o.mu.Lock()
		for _, inv := range o.invoices.list {
			out = append(out, inv.invoiceRecord(o.tenantID))
		}
		o.mu.Unlock()
	}
	return out
}

// Contacts returns the contacts of the organisation, or of all when the tenant
// is empty, in the order of their creation.
func (s *Server) Contacts(tenantID string) []ContactRecord {
	out := []ContactRecord{}
	for _, o := range s.chosen(tenantID) {
		o.mu.Lock()
		for _, c := range o.contacts.list {
			out = append(out, ContactRecord{
				TenantID: o.tenantID, ID: c.id, Name: c.name, Number: c.number, Email: c.email, Status: c.status, MergedInto: c.mergedInto,
			})
		}
		o.mu.Unlock()
	}
	return out
}

// Payments returns the payments of the organisation, or of all when the tenant
// is empty, in the order of their creation.
func (s *Server) Payments(tenantID string) []PaymentRecord {
	out := []PaymentRecord{}
	for _, o := range s.chosen(tenantID) {
		o.mu.Lock()
		for _, p := range o.payments.list {
			out = append(out, p.record(o.tenantID))
		}
		o.mu.Unlock()
	}
	return out
}

func (s *Server) chosen(tenantID string) []*organisation {
	var out []*organisation
	for _, id := range s.tenantIDs {
		if tenantID == "" || id == idKey(tenantID) {
			out = append(out, s.organisations[id])
		}
	}
	return out
}

func (d *document) invoiceRecord(tenantID string) InvoiceRecord {
	return InvoiceRecord{
		TenantID: tenantID, ID: d.id, Number: d.number, Reference: d.reference, URL: d.url, Status: d.status,
		ContactID: d.contact.id, ContactName: d.contact.name, Date: plainDate(d.date), DueDate: plainDate(d.due), Currency: d.currency,
		SubTotal: d.subTotal, TotalTax: d.totalTax, Total: d.total, AmountDue: d.open(), AmountPaid: d.paid, AmountCredited: d.applied,
		Lines: d.lineRecords(), FromApp: d.app != "",
	}
}

func (d *document) lineRecords() []LineRecord {
	records := make([]LineRecord, 0, len(d.lines))
	for _, l := range d.lines {
		record := LineRecord{
			Description: l.description, Quantity: l.quantity, UnitAmount: l.unit, LineAmount: l.amount, TaxAmount: l.tax, TaxType: l.taxType,
			ItemCode: l.itemCode,
		}
		if l.account != nil {
			record.AccountCode = l.account.Code
		}
		records = append(records, record)
	}
	return records
}

func (p *payment) record(tenantID string) PaymentRecord {
	r := PaymentRecord{
		TenantID: tenantID, ID: p.id, AccountCode: p.account.Code, Reference: p.reference, Date: plainDate(p.date),
		Currency: p.document.currency, Amount: p.amount, Status: p.status,
	}
	if p.document.kind == typeCredit {
		r.CreditNoteID, r.CreditNoteNumber = p.document.id, p.document.number
		return r
	}
	r.InvoiceID, r.InvoiceNumber = p.document.id, p.document.number
	return r
}

// plainDate writes YYYY-MM-DD, and nothing for the zero time.
func plainDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
