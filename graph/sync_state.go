package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/graph/model"
)

// SyncStates finds the chips that exist for the ids.
func (q query) SyncStates(ctx context.Context, entityType commerce.EntityType, magentoIDs []int64, providers []binding.Provider, storeID *string) ([]model.SyncState, error) {
	in := app.ListSyncStates{EntityType: entityType, MagentoIDs: magentoIDs, Providers: providers}
	if storeID != nil {
		in.StoreID = *storeID
	}
	states, err := q.app.ListSyncStates(ctx, principalOf(ctx), in)
	if err != nil {
		return nil, err
	}
	if len(states) > 1 && slices.Contains(graphql.CollectAllFields(ctx), "run") {
		loadersOf(ctx).primeRuns(ctx, runsOf(states))
	}
	return shaped(states, shapeState), nil
}

func runsOf(states []syncrun.SyncState) []string {
	ids := make([]string, 0, len(states))
	for _, s := range states {
		if s.RunID != "" {
			ids = append(ids, s.RunID)
		}
	}
	return ids
}

func shapeState(s syncrun.SyncState) model.SyncState {
	return model.SyncState{
		Provider: s.Provider, EntityType: s.EntityType, MagentoID: s.MagentoID, Status: s.Status,
		ProviderEntityID: known(s.ProviderEntityID), ProviderURL: known(s.ProviderURL), ProviderReference: known(s.ProviderReference),
		SkipReason: knownText(s.SkipReason), ErrorCode: knownText(s.ErrorCode), LastSyncAt: s.LastSyncAt, RunID: s.RunID,
	}
}

// Run finds the run that wrote the chip last.
func (syncState) Run(ctx context.Context, s *model.SyncState) (*model.SyncRun, error) {
	if s.RunID == "" {
		return nil, nil
	}
	run, err := loadersOf(ctx).runs.Load(ctx, s.RunID)()
	if err != nil || run == nil {
		return nil, err
	}
	shape := shapeRun(*run)
	return &shape, nil
}
