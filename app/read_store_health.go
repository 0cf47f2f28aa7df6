package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// StoreHealth is what a shop's tile shows.
type StoreHealth struct {
	StoreStatus binding.StoreStatus
	// BindingStatus is the worst state of the store's bindings; empty when the
	// provider is not connected yet.
	BindingStatus binding.Status
	LastRunAt     *time.Time
	// Pending are open runs, FailedToday failures of the last 24 hours.
	Pending     int
	FailedToday int
}

// gravity orders binding states, worst first.
var gravity = []binding.Status{binding.StatusUnlinked, binding.StatusRevoked, binding.StatusPending, binding.StatusPaused, binding.StatusActive}

// ReadStoreHealth reports to a shop how its sync does. With several bindings
// the worst state wins and the counts add up.
func (a *App) ReadStoreHealth(ctx context.Context, bearer string) (StoreHealth, error) {
	store, err := a.callingStore(ctx, bearer)
	if err != nil {
		return StoreHealth{}, err
	}
	bindings, err := a.storeBindings(ctx, store)
	if err != nil {
		return StoreHealth{}, err
	}
	health := StoreHealth{StoreStatus: store.Status}
	for _, b := range bindings {
		h, err := a.Bindings.BindingHealth(ctx, b.TenantID, b.ID, a.Now().Add(-24*time.Hour))
		if err != nil {
			return StoreHealth{}, fmt.Errorf("counting the binding's runs: %w", err)
		}
		health.Pending += h.Pending
		health.FailedToday += h.Failed
		if h.LastRunAt != nil && (health.LastRunAt == nil || h.LastRunAt.After(*health.LastRunAt)) {
			health.LastRunAt = h.LastRunAt
		}
		if b.Status == binding.StatusPending && b.GrantID == "" {
			continue
		}
		if health.BindingStatus == "" || slices.Index(gravity, b.Status) < slices.Index(gravity, health.BindingStatus) {
			health.BindingStatus = b.Status
		}
	}
	return health, nil
}

// ReadEntityStatus reports to a shop the chips of one of its entities, one a
// provider.
func (a *App) ReadEntityStatus(ctx context.Context, bearer, entityType, entityID string) ([]syncrun.SyncState, error) {
	store, err := a.callingStore(ctx, bearer)
	if err != nil {
		return nil, err
	}
	entity, ok := commerce.ParseEntityType(entityType)
	if !ok {
		return nil, invalidField("entity_type", "entity_type is invoice, creditmemo, customer or product.")
	}
	id, err := strconv.ParseInt(entityID, 10, 64)
	if err != nil || id <= 0 {
		return nil, invalidField("entity_id", "entity_id is a whole number above 0.")
	}
	states, err := a.Runs.ListSyncStates(ctx, store.TenantID, ports.SyncStateQuery{StoreID: store.ID, EntityType: entity, MagentoIDs: []int64{id}})
	if err != nil {
		return nil, fmt.Errorf("listing chips: %w", err)
	}
	if len(states) == 0 {
		return nil, fault.New(fault.CodeNotFound, "Nothing is known of this entity.")
	}
	return states, nil
}
