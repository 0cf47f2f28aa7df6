package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
)

// Callbacks stores the duties to tell shops of their chips.
type Callbacks interface {
	// ClaimCallbacks takes up to limit due callbacks of an active store, oldest
	// first, and holds them until the given time; each one's Claims rises by
	// one. A callback claimed earlier is due again when that time has passed.
	ClaimCallbacks(ctx context.Context, tenant access.TenantID, storeID string, limit int, now, until time.Time) ([]syncrun.Callback, error)
	// SaveCallback stores what became of a claimed callback. It is a Conflict
	// when somebody else claimed or superseded it meanwhile.
	SaveCallback(ctx context.Context, c syncrun.Callback) error
	// RearmCallback makes the newest callback of a chip due again, delivered or
	// not: an older one may have reached the shop after it.
	RearmCallback(ctx context.Context, chip syncrun.SyncState, now time.Time) error
	// ListDueCallbacks lists active stores, of all tenants, with due callbacks.
	ListDueCallbacks(ctx context.Context, now time.Time, limit int) ([]DueStore, error)
	// RequeueCallbacks makes a tenant's dead callbacks that match the filter due
	// at once, at most limit of them, and returns how many.
	RequeueCallbacks(ctx context.Context, tenant access.TenantID, filter CallbackFilter, limit int, now time.Time) (int, error)
	// GroupDead groups a tenant's dead callbacks that match the filter by error
	// code, the largest group first, in one statement.
	GroupDead(ctx context.Context, tenant access.TenantID, filter CallbackFilter) ([]DeadGroup, error)
	// ListDead lists a tenant's dead callbacks that match the filter, newest
	// first, at most limit of them.
	ListDead(ctx context.Context, tenant access.TenantID, filter CallbackFilter, limit int) ([]syncrun.Callback, error)
	// PurgeDead removes a tenant's dead callbacks that match the filter, at most
	// limit of them, and returns how many.
	PurgeDead(ctx context.Context, tenant access.TenantID, filter CallbackFilter, limit int) (int, error)
	// BackfillCallbacks makes a callback for every final chip of a store, at most
	// limit of them after the given Magento id, and returns the last id, so that
	// the shop's mirror can be filled again; 0 when none is left.
	BackfillCallbacks(ctx context.Context, tenant access.TenantID, storeID string, after int64, limit int, newID func() string, now time.Time) (int64, int, error)
	// CountFinalChips counts the chips that BackfillCallbacks would tell of a store.
	CountFinalChips(ctx context.Context, tenant access.TenantID, storeID string) (int, error)
	// CountPendingCallbacks counts a store's pending callbacks, up to the limit.
	CountPendingCallbacks(ctx context.Context, tenant access.TenantID, storeID string, limit int) (int, error)
	// CountCallbacks counts a tenant's callbacks by status.
	CountCallbacks(ctx context.Context, tenant access.TenantID) (map[syncrun.CallbackStatus]int, error)
}

// CallbackFilter narrows dead callbacks; zero fields do not.
type CallbackFilter struct {
	IDs      []string
	Provider binding.Provider
	// BindingID is the binding of the callback's store and provider.
	BindingID  string
	EntityType commerce.EntityType
	ErrorCode  fault.Code
	// CreatedFrom is inclusive, CreatedTo exclusive.
	CreatedFrom *time.Time
	CreatedTo   *time.Time
}

// DeadGroup is the dead callbacks of one error code.
type DeadGroup struct {
	ErrorCode fault.Code
	Count     int
	// OldestAt is when the first of them was made.
	OldestAt time.Time
}

// DueStore is a store with callbacks to deliver.
type DueStore struct {
	TenantID access.TenantID
	StoreID  string
}
