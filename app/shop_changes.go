package app

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/ports"
)

// noticedStores are stores whose changes are told, after each and whatever
// became of it.
type noticedStores struct {
	ports.Stores
	changed func()
}

// PutStore implements [ports.Stores].
func (s noticedStores) PutStore(ctx context.Context, store binding.Store) (binding.Store, error) {
	defer s.changed()
	return s.Stores.PutStore(ctx, store)
}

// SetStoreStatus implements [ports.Stores].
func (s noticedStores) SetStoreStatus(ctx context.Context, tenant access.TenantID, id string, status binding.StoreStatus, now time.Time) error {
	defer s.changed()
	return s.Stores.SetStoreStatus(ctx, tenant, id, status, now)
}

// PurgeUnpaired implements [ports.Stores].
func (s noticedStores) PurgeUnpaired(ctx context.Context, triedBefore time.Time, limit int) (int, error) {
	defer s.changed()
	return s.Stores.PurgeUnpaired(ctx, triedBefore, limit)
}

// AddStoreKey implements [ports.Stores].
func (s noticedStores) AddStoreKey(ctx context.Context, key binding.StoreKey) error {
	defer s.changed()
	return s.Stores.AddStoreKey(ctx, key)
}

// ActivateStoreKey implements [ports.Stores].
func (s noticedStores) ActivateStoreKey(ctx context.Context, tenant access.TenantID, keyID string, now time.Time, entries ...audit.Entry) error {
	defer s.changed()
	return s.Stores.ActivateStoreKey(ctx, tenant, keyID, now, entries...)
}

// RetireStoreKey implements [ports.Stores].
func (s noticedStores) RetireStoreKey(ctx context.Context, tenant access.TenantID, keyID string) error {
	defer s.changed()
	return s.Stores.RetireStoreKey(ctx, tenant, keyID)
}

// RetireStoreKeys implements [ports.Stores].
func (s noticedStores) RetireStoreKeys(ctx context.Context, tenant access.TenantID, storeID string, entries ...audit.Entry) error {
	defer s.changed()
	return s.Stores.RetireStoreKeys(ctx, tenant, storeID, entries...)
}

// noticedBindings are bindings whose changes are told, after each and whatever
// became of it.
type noticedBindings struct {
	ports.Bindings
	changed func()
}

// PutBinding implements [ports.Bindings].
func (s noticedBindings) PutBinding(ctx context.Context, b binding.Binding) (binding.Binding, error) {
	defer s.changed()
	return s.Bindings.PutBinding(ctx, b)
}

// SaveBinding implements [ports.Bindings].
func (s noticedBindings) SaveBinding(ctx context.Context, b binding.Binding, now time.Time, entries ...audit.Entry) (binding.Binding, error) {
	defer s.changed()
	return s.Bindings.SaveBinding(ctx, b, now, entries...)
}

// AddSettings implements [ports.Bindings].
func (s noticedBindings) AddSettings(ctx context.Context, v settings.Version, entries ...audit.Entry) error {
	defer s.changed()
	return s.Bindings.AddSettings(ctx, v, entries...)
}
