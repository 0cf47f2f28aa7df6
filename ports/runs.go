package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/domain/webhook"
)

// Runs stores runs, their attempts, their outcomes and the xrefs and chips that
// follow from them. The run's row is the truth: the queue only wakes workers.
type Runs interface {
	Credits

	// Claim takes up to limit due runs of a binding and holds them under a lease
	// until the given time; each one's Claims rises by one.
	//
	// Live runs go first, then the oldest. They come event by event, because those
	// of one event are sent together: after the first run all the others with its
	// event and urgency are taken, oldest first, then, while there is room, the
	// first run that is left and its like. Credit memos do not overtake older runs
	// of invoices that are due, and for some minutes give way to all other work, so
	// that they gather.
	//
	// Only runs of an active binding, whose store has not refused our key, are
	// taken: queued, waiting or uncertain ones whose time has come, and running
	// ones whose lease has run out. Of a document with several unfinished runs
	// only the oldest is taken, and none while another is under a lease. Two
	// workers that claim at once share no run. Until the lease ends the run's
	// NextAttemptAt is that end.
	Claim(ctx context.Context, tenant access.TenantID, bindingID, worker string, limit int, now, until time.Time) ([]syncrun.Run, error)
	// Extend prolongs the leases of runs that are still at the given number of
	// claims, and returns the ids of those that are not any more.
	Extend(ctx context.Context, leases []Lease, until time.Time) ([]string, error)
	// RecordIntents stores what is about to be sent, all or nothing. A run that
	// was claimed by somebody else meanwhile is a Conflict that names it.
	RecordIntents(ctx context.Context, intents []RunIntent) error
	// RecordOutcomes stores what became of runs, each in one transaction of its
	// own: the run, its attempt, its xrefs, the chip, a pending callback, which
	// supersedes older pending ones of the same chip, and the deliveries of its
	// message. The result has one
	// entry an outcome: nil, a Conflict when the run was claimed by somebody
	// else, or when an xref belongs to another document
	// (entity_xref_reverse_collision), or internal for a status that no run under
	// way can have next; then nothing of that outcome is stored.
	// The chip and the callback are left out while the outcome says so.
	RecordOutcomes(ctx context.Context, outcomes []Outcome) []error
	// Requeue makes a held, failed, skipped, succeeded or waiting run due at once with
	// the given settings version and no attempts counted; its intent, if any,
	// stays, and it is live work again. While its binding is not active it waits. Any other open run is a Conflict,
	// and so is one whose event has another open run. Its chip becomes pending.
	Requeue(ctx context.Context, tenant access.TenantID, id string, settingsVersion int, now time.Time, entries ...audit.Entry) (syncrun.Run, error)
	// RequeueAll makes held and failed runs that match the filter, and skipped ones
	// where it names that status, due at once, as
	// bulk work, with the binding's newest settings version, up to the limit and
	// oldest first, and returns how many there were.
	RequeueAll(ctx context.Context, tenant access.TenantID, filter RunFilter, limit int, now time.Time, entries ...audit.Entry) (int, error)
	// FindBooked finds what of a binding's invoices is known to be in the books, by
	// the invoices' Magento ids. Of several runs that know the entity, the provider's
	// totals and the currency, the newest speaks.
	FindBooked(ctx context.Context, tenant access.TenantID, bindingID string, invoiceIDs []int64) (map[int64]BookedInvoice, error)
	// PurgeRuns removes ended runs that match the filter, with their attempts,
	// delivered callbacks and events, at most limit of them, and returns how many.
	// Runs of credit memos with an invoice stay while their entity is known,
	// because later refunds of the invoice are checked against them; so do failed
	// runs whose last write has an unknown outcome, xrefs, chips, and callbacks
	// that are pending or dead.
	PurgeRuns(ctx context.Context, filter PurgeFilter, limit int) (int, error)
	// CountPurge counts the runs that PurgeRuns would remove without a limit.
	CountPurge(ctx context.Context, filter PurgeFilter) (int, error)
	// ListDue lists bindings, of all tenants, that have runs Claim would take.
	ListDue(ctx context.Context, now time.Time, limit int) ([]Due, error)

	// FindRun finds a run by id, or NotFound.
	FindRun(ctx context.Context, tenant access.TenantID, id string) (syncrun.Run, error)
	// FindRuns finds the runs that exist for the ids, in one statement and in no
	// particular order.
	FindRuns(ctx context.Context, tenant access.TenantID, ids []string) ([]syncrun.Run, error)
	// ListRuns pages through runs, newest first. The runs of a list have neither
	// trace nor intent; FindRuns reads them.
	ListRuns(ctx context.Context, tenant access.TenantID, filter RunFilter, page Page) (Paged[syncrun.Run], error)
	// CountRuns counts the runs that fit the filter, up to the limit.
	CountRuns(ctx context.Context, tenant access.TenantID, filter RunFilter, limit int) (int, error)
	// GroupStuck groups the held and failed runs that match the filter by status
	// and error code, the largest group first, in one statement. Other statuses
	// of the filter match nothing.
	GroupStuck(ctx context.Context, tenant access.TenantID, filter RunFilter) ([]StuckGroup, error)
	// ListAttempts lists a run's attempts, oldest first.
	ListAttempts(ctx context.Context, tenant access.TenantID, runID string) ([]syncrun.Attempt, error)

	// FindXrefs finds xrefs of one kind by their keys, as a map from key.
	FindXrefs(ctx context.Context, scope XrefScope, kind syncrun.XrefKind, keys []string) (map[string]syncrun.Xref, error)
	// FindContactNames tells which of the names contacts of the organisation bear
	// by our xrefs, of whatever store, as a set of names in lower case. It may miss
	// one whose capitals are not ASCII.
	FindContactNames(ctx context.Context, scope XrefScope, names []string) (map[string]bool, error)
	// PutXref stores an xref. The same link again changes nothing; a link that
	// contradicts a stored one is entity_xref_reverse_collision.
	PutXref(ctx context.Context, x syncrun.Xref) error
	// ReplaceXref points a document's xref at the entity that its own was merged
	// into at the provider. Several documents may then share one entity. A
	// missing xref is NotFound.
	ReplaceXref(ctx context.Context, x syncrun.Xref) error

	// ListSyncStates finds the chips that exist for the ids, in one statement,
	// ordered by id, provider and store.
	ListSyncStates(ctx context.Context, tenant access.TenantID, query SyncStateQuery) ([]syncrun.SyncState, error)
	// EachSyncState yields the chips of ListSyncStates, in the same order and also
	// by one statement. When it fails, some may have been yielded before.
	EachSyncState(ctx context.Context, tenant access.TenantID, query SyncStateQuery, yield func(*syncrun.StateView)) error
}

// Lease names a claim on a run.
type Lease struct {
	TenantID access.TenantID
	RunID    string
	// Claims is the run's number of claims when it was taken.
	Claims int
}

// RunIntent is a run's intent with the claim that may record it.
type RunIntent struct {
	Lease  Lease
	Intent syncrun.Intent
}

// Outcome is what became of a claimed run.
type Outcome struct {
	Lease Lease
	// Run is the run as it shall be stored.
	Run     syncrun.Run
	Attempt *syncrun.Attempt
	Xrefs   []syncrun.Xref
	// State is the chip to store; nil leaves the chip alone.
	State *syncrun.SyncState
	// Callback is the duty to tell the shop; nil for none.
	Callback *syncrun.Callback
	// Message is what webhook endpoints are told; nil for nothing.
	Message *webhook.Message
}

// BookedInvoice is an invoice as it stood when a run saw it in the books last.
type BookedInvoice struct {
	EntityID string
	Totals   books.Totals
	Currency money.Currency
}

// Due is a binding with work to do.
type Due struct {
	TenantID  access.TenantID
	BindingID string
}

// XrefScope is the organisation, and the store whose documents are meant.
type XrefScope struct {
	TenantID       access.TenantID
	StoreID        string
	Provider       binding.Provider
	OrganisationID string
}

// RunFilter narrows a list of runs; zero fields do not.
type RunFilter struct {
	Provider   binding.Provider
	BindingID  string
	Statuses   []syncrun.Status
	SkipReason syncrun.SkipReason
	ErrorCode  fault.Code
	EntityType commerce.EntityType
	MagentoID  int64
	Event      commerce.EventName
	// Text is what the Magento number or the number in the books starts with; upper
	// and lower case of the letters a to z are alike, and no character is special.
	Text string
	// CreatedFrom is inclusive, CreatedTo exclusive.
	CreatedFrom *time.Time
	CreatedTo   *time.Time
}

// StuckGroup is the runs that wait for a person for one reason.
type StuckGroup struct {
	Status    syncrun.Status
	ErrorCode fault.Code
	Count     int
	// OldestAt and NewestAt are when the first and the last of them were made.
	OldestAt time.Time
	NewestAt time.Time
	// SampleID is the newest run of the group.
	SampleID string
}

// PurgeFilter says which ended runs go; zero fields do not narrow.
type PurgeFilter struct {
	TenantID  access.TenantID
	Provider  binding.Provider
	BindingID string
	// Statuses are some of succeeded, skipped and failed; none stands for the
	// first two. Others match nothing.
	Statuses  []syncrun.Status
	ErrorCode fault.Code
	// EndedBefore is exclusive.
	EndedBefore time.Time
}

// SyncStateQuery asks for chips.
type SyncStateQuery struct {
	// StoreID narrows to one store; empty means every store of the tenant.
	StoreID string
	// BindingID narrows to the store and the provider of one binding; empty means
	// all. A binding that is not the tenant's has no chips.
	BindingID  string
	EntityType commerce.EntityType
	MagentoIDs []int64
	// Providers narrows to some providers; empty means all.
	Providers []binding.Provider
}
