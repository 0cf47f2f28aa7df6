package books

import "byte8.io/ledger/domain/money"

// CreditNote is a sales credit note as it shall stand in the books. Line
// amounts are exclusive of tax and net of any discount: credit notes have no
// discount field at Xero.
type CreditNote struct {
	// Number is unique and derives from Magento's.
	Number string `json:"number"`
	// Reference marks the note as ours and names the invoice it refunds.
	Reference string         `json:"reference"`
	ContactID string         `json:"contactId"`
	Date      Date           `json:"date"`
	Currency  money.Currency `json:"currency"`
	Status    InvoiceStatus  `json:"status"`
	Lines     []Line         `json:"lines"`
}

// Totals is [Simulate] of the credit note.
func (n CreditNote) Totals() Totals { return Simulate(n.Currency, n.Lines) }
