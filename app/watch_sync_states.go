package app

import (
	"context"
	"fmt"
	"slices"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/live"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// WatchSyncStates narrows the chips to watch; zero fields do not.
type WatchSyncStates struct {
	StoreID    string
	EntityType commerce.EntityType
	MagentoIDs []int64
}

// WatchSyncStates watches chips change: each writing of a chip is told once. A shop watches its own store's; a store
// beyond the principal is NotFound.
func (a *App) WatchSyncStates(ctx context.Context, p access.Principal, in WatchSyncStates) (*Watch[syncrun.SyncState], error) {
	if err := p.Require(access.ScopeStatusRead); err != nil {
		return nil, err
	}
	if err := CheckCount("magentoIds", len(in.MagentoIDs), MaxSyncStateIDs); err != nil {
		return nil, err
	}
	if err := a.checkStore(ctx, p, in.StoreID); err != nil {
		return nil, err
	}
	ids := distinct(in.MagentoIDs)
	stream, err := a.subscribe(ctx, p.TenantID, func(c live.Change) bool {
		if p.MayUseBinding(c.BindingID, c.StoreID) != nil || (in.StoreID != "" && c.StoreID != in.StoreID) {
			return false
		}
		if c.Kind != live.KindState {
			return c.Kind == live.KindMany
		}
		if in.EntityType != "" && c.EntityType != in.EntityType {
			return false
		}
		_, isAsked := slices.BinarySearch(ids, c.MagentoID)
		return isAsked || len(ids) == 0
	})
	if err != nil {
		return nil, err
	}
	told := newTold()
	return &Watch[syncrun.SyncState]{stream: stream, read: func(ctx context.Context, changes []live.Change) ([]syncrun.SyncState, error) {
		states, err := a.changedStates(ctx, p, changes)
		return slices.DeleteFunc(states, func(s syncrun.SyncState) bool { return !isNews(told, chipOfState(s), faceOf(s)) }), err
	}}, nil
}

// face is what a chip shows of a document.
type face struct {
	status                   syncrun.Chip
	entityID, reference, url string
	skipReason               syncrun.SkipReason
	errorCode                fault.Code
	// The writing of the chip: one that shows the same may have shown another
	// thing in between, which a slow reader has missed.
	runID     string
	writtenAt int64
}

func faceOf(s syncrun.SyncState) face {
	return face{
		status: s.Status, entityID: s.ProviderEntityID, reference: s.ProviderReference, url: s.ProviderURL, skipReason: s.SkipReason, errorCode: s.ErrorCode,
		runID: s.RunID, writtenAt: s.LastSyncAt.UnixNano(),
	}
}

// checkStore refuses a store that is not there for the principal; none named is
// every store it may see.
func (a *App) checkStore(ctx context.Context, p access.Principal, id string) error {
	if id == "" {
		return nil
	}
	own, err := a.ownStore(ctx, p)
	if err != nil {
		return err
	}
	if own != "" && own != id {
		return fault.New(fault.CodeNotFound, "There is no such store.")
	}
	if _, err := a.Stores.FindStore(ctx, p.TenantID, id); err != nil {
		return fmt.Errorf("finding the store: %w", err)
	}
	return nil
}

// chip names one chip of a tenant.
type chip struct {
	storeID    string
	provider   binding.Provider
	entityType commerce.EntityType
	magentoID  int64
}

func chipOfState(s syncrun.SyncState) chip {
	return chip{s.StoreID, s.Provider, s.EntityType, s.MagentoID}
}

// changedStates reads the chips, those of one store and kind of entity at once.
func (a *App) changedStates(ctx context.Context, p access.Principal, changes []live.Change) ([]syncrun.SyncState, error) {
	found := map[chip]syncrun.SyncState{}
	for _, query := range chipQueries(changes) {
		states, err := a.Runs.ListSyncStates(ctx, p.TenantID, query)
		if err != nil {
			return nil, fmt.Errorf("listing chips: %w", err)
		}
		for _, s := range states {
			found[chipOfState(s)] = s
		}
	}
	out := make([]syncrun.SyncState, 0, len(changes))
	for _, c := range changes {
		if s, ok := found[chip{c.StoreID, c.Provider, c.EntityType, c.MagentoID}]; ok && c.Became(string(s.Status)) {
			out = append(out, s)
		}
	}
	return out, nil
}

func chipQueries(changes []live.Change) []ports.SyncStateQuery {
	var queries []ports.SyncStateQuery
	for _, c := range changes {
		i := slices.IndexFunc(queries, func(q ports.SyncStateQuery) bool { return q.StoreID == c.StoreID && q.EntityType == c.EntityType })
		if i < 0 {
			i = len(queries)
			queries = append(queries, ports.SyncStateQuery{StoreID: c.StoreID, EntityType: c.EntityType})
		}
		queries[i].MagentoIDs = append(queries[i].MagentoIDs, c.MagentoID)
		if !slices.Contains(queries[i].Providers, c.Provider) {
			queries[i].Providers = append(queries[i].Providers, c.Provider)
		}
	}
	return queries
}
