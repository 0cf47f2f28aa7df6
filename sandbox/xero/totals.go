package xero

import "github.com/shopspring/decimal"

// Totals sums documents of one currency.
type Totals struct {
	Count    int             `json:"count"`
	SubTotal decimal.Decimal `json:"subTotal"`
	TotalTax decimal.Decimal `json:"totalTax"`
	Total    decimal.Decimal `json:"total"`
}

// TotalsByCurrency sums the invoices that are neither voided nor deleted.
func TotalsByCurrency(invoices []InvoiceRecord) map[string]Totals {
	out := map[string]Totals{}
	for _, inv := range invoices {
		sumUp(out, inv.Currency, inv.Status, Totals{SubTotal: inv.SubTotal, TotalTax: inv.TotalTax, Total: inv.Total})
	}
	return out
}

// CreditTotalsByCurrency sums the credit notes that are neither voided nor
// deleted.
func CreditTotalsByCurrency(notes []CreditNoteRecord) map[string]Totals {
	out := map[string]Totals{}
	for _, note := range notes {
		sumUp(out, note.Currency, note.Status, Totals{SubTotal: note.SubTotal, TotalTax: note.TotalTax, Total: note.Total})
	}
	return out
}

func sumUp(into map[string]Totals, currency, status string, document Totals) {
	if status == statusVoided || status == statusDeleted {
		return
	}
	sum := into[currency]
	into[currency] = Totals{
		Count: sum.Count + 1, SubTotal: sum.SubTotal.Add(document.SubTotal), TotalTax: sum.TotalTax.Add(document.TotalTax),
		Total: sum.Total.Add(document.Total),
	}
}
