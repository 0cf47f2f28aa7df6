package graph

import (
	"byte8.io/ledger/app"
	"byte8.io/ledger/graph/exec"
)

// resolver hands the generated code the resolvers of each type.
type resolver struct{ app *app.App }

type (
	query        struct{ app *app.App }
	mutation     struct{ app *app.App }
	store        struct{ app *app.App }
	bound        struct{ app *app.App }
	failureGroup struct{ app *app.App }
	syncRun      struct{ app *app.App }
	runPage      struct{ app *app.App }
	syncState    struct{}
)

// Query implements [exec.ResolverRoot].
func (r resolver) Query() exec.QueryResolver { return query(r) }

// Mutation implements [exec.ResolverRoot].
func (r resolver) Mutation() exec.MutationResolver { return mutation(r) }

// Store implements [exec.ResolverRoot].
func (r resolver) Store() exec.StoreResolver { return store(r) }

// Binding implements [exec.ResolverRoot].
func (r resolver) Binding() exec.BindingResolver { return bound(r) }

// FailureGroup implements [exec.ResolverRoot].
func (r resolver) FailureGroup() exec.FailureGroupResolver { return failureGroup(r) }

// SyncRun implements [exec.ResolverRoot].
func (r resolver) SyncRun() exec.SyncRunResolver { return syncRun(r) }

// SyncRunConnection implements [exec.ResolverRoot].
func (r resolver) SyncRunConnection() exec.SyncRunConnectionResolver { return runPage(r) }

// SyncState implements [exec.ResolverRoot].
func (r resolver) SyncState() exec.SyncStateResolver { return syncState{} }
