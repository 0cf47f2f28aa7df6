package graph

import (
	"context"

	"github.com/99designs/gqlgen/complexity"
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"byte8.io/ledger/app"
)

// costLimit refuses operations that cost too much before they run, takes what
// others cost from their caller's points, and tells every caller about it in
// extensions.cost. It is the last to look at an operation: what is refused for
// another reason costs nothing.
type costLimit struct {
	limit  int
	app    *app.App
	schema graphql.ExecutableSchema
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
	graphql.ResponseInterceptor
} = (*costLimit)(nil)

const costStat = "cost"

// costOfOperation is extensions.cost. What is left changes with every operation
// and is not told where answers have entity tags.
type costOfOperation struct {
	Limit       int  `json:"limit"`
	Requested   int  `json:"requested"`
	Available   *int `json:"available,omitempty"`
	RestoreRate int  `json:"restoreRate,omitempty"`
}

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
	told := costOfOperation{Requested: cost, Limit: c.limit}
	defer func() { op.Stats.SetExtension(costStat, told) }()
	if cost > c.limit {
		return refused(codeCostLimit, "the operation costs %d; the limit is %d", cost, c.limit)
	}
	spent, err := c.app.SpendPoints(ctx, principalOf(ctx), cost)
	if spent.IsCounted && !isTagged(ctx) {
		told.Available, told.RestoreRate = &spent.Available, spent.Rate
	}
	if err != nil {
		return gqlerror.Wrap(err)
	}
	return nil
}

// InterceptResponse implements [graphql.ResponseInterceptor].
func (c *costLimit) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	if graphql.HasOperationContext(ctx) {
		if cost, measured := graphql.GetOperationContext(ctx).Stats.GetExtension(costStat).(costOfOperation); measured {
			graphql.RegisterExtension(ctx, costStat, cost)
		}
	}
	return next(ctx)
}
