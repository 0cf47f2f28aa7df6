package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// MaxSyncStateIDs is how many ids one question for chips may carry.
const MaxSyncStateIDs = 500

// ListSyncStates asks for chips.
type ListSyncStates struct {
	EntityType commerce.EntityType
	MagentoIDs []int64
	// Providers narrows to some providers; empty means all.
	Providers []binding.Provider
	// StoreID narrows to one store; empty means every store the principal may see.
	StoreID string
}

// ListSyncStates finds the chips that exist for the ids, ordered by id and
// provider, in one statement. A shop sees its own store's only.
func (a *App) ListSyncStates(ctx context.Context, p access.Principal, in ListSyncStates) ([]syncrun.SyncState, error) {
	if err := p.Require(access.ScopeStatusRead); err != nil {
		return nil, err
	}
	if len(in.MagentoIDs) > MaxSyncStateIDs {
		message := fmt.Sprintf("One question may carry up to %d ids; this one has %d.", MaxSyncStateIDs, len(in.MagentoIDs))
		return nil, fault.New(fault.CodeInvalid, message).
			WithFields(fault.Field{Path: "magentoIds", Code: "out_of_range", Message: message})
	}
	query := ports.SyncStateQuery{StoreID: in.StoreID, EntityType: in.EntityType, MagentoIDs: distinct(in.MagentoIDs), Providers: distinct(in.Providers)}
	ask, err := a.boundSyncStates(ctx, p, &query)
	if err != nil || !ask || len(query.MagentoIDs) == 0 {
		return nil, err
	}
	states, err := a.Runs.ListSyncStates(ctx, p.TenantID, query)
	if err != nil {
		return nil, fmt.Errorf("listing chips: %w", err)
	}
	slices.SortFunc(states, func(x, y syncrun.SyncState) int {
		return cmp.Or(cmp.Compare(x.MagentoID, y.MagentoID), cmp.Compare(x.Provider, y.Provider), cmp.Compare(x.StoreID, y.StoreID))
	})
	return states, nil
}

// boundSyncStates narrows the query to the store, and for a key made for one
// binding to the provider, that bound the principal. It reports false when
// nothing is left to ask for.
func (a *App) boundSyncStates(ctx context.Context, p access.Principal, query *ports.SyncStateQuery) (bool, error) {
	store := p.StoreID
	if p.BindingID != "" {
		b, err := a.bindingOf(ctx, p, p.BindingID)
		if err != nil {
			return false, err
		}
		if len(query.Providers) > 0 && !slices.Contains(query.Providers, b.Provider) {
			return false, nil
		}
		store, query.Providers = b.StoreID, []binding.Provider{b.Provider}
	}
	if store == "" {
		return true, nil
	}
	if query.StoreID != "" && query.StoreID != store {
		return false, nil
	}
	query.StoreID = store
	return true, nil
}

func distinct[T cmp.Ordered](values []T) []T {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}
