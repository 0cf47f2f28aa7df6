package xero

func (c *call) createCreditNotes() answer { return c.createDocuments(typeCredit) }

func (c *call) upsertCreditNotes() answer { return c.upsertDocuments(typeCredit) }

func (c *call) updateCreditNote() answer { return c.updateDocument(typeCredit) }

func (c *call) readCreditNote() answer { return c.readDocument(typeCredit) }

type creditNoteView struct {
	Type                 string              `json:"Type"`
	CreditNoteID         string              `json:"CreditNoteID"`
	CreditNoteNumber     string              `json:"CreditNoteNumber"`
	Reference            string              `json:"Reference"`
	Contact              contactView         `json:"Contact"`
	DateString           string              `json:"DateString"`
	Date                 string              `json:"Date"`
	DueDateString        string              `json:"DueDateString,omitempty"`
	DueDate              string              `json:"DueDate,omitempty"`
	FullyPaidOnDate      string              `json:"FullyPaidOnDate,omitempty"`
	Status               string              `json:"Status"`
	LineAmountTypes      string              `json:"LineAmountTypes"`
	LineItems            *[]lineView         `json:"LineItems,omitempty"`
	SubTotal             amount              `json:"SubTotal"`
	TotalTax             amount              `json:"TotalTax"`
	Total                amount              `json:"Total"`
	RemainingCredit      amount              `json:"RemainingCredit"`
	AppliedAmount        amount              `json:"AppliedAmount"`
	Allocations          *[]allocationView   `json:"Allocations,omitempty"`
	Payments             *[]paymentReference `json:"Payments,omitempty"`
	CurrencyCode         string              `json:"CurrencyCode"`
	CurrencyRate         amount              `json:"CurrencyRate"`
	SentToContact        bool                `json:"SentToContact"`
	HasAttachments       bool                `json:"HasAttachments"`
	HasErrors            bool                `json:"HasErrors"`
	BrandingThemeID      string              `json:"BrandingThemeID,omitempty"`
	UpdatedDateUTC       string              `json:"UpdatedDateUTC"`
	UpdatedDateUTCString string              `json:"UpdatedDateUTCString"`
}

func (d *document) creditNoteView(places int32, detail documentDetail) creditNoteView {
	v := creditNoteView{
		Type: string(typeCredit), CreditNoteID: d.id, CreditNoteNumber: d.number, Reference: d.reference,
		Contact: d.contact.view(contactReference), DateString: isoDate(d.date), Date: msDate(d.date),
		DueDateString: isoDate(d.due), DueDate: msDate(d.due), FullyPaidOnDate: msDate(d.paidOn), Status: d.status,
		LineAmountTypes: d.amounts, SubTotal: amount(d.subTotal), TotalTax: amount(d.totalTax), Total: amount(d.total),
		RemainingCredit: amount(d.open()), AppliedAmount: amount(d.applied), CurrencyCode: d.currency, CurrencyRate: amount(d.rate),
		BrandingThemeID: d.theme, UpdatedDateUTC: msDate(d.updated), UpdatedDateUTCString: isoDate(d.updated),
	}
	if detail == documentSummary {
		return v
	}
	allocations := make([]allocationView, 0, len(d.allocations))
	for _, a := range d.allocations {
		allocations = append(allocations, a.view())
	}
	v.LineItems, v.Payments, v.Allocations = d.lineViews(places), d.paymentReferences(), &allocations
	return v
}

// listCreditNotes takes no list of identifiers or numbers: the where parameter
// alone narrows it.
func (c *call) listCreditNotes() answer {
	since, refused := c.modifiedSince()
	if refused != nil {
		return *refused
	}
	var candidates []*document
	for _, each := range c.organisation.creditNotes.list {
		if each.updated.After(since) {
			candidates = append(candidates, each)
		}
	}
	found, refused := query(c, candidates)
	if refused != nil {
		return *refused
	}
	page, pages := paged(c, found, false)
	detail := fullDocument
	if pages == nil {
		detail = documentSummary
	}
	views := []any{}
	for _, each := range page {
		views = append(views, each.view(c.places(), detail))
	}
	return c.envelope("CreditNotes", views, pages.extra())
}
