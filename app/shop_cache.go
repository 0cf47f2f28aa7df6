package app

import (
	"context"
	"slices"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
)

const (
	// shopCacheLife is how long intake takes a shop, its keys and its bindings to be
	// what they were: so long may what another process changes go unseen here.
	shopCacheLife = 2 * time.Second
	// shopCacheSize bounds the shops that are kept.
	shopCacheSize = 4096
)

// shopCache keeps what intake has to know of a shop before it stores an event.
// Every change that this process makes to any shop empties it.
type shopCache struct {
	keys     recent[access.TenantID, []binding.StoreKey]
	stores   recent[storeRef, binding.Store]
	bindings recent[storeRef, []binding.Binding]
}

type storeRef struct {
	tenant access.TenantID
	id     string
}

func newShopCache() *shopCache {
	return &shopCache{
		keys:     recent[access.TenantID, []binding.StoreKey]{life: shopCacheLife, size: shopCacheSize},
		stores:   recent[storeRef, binding.Store]{life: shopCacheLife, size: shopCacheSize},
		bindings: recent[storeRef, []binding.Binding]{life: shopCacheLife, size: shopCacheSize},
	}
}

func (c *shopCache) forget() {
	c.keys.forget()
	c.stores.forget()
	c.bindings.forget()
}

// shopReads reads what is known of a shop, for one call of it.
type shopReads struct {
	app *App
	// mayBeOld allows what was read a moment ago, and wasOld reports that some of
	// what was returned is: then nothing may be refused because of it.
	mayBeOld bool
	wasOld   bool
}

// afresh has the reads go to the database from now on. It reports false when
// they did so all the time.
func (r *shopReads) afresh() bool {
	wasOld := r.wasOld
	r.mayBeOld, r.wasOld = false, false
	return wasOld
}

// liveKeys are the tenant's live keys and those replaced after a time. A list
// with a candidate is not kept, because its first use changes it, nor is an empty
// one: tenants that somebody made up cannot push out those there are.
func (r *shopReads) liveKeys(ctx context.Context, tenant access.TenantID, replacedAfter time.Time) ([]binding.StoreKey, error) {
	isCandidate := func(k binding.StoreKey) bool { return k.Status == binding.KeyCandidate }
	return readRecent(r, &r.app.shops.keys, tenant,
		func() ([]binding.StoreKey, error) { return r.app.Stores.ListLiveKeys(ctx, tenant, replacedAfter) },
		func(keys []binding.StoreKey) bool { return len(keys) > 0 && !slices.ContainsFunc(keys, isCandidate) })
}

// store is a store. One that is not active is not kept: an event may change it.
func (r *shopReads) store(ctx context.Context, tenant access.TenantID, id string) (binding.Store, error) {
	return readRecent(r, &r.app.shops.stores, storeRef{tenant, id},
		func() (binding.Store, error) { return r.app.Stores.FindStore(ctx, tenant, id) },
		func(s binding.Store) bool { return s.Status == binding.StoreActive })
}

// bindings are a store's bindings. The list is the caller's own.
func (r *shopReads) bindings(ctx context.Context, store binding.Store) ([]binding.Binding, error) {
	kept, err := readRecent(r, &r.app.shops.bindings, storeRef{store.TenantID, store.ID},
		func() ([]binding.Binding, error) { return r.app.storeBindings(ctx, store) },
		func([]binding.Binding) bool { return true })
	return slices.Clone(kept), err
}

func readRecent[K comparable, V any](r *shopReads, from *recent[K, V], key K, read func() (V, error), isKept func(V) bool) (V, error) {
	if !r.mayBeOld {
		return read()
	}
	now := r.app.Now()
	value, changes, found := from.find(key, now)
	if found {
		r.wasOld = true
		return value, nil
	}
	value, err := read()
	if err == nil && isKept(value) {
		from.put(key, value, changes, now)
	}
	return value, err
}
