package xero

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

type invoiceView struct {
	Type                 string              `json:"Type"`
	InvoiceID            string              `json:"InvoiceID"`
	InvoiceNumber        string              `json:"InvoiceNumber"`
	Reference            string              `json:"Reference"`
	Contact              contactView         `json:"Contact"`
	DateString           string              `json:"DateString"`
	Date                 string              `json:"Date"`
	DueDateString        string              `json:"DueDateString,omitempty"`
	DueDate              string              `json:"DueDate,omitempty"`
	ExpectedPaymentDate  string              `json:"ExpectedPaymentDate,omitempty"`
	FullyPaidOnDate      string              `json:"FullyPaidOnDate,omitempty"`
	Status               string              `json:"Status"`
	LineAmountTypes      string              `json:"LineAmountTypes"`
	LineItems            *[]lineView         `json:"LineItems,omitempty"`
	SubTotal             amount              `json:"SubTotal"`
	TotalTax             amount              `json:"TotalTax"`
	Total                amount              `json:"Total"`
	TotalDiscount        *amount             `json:"TotalDiscount,omitempty"`
	AmountDue            amount              `json:"AmountDue"`
	AmountPaid           amount              `json:"AmountPaid"`
	AmountCredited       amount              `json:"AmountCredited"`
	CurrencyCode         string              `json:"CurrencyCode"`
	CurrencyRate         amount              `json:"CurrencyRate"`
	IsDiscounted         bool                `json:"IsDiscounted"`
	SentToContact        bool                `json:"SentToContact"`
	HasAttachments       bool                `json:"HasAttachments"`
	HasErrors            bool                `json:"HasErrors"`
	BrandingThemeID      string              `json:"BrandingThemeID,omitempty"`
	URL                  string              `json:"Url,omitempty"`
	Payments             *[]paymentReference `json:"Payments,omitempty"`
	CreditNotes          *[]appliedCredit    `json:"CreditNotes,omitempty"`
	UpdatedDateUTC       string              `json:"UpdatedDateUTC"`
	UpdatedDateUTCString string              `json:"UpdatedDateUTCString"`
}

func (d *document) invoiceView(places int32, detail documentDetail) invoiceView {
	v := invoiceView{
		Type: string(typeSales), InvoiceID: d.id, InvoiceNumber: d.number, Reference: d.reference, Contact: d.contact.view(contactReference),
		DateString: isoDate(d.date), Date: msDate(d.date), DueDateString: isoDate(d.due), DueDate: msDate(d.due),
		ExpectedPaymentDate: msDate(d.expected), FullyPaidOnDate: msDate(d.paidOn), Status: d.status, LineAmountTypes: d.amounts,
		SubTotal: amount(d.subTotal), TotalTax: amount(d.totalTax), Total: amount(d.total), AmountDue: amount(d.open()),
		AmountPaid: amount(d.paid), AmountCredited: amount(d.applied), CurrencyCode: d.currency, CurrencyRate: amount(d.rate),
		IsDiscounted: !d.discount.IsZero(), SentToContact: d.sent, BrandingThemeID: d.theme, URL: d.url,
		UpdatedDateUTC: msDate(d.updated), UpdatedDateUTCString: isoDate(d.updated),
	}
	if v.IsDiscounted {
		v.TotalDiscount = shown(d.discount)
	}
	if detail == fullDocument {
		v.LineItems, v.Payments, v.CreditNotes = d.lineViews(places), d.paymentReferences(), d.appliedCredits()
	}
	return v
}

// appliedCredit is a credit note as an invoice lists it: once, with all that it
// gives to the invoice.
type appliedCredit struct {
	CreditNoteID     string     `json:"CreditNoteID"`
	CreditNoteNumber string     `json:"CreditNoteNumber"`
	DateString       string     `json:"DateString"`
	Date             string     `json:"Date"`
	AppliedAmount    amount     `json:"AppliedAmount"`
	Total            amount     `json:"Total"`
	LineItems        []lineView `json:"LineItems"`
	HasErrors        bool       `json:"HasErrors"`
}

func (d *document) appliedCredits() *[]appliedCredit {
	sums, credits := map[*document]decimal.Decimal{}, []appliedCredit{}
	for _, a := range d.allocations {
		sums[a.note] = sums[a.note].Add(a.amount)
	}
	for _, a := range d.allocations {
		sum, pending := sums[a.note]
		if !pending {
			continue
		}
		delete(sums, a.note)
		credits = append(credits, appliedCredit{
			CreditNoteID: a.note.id, CreditNoteNumber: a.note.number, DateString: isoDate(a.note.date), Date: msDate(a.note.date),
			AppliedAmount: amount(sum), Total: amount(a.note.total), LineItems: []lineView{},
		})
	}
	return &credits
}

func (c *call) listInvoices() answer {
	since, refused := c.modifiedSince()
	if refused != nil {
		return *refused
	}
	statuses, contacts := c.set("Statuses"), c.set("ContactIDs")
	term := strings.ToLower(c.request.URL.Query().Get("searchTerm"))
	var candidates []*document
	for _, each := range c.namedInvoices() {
		switch {
		case !each.updated.After(since),
			statuses != nil && !slices.Contains(statuses, each.status),
			contacts != nil && !slices.ContainsFunc(contacts, func(id string) bool { return idKey(id) == each.contact.id }),
			c.flag("createdByMyApp") && each.app != c.app,
			term != "" && !strings.Contains(strings.ToLower(each.number), term) && !strings.Contains(strings.ToLower(each.reference), term):
			continue
		}
		candidates = append(candidates, each)
	}
	found, refused := query(c, candidates)
	if refused != nil {
		return *refused
	}
	summary := c.flag("summaryOnly")
	page, pages := paged(c, found, summary || statuses != nil)
	detail := fullDocument
	if summary || pages == nil {
		detail = documentSummary
	}
	views := []any{}
	for _, each := range page {
		views = append(views, each.view(c.places(), detail))
	}
	return c.envelope("Invoices", views, pages.extra())
}

// namedInvoices are the invoices of InvoiceNumbers and IDs, or all of them.
func (c *call) namedInvoices() []*document {
	book := &c.organisation.invoices
	numbers, ids := c.set("InvoiceNumbers"), c.set("IDs")
	if numbers == nil && ids == nil {
		return book.list
	}
	var found []*document
	for _, number := range numbers {
		if inv := book.byNumber[number]; inv != nil && (ids == nil || slices.ContainsFunc(ids, func(id string) bool { return idKey(id) == inv.id })) {
			found = append(found, inv)
		}
	}
	if numbers != nil {
		return found
	}
	for _, id := range ids {
		if inv := book.byID[idKey(id)]; inv != nil {
			found = append(found, inv)
		}
	}
	return found
}
