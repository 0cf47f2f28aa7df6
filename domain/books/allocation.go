package books

import "byte8.io/ledger/domain/money"

// Allocation is credit of a note set against an invoice of the same contact and
// currency.
type Allocation struct {
	CreditNoteID string `json:"creditNoteId"`
	InvoiceID    string `json:"invoiceId"`
	// Amount is above zero, and never above what is due or left.
	Amount money.Amount `json:"amount"`
	Date   Date         `json:"date"`
}
