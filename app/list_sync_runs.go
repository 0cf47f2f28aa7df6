package app

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// ListSyncRuns narrows a list of runs; zero fields do not.
type ListSyncRuns struct {
	Paging
	Provider   binding.Provider
	BindingID  string
	Statuses   []syncrun.Status
	SkipReason syncrun.SkipReason
	ErrorCode  fault.Code
	EntityType commerce.EntityType
	MagentoID  int64
	// CreatedFrom is inclusive, CreatedTo exclusive.
	CreatedFrom *time.Time
	CreatedTo   *time.Time
}

// ListSyncRuns pages through the runs the principal may see, newest first.
func (a *App) ListSyncRuns(ctx context.Context, p access.Principal, in ListSyncRuns) (ports.Paged[syncrun.Run], error) {
	if err := p.Require(access.ScopeRunsRead); err != nil {
		return ports.Paged[syncrun.Run]{}, err
	}
	page, err := in.page()
	if err != nil {
		return ports.Paged[syncrun.Run]{}, err
	}
	filter := ports.RunFilter{
		Provider: in.Provider, BindingID: in.BindingID, Statuses: in.Statuses, SkipReason: in.SkipReason, ErrorCode: in.ErrorCode,
		EntityType: in.EntityType, MagentoID: in.MagentoID, CreatedFrom: in.CreatedFrom, CreatedTo: in.CreatedTo,
	}
	if p.BindingID != "" {
		if in.BindingID != "" && in.BindingID != p.BindingID {
			return ports.Paged[syncrun.Run]{}, nil
		}
		filter.BindingID = p.BindingID
	}
	runs, err := a.Runs.ListRuns(ctx, p.TenantID, filter, page)
	if err != nil {
		return ports.Paged[syncrun.Run]{}, fmt.Errorf("listing runs: %w", err)
	}
	return runs, nil
}
