package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
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

// ListSyncStates finds the chips that exist for the ids, ordered by id,
// provider and store, in one statement. A shop sees its own store's only, and a
// key made for one binding that binding's.
func (a *App) ListSyncStates(ctx context.Context, p access.Principal, in ListSyncStates) ([]syncrun.SyncState, error) {
	query, ask, err := in.queryOf(p)
	if err != nil || !ask {
		return nil, err
	}
	states, err := a.Runs.ListSyncStates(ctx, p.TenantID, query)
	if err != nil {
		return nil, fmt.Errorf("listing chips: %w", err)
	}
	return states, nil
}

// EachSyncState yields the chips of [App.ListSyncStates] one by one, without
// making a list of them. When it fails, some may have been yielded before.
func (a *App) EachSyncState(ctx context.Context, p access.Principal, in ListSyncStates, yield func(*syncrun.StateView)) error {
	query, ask, err := in.queryOf(p)
	if err != nil || !ask {
		return err
	}
	if err := a.Runs.EachSyncState(ctx, p.TenantID, query, yield); err != nil {
		return fmt.Errorf("listing chips: %w", err)
	}
	return nil
}

// queryOf is the question within the principal's bounds. It reports false when
// nothing is left to ask for.
func (in ListSyncStates) queryOf(p access.Principal) (ports.SyncStateQuery, bool, error) {
	var none ports.SyncStateQuery
	if err := p.Require(access.ScopeStatusRead); err != nil {
		return none, false, err
	}
	if err := CheckCount("magentoIds", len(in.MagentoIDs), MaxSyncStateIDs); err != nil {
		return none, false, err
	}
	if len(in.MagentoIDs) == 0 || (p.StoreID != "" && in.StoreID != "" && in.StoreID != p.StoreID) {
		return none, false, nil
	}
	return ports.SyncStateQuery{
		StoreID: cmp.Or(p.StoreID, in.StoreID), BindingID: p.BindingID, EntityType: in.EntityType,
		MagentoIDs: distinct(in.MagentoIDs), Providers: distinct(in.Providers),
	}, true, nil
}

func distinct[T cmp.Ordered](values []T) []T {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}
