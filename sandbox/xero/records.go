package xero

import (
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
	Lines       []LineRecord    `json:"lines"`
	// FromApp is false for an invoice raised by a Xero user.
	FromApp bool `json:"fromApp"`
}

// LineRecord is a line of an [InvoiceRecord].
type LineRecord struct {
	Description string          `json:"description"`
	Quantity    decimal.Decimal `json:"quantity"`
	UnitAmount  decimal.Decimal `json:"unitAmount"`
	LineAmount  decimal.Decimal `json:"lineAmount"`
	TaxAmount   decimal.Decimal `json:"taxAmount"`
	TaxType     string          `json:"taxType"`
	AccountCode string          `json:"accountCode"`
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

// PaymentRecord is a payment as the sandbox holds it.
type PaymentRecord struct {
	TenantID      string          `json:"tenantId"`
	ID            string          `json:"id"`
	InvoiceID     string          `json:"invoiceId"`
	InvoiceNumber string          `json:"invoiceNumber"`
	AccountCode   string          `json:"accountCode"`
	Reference     string          `json:"reference"`
	Date          string          `json:"date"`
	Amount        decimal.Decimal `json:"amount"`
	Status        string          `json:"status"`
}

// Totals sums documents of one currency.
type Totals struct {
	Count    int             `json:"count"`
	SubTotal decimal.Decimal `json:"subTotal"`
	TotalTax decimal.Decimal `json:"totalTax"`
	Total    decimal.Decimal `json:"total"`
}

// Invoices returns the invoices of the organisation, or of all when the tenant
// is empty, in the order of their creation.
func (s *Server) Invoices(tenantID string) []InvoiceRecord {
	out := []InvoiceRecord{}
	for _, o := range s.chosen(tenantID) {
		o.mu.Lock()
		for _, inv := range o.invoices.list {
			out = append(out, inv.record(o.tenantID))
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
			out = append(out, PaymentRecord{
				TenantID: o.tenantID, ID: p.id, InvoiceID: p.invoice.id, InvoiceNumber: p.invoice.number, AccountCode: p.account.Code,
				Reference: p.reference, Date: p.date.Format("2006-01-02"), Amount: p.amount, Status: p.status,
			})
		}
		o.mu.Unlock()
	}
	return out
}

// TotalsByCurrency sums the invoices that are neither voided nor deleted.
func TotalsByCurrency(invoices []InvoiceRecord) map[string]Totals {
	out := map[string]Totals{}
	for _, inv := range invoices {
		if inv.Status == statusVoided || inv.Status == statusDeleted {
			continue
		}
		t := out[inv.Currency]
		t.Count++
		t.SubTotal = t.SubTotal.Add(inv.SubTotal)
		t.TotalTax = t.TotalTax.Add(inv.TotalTax)
		t.Total = t.Total.Add(inv.Total)
		out[inv.Currency] = t
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

func (i *invoice) record(tenantID string) InvoiceRecord {
	r := InvoiceRecord{
		TenantID: tenantID, ID: i.id, Number: i.number, Reference: i.reference, URL: i.url, Status: i.status,
		ContactID: i.contact.id, ContactName: i.contact.name, Date: i.date.Format("2006-01-02"), Currency: i.currency,
		SubTotal: i.subTotal, TotalTax: i.totalTax, Total: i.total, AmountDue: i.amountDue(), AmountPaid: i.paid,
		Lines: make([]LineRecord, 0, len(i.lines)), FromApp: i.app != "",
	}
	if !i.due.IsZero() {
		r.DueDate = i.due.Format("2006-01-02")
	}
	for _, l := range i.lines {
		record := LineRecord{
			Description: l.description, Quantity: l.quantity, UnitAmount: l.unit, LineAmount: l.amount, TaxAmount: l.tax, TaxType: l.taxType,
		}
		if l.account != nil {
			record.AccountCode = l.account.Code
		}
		r.Lines = append(r.Lines, record)
	}
	return r
}
