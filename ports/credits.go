package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
)

// Credits stores what the credit memos of an invoice take of it, from before
// they are sent, so that memos under way in several processes never take more
// than there is together.
type Credits interface {
	// SumCredits adds what the other memos of an invoice take of it, whatever
	// became of their runs.
	SumCredits(ctx context.Context, scope XrefScope, invoiceID, memoID int64) (Credit, error)
	// ClaimCredit stores what a memo is about to take of its invoice, in place of
	// what it took before. It is a Conflict, and nothing is stored, when the
	// invoice's memos would take more than the claim allows, when the invoice has
	// no xref, or when the run was claimed by somebody else. Claims on one invoice
	// take turns.
	ClaimCredit(ctx context.Context, claim CreditClaim) error
	// DropCredits forgets what memos take whose credit notes are known not to
	// stand in the books. What a later claim on the run, or another run, stored
	// stays.
	DropCredits(ctx context.Context, leases []Lease) error
	// ListInvoiceRuns lists the runs of a binding's invoices, by the Magento ids of
	// the invoices, oldest first.
	ListInvoiceRuns(ctx context.Context, tenant access.TenantID, bindingID string, invoiceIDs []int64) (map[int64][]InvoiceRun, error)
}

// Credit is what credit notes come to, and what is paid back on them.
type Credit struct {
	Gross    money.Amount
	Refunded money.Amount
}

// CreditClaim is what a credit memo is about to take of its invoice.
type CreditClaim struct {
	Lease Lease
	Scope XrefScope
	// InvoiceID and MemoID are Magento's.
	InvoiceID int64
	MemoID    int64
	Credit    Credit
	// GrossLimit is what the credit notes of the invoice may come to, and
	// RefundLimit what may be paid back on them; nil for no limit.
	GrossLimit  *money.Amount
	RefundLimit *money.Amount
}

// InvoiceRun is as much of an invoice's run as its refunds look at.
type InvoiceRun struct {
	ID         string
	Event      commerce.EventName
	Status     syncrun.Status
	SkipReason syncrun.SkipReason
	CreatedAt  time.Time
}
