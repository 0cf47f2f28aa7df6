package books

import "byte8.io/ledger/domain/money"

// Payment is money received for an invoice, or paid back on a credit note.
// Exactly one of InvoiceID and CreditNoteID is set.
type Payment struct {
	InvoiceID    string `json:"invoiceId,omitempty"`
	CreditNoteID string `json:"creditNoteId,omitempty"`
	// AccountID is the provider's id of the bank account, or of another account
	// that takes payments.
	AccountID string `json:"accountId"`
	Date      Date   `json:"date"`
	// Amount is in the document's currency, above zero, and never above what is
	// due or left.
	Amount   money.Amount   `json:"amount"`
	Currency money.Currency `json:"currency"`
	// Reference recognises the payment when it is looked for: Magento's number
	// and the gateway's transaction.
	Reference string `json:"reference"`
}
