// Package syncrun decides what becomes of a document on its way into the books:
// send it, wait, look it up, or leave it to a person.
//
// It decides and does nothing else. It reads no clock and calls no service, so
// that the same history leads to the same decision on any machine and any day.
package syncrun

import "slices"

// Status is where a run is in its life.
type Status string

// The states of a run.
const (
	// StatusQueued is due as soon as a worker is free.
	StatusQueued Status = "queued"
	// StatusRunning is held by a worker under a lease. When the lease runs out,
	// any worker may claim it again.
	StatusRunning Status = "running"
	// StatusWaiting is due at its next attempt, or waits for its binding to be
	// active.
	StatusWaiting Status = "waiting"
	// StatusUncertain sent a write whose answer is unknown. A look-up comes next.
	StatusUncertain Status = "uncertain"
	// StatusHeld waits for a person to map or decide something.
	StatusHeld Status = "held"
	// StatusSucceeded is in the books. Terminal.
	StatusSucceeded Status = "succeeded"
	// StatusSkipped was left out by a filter of the settings. Terminal.
	StatusSkipped Status = "skipped"
	// StatusFailed is a dead letter until a person retries it. Terminal.
	StatusFailed Status = "failed"
)

// Statuses lists every status.
func Statuses() []Status {
	return []Status{StatusQueued, StatusRunning, StatusWaiting, StatusUncertain, StatusHeld, StatusSucceeded, StatusSkipped, StatusFailed}
}

// IsTerminal reports whether the run has ended.
func (s Status) IsTerminal() bool {
	return s == StatusSucceeded || s == StatusSkipped || s == StatusFailed
}

// IsOpen reports whether a worker will still act on the run by itself.
func (s Status) IsOpen() bool { return !s.IsTerminal() && s != StatusHeld }

// MayBecome reports whether the life of a run allows the step. Claiming is a
// step to running; a person's retry is a step back to queued, or to waiting
// while the binding is not active.
func (s Status) MayBecome(next Status) bool { return slices.Contains(steps[s], next) }

var steps = map[Status][]Status{
	StatusQueued:    {StatusRunning, StatusWaiting},
	StatusWaiting:   {StatusRunning, StatusQueued},
	StatusUncertain: {StatusRunning},
	StatusRunning:   {StatusRunning, StatusWaiting, StatusUncertain, StatusHeld, StatusSucceeded, StatusSkipped, StatusFailed},
	StatusHeld:      {StatusQueued, StatusWaiting},
	StatusSucceeded: {StatusQueued, StatusWaiting},
	StatusSkipped:   {StatusQueued, StatusWaiting},
	StatusFailed:    {StatusQueued, StatusWaiting},
}

// Chip is the sync state shown in Magento's grid.
type Chip string

// The chips.
const (
	ChipPending Chip = "pending"
	ChipSynced  Chip = "synced"
	ChipSkipped Chip = "skipped"
	ChipFailed  Chip = "failed"
)

// Chip is what the grid shows for a run in this status. A held run shows as
// failed with its hold's code, so that the merchant sees it.
func (s Status) Chip() Chip {
	switch s {
	case StatusSucceeded:
		return ChipSynced
	case StatusSkipped:
		return ChipSkipped
	case StatusFailed, StatusHeld:
		return ChipFailed
	case StatusQueued, StatusRunning, StatusWaiting, StatusUncertain:
		return ChipPending
	}
	return ChipPending
}

// SkipReason is why a filter left a document out. Reasons are permanent.
type SkipReason string

// The skip reasons.
const (
	SkipUnpaidInvoice           SkipReason = "unpaid_invoice_excluded"
	SkipZeroValueInvoice        SkipReason = "zero_value_invoice"
	SkipOutsideSyncSince        SkipReason = "outside_sync_since"
	SkipWebsiteFiltered         SkipReason = "website_filtered"
	SkipStoreFiltered           SkipReason = "store_filtered"
	SkipPaymentMethodNotMapped  SkipReason = "payment_method_not_mapped"
	SkipProductsDisabled        SkipReason = "products_disabled"
	SkipProductTypeNotSupported SkipReason = "product_type_not_supported"
	// SkipInvoiceCancelled: the shop cancelled the invoice before it was read back.
	SkipInvoiceCancelled SkipReason = "invoice_cancelled"
)

// SkipReasons lists every skip reason.
func SkipReasons() []SkipReason {
	return []SkipReason{
		SkipUnpaidInvoice, SkipZeroValueInvoice, SkipOutsideSyncSince, SkipWebsiteFiltered, SkipStoreFiltered,
		SkipPaymentMethodNotMapped, SkipProductsDisabled, SkipProductTypeNotSupported, SkipInvoiceCancelled,
	}
}
