package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
)

// Stores stores paired shops and the keys shared with them. Secrets are sealed
// at rest.
type Stores interface {
	// PutStore stores a store, or finds the one with the tenant's same address:
	// it returns what is stored, with the id and code of the first call.
	PutStore(ctx context.Context, store binding.Store) (binding.Store, error)
	// FindStore finds a store by id, or NotFound.
	FindStore(ctx context.Context, tenant access.TenantID, id string) (binding.Store, error)
	// ListStores lists a tenant's stores, oldest first.
	ListStores(ctx context.Context, tenant access.TenantID) ([]binding.Store, error)
	// SetStoreStatus changes a store's status. Becoming active makes the
	// waiting runs and callbacks of its live bindings due at once.
	SetStoreStatus(ctx context.Context, tenant access.TenantID, id string, status binding.StoreStatus, now time.Time) error

	// PurgeUnpaired removes stores of all tenants that were never paired: pending
	// since before the given time, with no key tried or active after it, and no
	// binding that ever had consent or a run. Their keys and bindings go with
	// them. It returns how many, at most limit.
	PurgeUnpaired(ctx context.Context, triedBefore time.Time, limit int) (int, error)

	// AddStoreKey stores a candidate key before the shop is called with it.
	AddStoreKey(ctx context.Context, key binding.StoreKey) error
	// ActivateStoreKey makes a key the store's only active one and retires the
	// others as replaced now; the store becomes active as SetStoreStatus does.
	// Repeating it changes nothing. A retired key is a Conflict.
	ActivateStoreKey(ctx context.Context, tenant access.TenantID, keyID string, now time.Time, entries ...audit.Entry) error
	// RetireStoreKey ends a key the shop refused, replaced or not.
	RetireStoreKey(ctx context.Context, tenant access.TenantID, keyID string) error
	// RetireStoreKeys unpairs a store: every key ends, the replaced ones too, and
	// the store becomes pending. An activation at the same time comes before or
	// after all of it.
	RetireStoreKeys(ctx context.Context, tenant access.TenantID, storeID string, entries ...audit.Entry) error
	// ListLiveKeys lists the tenant's candidate and active keys of all stores,
	// newest first, and those replaced after the given time. Incoming tokens are
	// tried against each.
	ListLiveKeys(ctx context.Context, tenant access.TenantID, replacedAfter time.Time) ([]binding.StoreKey, error)
	// FindSigningKey finds the store's newest active key, or NotFound.
	FindSigningKey(ctx context.Context, tenant access.TenantID, storeID string) (binding.StoreKey, error)
}
