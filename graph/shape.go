package graph

import (
	"context"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// The limits of an operation's shape.
const (
	// maxDepth lets the introspection of ordinary clients through.
	maxDepth = 15
	// maxFields counts fields with fragments written out, aliases included.
	maxFields = 500
	// maxAliases counts the renamed fields of one selection; maxSameRoot how often
	// one root field may stand in an operation, which covers a field for each of
	// several providers and stores.
	maxAliases  = 100
	maxSameRoot = 30
	// maxChanges is how many root fields a mutation may have.
	maxChanges = 10
	// maxDirectives counts those of a whole operation.
	maxDirectives = 100
)

// The codes of operations that are refused for their size.
const (
	codeDepthLimit = "DEPTH_LIMIT_EXCEEDED"
	codeCostLimit  = "COST_LIMIT_EXCEEDED"
	// codeShapeLimit is for too many aliases, root fields or directives.
	codeShapeLimit = "SHAPE_LIMIT_EXCEEDED"
)

// shapeLimit refuses operations that are too deep or too wide, before anything
// else walks over them. It measures each fragment once, so that fragments
// within fragments cost no time.
type shapeLimit struct{}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = shapeLimit{}

// ExtensionName implements [graphql.HandlerExtension].
func (shapeLimit) ExtensionName() string { return "ShapeLimit" }

// Validate implements [graphql.HandlerExtension].
func (shapeLimit) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext implements [graphql.OperationContextMutator].
func (shapeLimit) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	ruler := ruler{fragments: map[string]shape{}}
	measured := ruler.measure(op.Operation.SelectionSet)
	switch {
	case ruler.badNumber != nil:
		return refused(errcode.ValidationFailed, "the number %.40s is out of range", ruler.badNumber.Raw)
	case measured.depth > maxDepth:
		return refused(codeDepthLimit, "the operation is %d levels deep; the limit is %d", measured.depth, maxDepth)
	case measured.fields > maxFields:
		return refused(codeCostLimit, "the operation has more than %d fields", maxFields)
	case ruler.aliases > maxAliases:
		return refused(codeShapeLimit, "a selection has more than %d aliases", maxAliases)
	}
	return refuseRoots(op)
}

// refuseRoots refuses too many root fields, those of fragments included.
func refuseRoots(op *graphql.OperationContext) *gqlerror.Error {
	same := map[string]int{}
	roots := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query", "Mutation", "Subscription"})
	for _, root := range roots {
		same[root.Name]++
		if same[root.Name] > maxSameRoot {
			return refused(codeShapeLimit, "%s stands in the operation more than %d times", root.Name, maxSameRoot)
		}
	}
	if op.Operation.Operation == ast.Mutation && len(roots) > maxChanges {
		return refused(codeShapeLimit, "the mutation has more than %d fields", maxChanges)
	}
	return nil
}

func refused(code, format string, args ...any) *gqlerror.Error {
	err := gqlerror.Errorf(format, args...)
	errcode.Set(err, code)
	return err
}

// shape is the size of a selection. The number of fields stops at the limit
// and one.
type shape struct{ depth, fields int }

// ruler measures selections. Fragments do not refer to themselves: validation
// has refused such operations.
type ruler struct {
	fragments map[string]shape
	badNumber *ast.Value
	// aliases are the most of one selection.
	aliases int
}

func (r *ruler) measure(selections ast.SelectionSet) shape {
	var total shape
	aliases := 0
	for _, selection := range selections {
		var part shape
		switch s := selection.(type) {
		case *ast.Field:
			r.checkArguments(s.Arguments)
			r.checkDirectives(s.Directives)
			if s.Alias != s.Name {
				aliases++
			}
			part = r.measure(s.SelectionSet)
			part.depth++
			part.fields++
		case *ast.InlineFragment:
			r.checkDirectives(s.Directives)
			part = r.measure(s.SelectionSet)
		case *ast.FragmentSpread:
			r.checkDirectives(s.Directives)
			part = r.measureFragment(s)
		}
		total.depth = max(total.depth, part.depth)
		total.fields = min(total.fields+part.fields, maxFields+1)
	}
	r.aliases = max(r.aliases, aliases)
	return total
}

func (r *ruler) measureFragment(spread *ast.FragmentSpread) shape {
	measured, done := r.fragments[spread.Name]
	if !done {
		measured = r.measure(spread.Definition.SelectionSet)
		r.fragments[spread.Name] = measured
	}
	return measured
}

func (r *ruler) checkDirectives(directives ast.DirectiveList) {
	for _, d := range directives {
		r.checkArguments(d.Arguments)
	}
}

func (r *ruler) checkArguments(arguments ast.ArgumentList) {
	for _, argument := range arguments {
		r.checkNumbers(argument.Value)
	}
}

// checkNumbers finds numbers that fit no Go number: reading them panics later.
func (r *ruler) checkNumbers(v *ast.Value) {
	var err error
	switch v.Kind {
	case ast.IntValue:
		_, err = strconv.ParseInt(v.Raw, 10, 64)
	case ast.FloatValue:
		_, err = strconv.ParseFloat(v.Raw, 64)
	case ast.ListValue, ast.ObjectValue:
		for _, child := range v.Children {
			r.checkNumbers(child.Value)
		}
	default:
	}
	if err != nil {
		r.badNumber = v
	}
}
