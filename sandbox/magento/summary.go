package magento

import "slices"

// DocumentSummary is a line of the list of all documents. What a kind of document does not have is
// empty, and its total 0.
type DocumentSummary struct {
	Kind Kind `json:"kind"`
	ID   int  `json:"id"`
	// IncrementID is the human number; a product's is its sku.
	IncrementID string `json:"increment_id,omitempty"`
	Currency    string `json:"currency,omitempty"`
	State       string `json:"state,omitempty"`
	// Total is the grand total, and the amount of a payment.
	Total Number `json:"total"`
	// InvoiceID is the invoice that a payment pays or a credit memo refunds.
	InvoiceID int `json:"invoice_id,omitempty"`
	// PaymentMethod is the code of an invoice's or a payment's method.
	PaymentMethod string `json:"payment_method,omitempty"`
	// Oddity is what an accountant would stumble over.
	Oddity Oddity `json:"oddity,omitempty"`
	// Announced is whether the ledger was sent an event about the document. A payment exists beside
	// every invoice, and is announced when that is paid.
	Announced bool `json:"announced"`
}

func (i Invoice) entry() DocumentSummary {
	return DocumentSummary{
		IncrementID: i.IncrementID, Currency: i.Currency, State: i.State, Total: i.GrandTotal, PaymentMethod: i.PaymentMethod, Oddity: i.oddity,
	}
}

func (m CreditMemo) entry() DocumentSummary {
	return DocumentSummary{IncrementID: m.IncrementID, Currency: m.Currency, Total: m.GrandTotal, InvoiceID: m.InvoiceID}
}

func (p Payment) entry() DocumentSummary {
	return DocumentSummary{
		IncrementID: p.InvoiceIncrementID, Currency: p.Currency, Total: p.Amount, InvoiceID: p.InvoiceID, PaymentMethod: p.Method,
	}
}

func (Contact) entry() DocumentSummary { return DocumentSummary{} }

func (p Product) entry() DocumentSummary {
	entry := DocumentSummary{IncrementID: p.SKU}
	if slices.Contains([]string{"configurable", "bundle", "grouped"}, p.ProductType) {
		entry.Oddity = OddityComposite
	}
	return entry
}
