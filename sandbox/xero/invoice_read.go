package xero

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

type lineView struct {
	LineItemID     string           `json:"LineItemID"`
	Description    string           `json:"Description,omitempty"`
	Quantity       *amount          `json:"Quantity,omitempty"`
	UnitAmount     *amount          `json:"UnitAmount,omitempty"`
	LineAmount     *amount          `json:"LineAmount,omitempty"`
	TaxType        string           `json:"TaxType,omitempty"`
	TaxAmount      *amount          `json:"TaxAmount,omitempty"`
	DiscountRate   *amount          `json:"DiscountRate,omitempty"`
	DiscountAmount *amount          `json:"DiscountAmount,omitempty"`
	AccountCode    string           `json:"AccountCode,omitempty"`
	AccountID      string           `json:"AccountID,omitempty"`
	Tracking       []trackingChoice `json:"Tracking"`
}

type paymentReference struct {
	PaymentID string `json:"PaymentID"`
	Date      string `json:"Date"`
	Amount    amount `json:"Amount"`
	Reference string `json:"Reference,omitempty"`
}

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
	CreditNotes          *[]string           `json:"CreditNotes,omitempty"`
	UpdatedDateUTC       string              `json:"UpdatedDateUTC"`
	UpdatedDateUTCString string              `json:"UpdatedDateUTCString"`
}

type invoiceDetail int

const (
	invoiceSummary invoiceDetail = iota // without lines and payments
	fullInvoice
)

// view shows an invoice with unit amounts of the given number of places.
func (i *invoice) view(places int32, detail invoiceDetail) invoiceView {
	v := invoiceView{
		Type: typeSales, InvoiceID: i.id, InvoiceNumber: i.number, Reference: i.reference, Contact: i.contact.view(contactReference),
		DateString: isoDate(i.date), Date: msDate(i.date), DueDateString: isoDate(i.due), DueDate: msDate(i.due),
		ExpectedPaymentDate: msDate(i.expected), FullyPaidOnDate: msDate(i.paidOn), Status: i.status, LineAmountTypes: i.amounts,
		SubTotal: amount(i.subTotal), TotalTax: amount(i.totalTax), Total: amount(i.total), AmountDue: amount(i.amountDue()),
		AmountPaid: amount(i.paid), CurrencyCode: i.currency, CurrencyRate: amount(i.rate), IsDiscounted: !i.discount.IsZero(),
		SentToContact: i.sent, BrandingThemeID: i.theme, URL: i.url,
		UpdatedDateUTC: msDate(i.updated), UpdatedDateUTCString: isoDate(i.updated),
	}
	if v.IsDiscounted {
		v.TotalDiscount = shown(i.discount)
	}
	if detail == invoiceSummary {
		return v
	}
	lines := make([]lineView, 0, len(i.lines))
	for _, l := range i.lines {
		lines = append(lines, l.view(places))
	}
	payments := make([]paymentReference, 0, len(i.payments))
	for _, p := range i.payments {
		payments = append(payments, paymentReference{PaymentID: p.id, Date: msDate(p.date), Amount: amount(p.amount), Reference: p.reference})
	}
	v.LineItems, v.Payments, v.CreditNotes = &lines, &payments, &[]string{}
	return v
}

func shown(d decimal.Decimal) *amount {
	a := amount(d)
	return &a
}

func (l line) view(places int32) lineView {
	v := lineView{LineItemID: l.id, Description: l.description, Tracking: slices.Clone(l.tracking)}
	if v.Tracking == nil {
		v.Tracking = []trackingChoice{}
	}
	if l.text {
		return v
	}
	v.Quantity, v.UnitAmount, v.LineAmount = shown(l.quantity), shown(l.unit.Round(places)), shown(l.amount)
	v.TaxType, v.TaxAmount = l.taxType, shown(l.tax)
	if l.discountRate != nil {
		v.DiscountRate = shown(*l.discountRate)
	}
	if l.discountAmount != nil {
		v.DiscountAmount = shown(*l.discountAmount)
	}
	if l.account != nil {
		v.AccountCode, v.AccountID = l.account.Code, l.account.id
	}
	return v
}

func (c *call) readInvoice() answer {
	found := c.organisation.invoices.find(c.request.PathValue("ref"))
	if found == nil {
		return absent()
	}
	return c.envelope("Invoices", []invoiceView{found.view(c.places(), fullInvoice)}, nil)
}

func (c *call) listInvoices() answer {
	since, refused := c.modifiedSince()
	if refused != nil {
		return *refused
	}
	statuses, contacts := c.set("Statuses"), c.set("ContactIDs")
	term := strings.ToLower(c.request.URL.Query().Get("searchTerm"))
	var candidates []*invoice
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
	detail := fullInvoice
	if summary || pages == nil {
		detail = invoiceSummary
	}
	views := []invoiceView{}
	for _, each := range page {
		views = append(views, each.view(c.places(), detail))
	}
	return c.envelope("Invoices", views, pages.extra())
}

// namedInvoices are the invoices of InvoiceNumbers and IDs, or all of them.
func (c *call) namedInvoices() []*invoice {
	book := &c.organisation.invoices
	numbers, ids := c.set("InvoiceNumbers"), c.set("IDs")
	if numbers == nil && ids == nil {
		return book.list
	}
	var found []*invoice
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
