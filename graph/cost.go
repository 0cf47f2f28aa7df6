package graph

import (
	"context"

	"github.com/99designs/gqlgen/complexity"
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/graph/exec"
	"byte8.io/ledger/graph/model"
)

// What fields cost besides the one point of each object in the answer. Scalars
// are free.
const (
	// costQuery is a read of its own for each parent.
	costQuery = 5
	// costRemote is a call to a shop or a provider, or a read of many rows.
	costRemote = 100
	// costConnect is a change that calls remotes several times.
	costConnect = 500
	// guessedStores, guessedBindings and guessedGroups stand for lists of unknown
	// length.
	guessedStores   = 10
	guessedBindings = 3
	guessedGroups   = 10
)

// costs is the cost of every field that is not one point.
func costs() exec.ComplexityRoot {
	var c exec.ComplexityRoot
	c.Query.SyncStates = func(child int, _ commerce.EntityType, ids []int64, _ []binding.Provider, _ *string) int {
		return costOfList(len(ids), app.MaxSyncStateIDs, child)
	}
	c.Query.SyncRuns = func(child int, first *int, _ *string, _ *model.SyncRunFilter, _ *model.SyncRunOrder) int {
		return costOfPage(first, child)
	}
	c.Query.Bindings = func(child int, first *int, _ *string, _ *binding.Provider) int { return costOfPage(first, child) }
	c.Query.APIKeys = func(child int, first *int, _ *string) int { return costOfPage(first, child) }
	c.Query.Nodes = func(child int, ids []string) int { return costOfList(len(ids), app.MaxNodes, child) }
	c.Query.FailureGroups = func(child int, _ string) int { return costRemote + guessedGroups*(1+child) }
	c.Query.DisconnectPreview = func(child int, _ string) int { return costQuery + child }
	c.Query.Stores = func(child int) int { return costOfList(guessedStores, guessedStores, child) }

	c.Store.Bindings = func(child int) int { return costQuery + guessedBindings*(1+child) }
	c.Store.PaymentMethods = func(int) int { return costRemote }
	c.Binding.AvailableOrganisations = func(int) int { return costRemote }
	c.Binding.Settings = func(child int) int { return costQuery + child }
	c.Binding.SettingsDerived = func(int) int { return costQuery }
	c.Binding.ReferenceData = func(child int) int { return costQuery + child }
	c.Binding.CallBudget = func(int) int { return costQuery }
	c.Binding.Health = func(int) int { return costQuery }
	c.FailureGroup.Sample = func(child int) int { return costQuery + child }
	c.SyncRun.Attempts = func(int) int { return costQuery }

	c.Mutation.ConnectMagento = func(child int, _ model.ConnectMagentoInput) int { return costConnect + child }
	c.Mutation.SelectOrganisation = func(child int, _ model.SelectOrganisationInput) int { return costConnect + child }
	c.Mutation.RefreshReferenceData = func(child int, _ model.RefreshReferenceDataInput) int { return costConnect + child }
	c.Mutation.DisconnectBinding = func(child int, _ model.DisconnectBindingInput) int { return costConnect + child }
	c.Mutation.ReleaseHolds = func(child int, _ model.ReleaseHoldsInput) int { return costConnect + child }
	c.Mutation.RetryFailureGroup = func(child int, _ model.RetryFailureGroupInput) int { return costConnect + child }
	c.Mutation.UpdateSettings = func(child int, _ model.UpdateSettingsInput) int { return costRemote + child }
	c.Mutation.AuthorizeProvider = func(child int, _ model.AuthorizeProviderInput) int { return costRemote + child }
	c.Mutation.RetrySyncRun = func(child int, _ model.RetrySyncRunInput) int { return costRemote + child }
	c.Mutation.PauseBinding = func(child int, _ model.PauseBindingInput) int { return costRemote + child }
	c.Mutation.ResumeBinding = func(child int, _ model.ResumeBindingInput) int { return costRemote + child }
	return c
}

// costOfList is a list whose elements cost a point each and their children. One
// longer than allowed is refused by its use case, which names the rule.
func costOfList(length, longest, child int) int { return 1 + min(length, longest)*(1+child) }

func costOfPage(first *int, child int) int {
	rows := app.DefaultPage
	if first != nil {
		rows = max(*first, 0)
	}
	return 1 + min(rows, app.MaxPage)*child
}

// costLimit refuses operations that cost too much before they run, and tells
// every caller what its operation costs in extensions.cost.
type costLimit struct {
	limit  int
	schema graphql.ExecutableSchema
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
	graphql.ResponseInterceptor
} = (*costLimit)(nil)

const costStat = "cost"

// ExtensionName implements [graphql.HandlerExtension].
func (*costLimit) ExtensionName() string { return "CostLimit" }

// Validate implements [graphql.HandlerExtension].
func (c *costLimit) Validate(schema graphql.ExecutableSchema) error {
	c.schema = schema
	return nil
}

// MutateOperationContext implements [graphql.OperationContextMutator].
func (c *costLimit) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	cost := complexity.Calculate(ctx, c.schema, op.Operation, op.Variables, complexity.WithFixedScalarValue(0))
	op.Stats.SetExtension(costStat, cost)
	if cost > c.limit {
		return refused(codeCostLimit, "the operation costs %d; the limit is %d", cost, c.limit)
	}
	return nil
}

// InterceptResponse implements [graphql.ResponseInterceptor].
func (c *costLimit) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	if graphql.HasOperationContext(ctx) {
		if cost, measured := graphql.GetOperationContext(ctx).Stats.GetExtension(costStat).(int); measured {
			graphql.RegisterExtension(ctx, costStat, map[string]int{"requested": cost, "limit": c.limit})
		}
	}
	return next(ctx)
}
