package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/ports"
)

// callsOfBatch is about how many calls a batch of documents takes: one that
// looks the documents up, one or two for their contacts, one that writes them.
const callsOfBatch = 4

// Requeued is what a bulk retry made due.
type Requeued struct {
	Runs int
	// Calls is about how many calls to the provider the runs take, when each goes
	// through at its first try.
	Calls int
}

// requeueCost is what runs about to be queued again cost in calls.
type requeueCost struct {
	runs int
	// memos are the credit memos among the runs. The money of each is settled by
	// a call of its own.
	memos int
	// batch is how many documents a call takes.
	batch int
}

// of is about how many calls some of the runs take.
func (c requeueCost) of(runs int) int {
	if runs == 0 {
		return 0
	}
	batches := (runs + c.batch - 1) / c.batch
	return callsOfBatch*batches + (c.memos*runs+c.runs-1)/max(1, c.runs)
}

func (a *App) costOf(ctx context.Context, tenant access.TenantID, filter ports.RunFilter, bindings []binding.Binding) (requeueCost, error) {
	cost := requeueCost{}
	for _, b := range bindings {
		if provider, known := a.Providers[b.Provider]; known {
			cost.batch = max(cost.batch, provider.Capabilities().BatchSize)
		}
	}
	cost.batch = max(1, cost.batch)
	var err error
	if cost.runs, err = a.countStuck(ctx, tenant, filter); err != nil {
		return cost, err
	}
	if filter.EntityType == "" {
		filter.EntityType = commerce.EntityCreditMemo
	}
	if filter.EntityType == commerce.EntityCreditMemo {
		cost.memos, err = a.countStuck(ctx, tenant, filter)
	}
	return cost, err
}

func (a *App) countStuck(ctx context.Context, tenant access.TenantID, filter ports.RunFilter) (int, error) {
	groups, err := a.Runs.GroupStuck(ctx, tenant, filter)
	if err != nil {
		return 0, fmt.Errorf("grouping runs: %w", err)
	}
	n := 0
	for _, g := range groups {
		n += g.Count
	}
	return n, nil
}
