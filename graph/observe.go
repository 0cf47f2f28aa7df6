package graph

import (
	"cmp"
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"byte8.io/ledger/domain/fault"
)

// Observe is told of each query and mutation that was executed: the name of its
// root field, or how many there are of what kind, which are words of the schema
// and not of the client; ok, or the first error's code; and how long it took.
type Observe func(operation, result string, took time.Duration)

// around tells the observer of an operation.
func (o Observe) around(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	if op.Operation.Operation == ast.Subscription {
		return next(ctx)
	}
	responses := next(ctx)
	return func(ctx context.Context) *graphql.Response {
		response := responses(ctx)
		if response != nil {
			o(nameOf(op), resultOf(response), graphql.Now().Sub(op.Stats.OperationStart))
		}
		return response
	}
}

// nameOf is the root field where there is one. The combinations of several are
// too many to be told apart.
func nameOf(op *graphql.OperationContext) string {
	var name string
	selections := op.Operation.SelectionSet
	if len(selections) == 1 {
		if field, ok := selections[0].(*ast.Field); ok {
			return field.Name
		}
	}
	for _, field := range graphql.CollectFields(op, selections, []string{"Query", "Mutation"}) {
		if name != "" && name != field.Name {
			return "several " + string(op.Operation.Operation) + " fields"
		}
		name = field.Name
	}
	return cmp.Or(name, "none")
}

func resultOf(response *graphql.Response) string {
	if len(response.Errors) == 0 {
		return "ok"
	}
	if code, ok := response.Errors[0].Extensions["errorCode"].(string); ok {
		return code
	}
	return string(fault.CodeInvalid)
}
