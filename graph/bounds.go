package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"byte8.io/ledger/app"
)

// mostIDs is how many ids a root field takes in its argument.
var mostIDs = map[string]struct {
	argument string
	most     int
}{
	"nodes":            {"ids", app.MaxNodes},
	"syncStates":       {"magentoIds", app.MaxSyncStateIDs},
	"syncStateChanged": {"magentoIds", app.MaxSyncStateIDs},
	"previewDocuments": {"magentoIds", app.MaxPreviews},
}

// argumentBounds refuses operations that ask for a page or a list longer than
// the use cases allow, before points are taken for them. Its rules and words are
// the use cases' own.
type argumentBounds struct{}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = argumentBounds{}

// ExtensionName implements [graphql.HandlerExtension].
func (argumentBounds) ExtensionName() string { return "ArgumentBounds" }

// Validate implements [graphql.HandlerExtension].
func (argumentBounds) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext implements [graphql.OperationContextMutator].
func (argumentBounds) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	looker := boundsLooker{op.Variables, map[string]bool{}}
	return looker.look(op.Operation.SelectionSet, nil)
}

// boundsLooker looks at each fragment once.
type boundsLooker struct {
	variables map[string]any
	seen      map[string]bool
}

func (l boundsLooker) look(selections ast.SelectionSet, path ast.Path) *gqlerror.Error {
	for _, selection := range selections {
		var refusal *gqlerror.Error
		switch s := selection.(type) {
		case *ast.Field:
			below := slices.Concat(path, ast.Path{ast.PathName(s.Alias)})
			if err := l.check(s); err != nil {
				refusal = gqlerror.WrapPath(below, err)
			} else {
				refusal = l.look(s.SelectionSet, below)
			}
		case *ast.InlineFragment:
			refusal = l.look(s.SelectionSet, path)
		case *ast.FragmentSpread:
			if !l.seen[s.Name] {
				l.seen[s.Name] = true
				refusal = l.look(s.Definition.SelectionSet, path)
			}
		}
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

func (l boundsLooker) check(field *ast.Field) error {
	if first := field.Arguments.ForName("first"); first != nil {
		asked, err := first.Value.Value(l.variables)
		if err != nil || asked == nil {
			return nil //nolint:nilerr // the executor reads it again and says so
		}
		rows, err := graphql.UnmarshalInt(asked)
		if err != nil {
			return nil //nolint:nilerr // the executor reads it again and says so
		}
		return app.Paging{First: &rows}.Check()
	}
	list, isBounded := mostIDs[field.Name]
	if !isBounded {
		return nil
	}
	ids := field.Arguments.ForName(list.argument)
	if ids == nil {
		return nil
	}
	asked, err := ids.Value.Value(l.variables)
	if err != nil || asked == nil {
		return nil //nolint:nilerr // the executor reads it again and says so
	}
	return app.CheckCount(list.argument, len(graphql.CoerceList(asked)), list.most)
}
