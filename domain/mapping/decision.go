package mapping

import (
	"fmt"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
)

// Decision is what becomes of an invoice. Exactly one of three holds: Invoice
// and Contact are set, Skip is set, or Fault is set.
type Decision struct {
	// Invoice lacks only the contact's id, which the provider gives.
	Invoice *books.Invoice
	Contact *books.Contact
	Skip    syncrun.SkipReason
	Fault   *fault.Error
	// Trace is every rule consulted, in order.
	Trace []syncrun.Step
	// MagentoTotals are the totals the books must come to.
	MagentoTotals books.Totals
	// Rendering names the way the lines were put: one of the Rendering constants.
	Rendering string
}

// describe writes totals for a trace or a message.
func describe(t books.Totals, c money.Currency) string {
	return fmt.Sprintf("net %s, tax %s, gross %s", show(t.Net, c), show(t.Tax, c), show(t.Gross, c))
}

// show writes an amount with the currency's decimals, and with more where it
// has more.
func show(a money.Amount, c money.Currency) string {
	return a.Fixed(max(c.MinorUnits(), a.Places()))
}
