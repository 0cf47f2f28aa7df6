package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
)

// chipsFirst answers by itself the operation that shops' grids send all day:
// one syncStates with nothing but leaves. It writes each chip straight into the
// answer, where the generated executor makes a goroutine for each chip and a
// context for each field. Any other operation goes to the generated executor,
// whose answers it gives byte for byte.
type chipsFirst struct {
	graphql.ExecutableSchema
	app *app.App
}

func (o Options) executable(generated graphql.ExecutableSchema) graphql.ExecutableSchema {
	if o.isGeneratedOnly {
		return generated
	}
	return chipsFirst{generated, o.App}
}

// Exec implements [graphql.ExecutableSchema].
func (c chipsFirst) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	question, ok := chipsQuestionOf(op)
	if !ok {
		return c.ExecutableSchema.Exec(ctx)
	}
	answered := false
	return func(ctx context.Context) *graphql.Response {
		if answered {
			return nil
		}
		answered = true
		return c.answer(ctx, op, question)
	}
}

// Complexity implements [graphql.ExecutableSchema]. It is the cost of the
// generated schema, which reads each id with a path of its own.
func (c chipsFirst) Complexity(ctx context.Context, typeName, field string, child int, args map[string]any) (int, bool) {
	if typeName == "Query" && field == "syncStates" {
		if in, ok := chipsArguments(args); ok {
			return costOfList(len(in.MagentoIDs), app.MaxSyncStateIDs, child), true
		}
	}
	return c.ExecutableSchema.Complexity(ctx, typeName, field, child, args)
}

func (c chipsFirst) answer(ctx context.Context, op *graphql.OperationContext, q chipsQuestion) *graphql.Response {
	ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Query"})
	ctx = graphql.WithRootFieldContext(ctx, &graphql.RootFieldContext{Object: q.field.Name, Field: q.field})
	into := answerBufferOf(ctx)
	root := op.RootResolverMiddleware(ctx, func(ctx context.Context) graphql.Marshaler {
		return c.resolve(ctx, op, q, into)
	})
	if root == graphql.Null {
		into.setData([]byte("null"))
		return &graphql.Response{Data: into.data()}
	}
	into.append("}")
	return &graphql.Response{Data: into.data()}
}

// resolve writes the object up to its closing brace. Its result is Null when
// the field has failed, which fails the object too.
func (c chipsFirst) resolve(ctx context.Context, op *graphql.OperationContext, q chipsQuestion, into *answerBuffer) (result graphql.Marshaler) {
	ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Query", Field: q.field, IsMethod: true, IsResolver: true})
	defer func() {
		if thrown := recover(); thrown != nil {
			op.Error(ctx, op.Recover(ctx, thrown))
			result = graphql.Null
		}
	}()
	scope := string(access.ScopeStatusRead)
	read := func(ctx context.Context) (any, error) {
		return into, c.app.EachSyncState(ctx, principalOf(ctx), q.in, q.writer(into))
	}
	into.setData([]byte(`{"` + q.field.Alias + `":[`))
	_, err := op.ResolverMiddleware(ctx, func(ctx context.Context) (any, error) { return authorise(ctx, nil, read, &scope) })
	if err != nil {
		op.Error(ctx, graphql.AddFieldLocationToError(ctx, err))
		return graphql.Null
	}
	into.append("]")
	return graphql.True
}

// chipsQuestionOf reads the operation; false when it is for the generated
// executor, be it that an argument has to be refused.
func chipsQuestionOf(op *graphql.OperationContext) (chipsQuestion, bool) {
	var none chipsQuestion
	if op.Operation.Operation != ast.Query || len(op.Operation.Directives) > 0 {
		return none, false
	}
	root := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query"})
	if len(root) != 1 || root[0].Name != "syncStates" || !isPlain(root[0]) {
		return none, false
	}
	q := chipsQuestion{field: root[0]}
	var ok bool
	if q.in, ok = chipsArguments(root[0].ArgumentMap(op.Variables)); !ok {
		return none, false
	}
	fields := graphql.CollectFields(op, root[0].Selections, []string{"SyncState"})
	q.leaves = make([]chipLeaf, 0, len(fields))
	for _, f := range fields {
		leaf, ok := chipLeaves[f.Name]
		if !ok || !isPlain(f) || len(f.Selections) > 0 {
			return none, false
		}
		if !q.has(f.Alias) {
			q.leaves = append(q.leaves, chipLeaf{alias: f.Alias, write: leaf})
		}
	}
	q.spell()
	return q, true
}

// isPlain reports whether nothing but @skip and @include, which are done with,
// stands at the field.
func isPlain(f graphql.CollectedField) bool {
	for _, d := range f.Directives {
		if d.Name != "skip" && d.Name != "include" {
			return false
		}
	}
	return len(f.Deferrables) == 0
}
