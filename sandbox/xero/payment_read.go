package xero

import "strings"

// kind is Xero's PaymentType.
func (p *payment) kind() string {
	if p.document.kind == typeCredit {
		return "ARCREDITPAYMENT"
	}
	return "ACCRECPAYMENT"
}

func (p *payment) field(name string) (any, bool) {
	switch name {
	case "PaymentID":
		return p.id, true
	case "PaymentType":
		return p.kind(), true
	case "Status":
		return p.status, true
	case "Date":
		return p.date, true
	case "Reference":
		return p.reference, true
	case "Amount":
		return p.amount, true
	case "UpdatedDateUTC":
		return p.updated, true
	case "Invoice.InvoiceID", "Invoice.InvoiceNumber":
		return p.of(typeSales, name), true
	case "CreditNote.CreditNoteID", "CreditNote.CreditNoteNumber":
		return p.of(typeCredit, name), true
	default:
		return nil, false
	}
}

// of is the identifier or the number of the payment's document, and empty when
// the document is of another type.
func (p *payment) of(t documentType, name string) string {
	switch {
	case p.document.kind != t:
		return ""
	case strings.HasSuffix(name, "ID"):
		return p.document.id
	default:
		return p.document.number
	}
}

func (p *payment) view() map[string]any {
	target := map[string]any{
		"Type": p.document.kind, "CurrencyCode": p.document.currency, "Contact": p.document.contact.view(contactReference),
	}
	view := map[string]any{
		"PaymentID": p.id, "Date": msDate(p.date), "Amount": amount(p.amount), "BankAmount": amount(p.amount), "Reference": p.reference,
		"CurrencyRate": amount(p.rate), "PaymentType": p.kind(), "Status": p.status, "IsReconciled": p.reconciled,
		"HasAccount": true, "HasValidationErrors": false,
		"Account":        map[string]any{"AccountID": p.account.id, "Code": p.account.Code, "Name": p.account.Name},
		"UpdatedDateUTC": msDate(p.updated), "UpdatedDateUTCString": isoDate(p.updated),
	}
	if p.document.kind == typeCredit {
		target["CreditNoteID"], target["CreditNoteNumber"] = p.document.id, p.document.number
		view["CreditNote"] = target
		return view
	}
	target["InvoiceID"], target["InvoiceNumber"] = p.document.id, p.document.number
	view["Invoice"] = target
	return view
}

func (c *call) readPayment() answer {
	found := c.organisation.payments.byID[idKey(c.request.PathValue("ref"))]
	if found == nil {
		return absent()
	}
	return c.envelope("Payments", []any{found.view()}, nil)
}

func (c *call) listPayments() answer {
	since, refused := c.modifiedSince()
	if refused != nil {
		return *refused
	}
	var candidates []*payment
	for _, each := range c.organisation.payments.list {
		if each.updated.After(since) {
			candidates = append(candidates, each)
		}
	}
	found, refused := query(c, candidates)
	if refused != nil {
		return *refused
	}
	page, pages := paged(c, found, false)
	views := []any{}
	for _, each := range page {
		views = append(views, each.view())
	}
	return c.envelope("Payments", views, pages.extra())
}
