package graph

import (
	"context"
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// The limits of a request before it is validated: validation compares fields
// and fragments with each other, so that its time grows with their square.
const (
	// maxText is how many bytes an operation may have; 500 ids of 32 characters
	// and 500 fields fit.
	maxText = 32 << 10
	// maxName is how long a field's name may be.
	maxName = 100
	// maxParts is how many operations, fragments and variables a document may have
	// of each.
	maxParts = 100
	// maxValues, maxValueBytes and maxValueDepth bound the variables. A backfill of
	// 10,000 ids of ten digits fits.
	maxValues     = 11_000
	maxValueBytes = 256 << 10
	maxValueDepth = 20
)

// draftLimit refuses requests that are too much to validate. Operations that
// were validated a moment ago are not looked at again.
type draftLimit struct {
	validated graphql.Cache[*ast.QueryDocument]
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
} = draftLimit{}

// ExtensionName implements [graphql.HandlerExtension].
func (draftLimit) ExtensionName() string { return "DraftLimit" }

// Validate implements [graphql.HandlerExtension].
func (draftLimit) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters implements [graphql.OperationParameterMutator].
func (l draftLimit) MutateOperationParameters(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	if len(params.Query) > maxText {
		return refused(codeShapeLimit, "the operation has more than %d bytes", maxText)
	}
	left := valueLimit{maxValues, maxValueBytes}
	if !left.fits(params.Variables, maxValueDepth) {
		return refused(codeShapeLimit, "the variables have more than %d values, %d bytes or %d levels", maxValues, maxValueBytes, maxValueDepth)
	}
	if known, isKnown := l.validated.Get(ctx, params.Query); isKnown {
		return refuseChoice(known, params.OperationName)
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: params.Query}, tokenLimit)
	if err != nil {
		refusal := gqlerror.WrapIfUnwrapped(err)
		errcode.Set(refusal, errcode.ParseFailed)
		return refusal
	}
	if err := refuseDraft(doc); err != nil {
		return err
	}
	return refuseChoice(doc, params.OperationName)
}

// refuseChoice refuses a document of which no operation is chosen.
func refuseChoice(doc *ast.QueryDocument, name string) *gqlerror.Error {
	switch {
	case doc.Operations.ForName(name) != nil:
		return nil
	case len(doc.Operations) == 0:
		return refused(errcode.ValidationFailed, "the document has no operation")
	case name == "":
		return refused(errcode.ValidationFailed, "the document has %d operations: operationName must name one of them", len(doc.Operations))
	}
	return refused(errcode.ValidationFailed, "the document has no operation that operationName %.100q names", name)
}

// valueLimit is what variables may still have.
type valueLimit struct{ values, bytes int }

// fits takes a value off and reports whether it and its levels were allowed.
// Bytes are those of texts, numbers and names, as the request spells them.
func (l *valueLimit) fits(value any, levels int) bool {
	l.values--
	switch v := value.(type) {
	case string:
		l.bytes -= len(v)
	case json.Number:
		l.bytes -= len(v)
	}
	if l.values < 0 || l.bytes < 0 || levels < 0 {
		return false
	}
	switch v := value.(type) {
	case map[string]any:
		for name, child := range v {
			l.bytes -= len(name)
			if !l.fits(child, levels-1) {
				return false
			}
		}
	case []any:
		for _, child := range v {
			if !l.fits(child, levels-1) {
				return false
			}
		}
	}
	return true
}

func refuseDraft(doc *ast.QueryDocument) *gqlerror.Error {
	if len(doc.Operations) > maxParts || len(doc.Fragments) > maxParts {
		return refused(codeShapeLimit, "the document has more than %d operations or fragments", maxParts)
	}
	var written draft
	for _, operation := range doc.Operations {
		if len(operation.VariableDefinitions) > maxParts {
			return refused(codeShapeLimit, "the operation has more than %d variables", maxParts)
		}
		written.directives += len(operation.Directives)
		for _, variable := range operation.VariableDefinitions {
			written.directives += len(variable.Directives)
		}
		written.read(operation.SelectionSet)
	}
	for _, fragment := range doc.Fragments {
		written.directives += len(fragment.Directives)
		written.read(fragment.SelectionSet)
	}
	switch {
	case written.longest > maxName:
		return refused(codeShapeLimit, "a name has more than %d characters", maxName)
	case written.selections > maxFields:
		return refused(codeCostLimit, "the operation has more than %d fields", maxFields)
	case written.directives > maxDirectives:
		return refused(codeShapeLimit, "the operation has more than %d directives", maxDirectives)
	}
	return nil
}

// draft counts what is written in a document, used or not.
type draft struct{ selections, directives, longest int }

func (d *draft) read(selections ast.SelectionSet) {
	d.selections += len(selections)
	for _, selection := range selections {
		switch s := selection.(type) {
		case *ast.Field:
			d.longest = max(d.longest, len(s.Name), len(s.Alias))
			d.directives += len(s.Directives)
			d.read(s.SelectionSet)
		case *ast.InlineFragment:
			d.longest = max(d.longest, len(s.TypeCondition))
			d.directives += len(s.Directives)
			d.read(s.SelectionSet)
		case *ast.FragmentSpread:
			d.longest = max(d.longest, len(s.Name))
			d.directives += len(s.Directives)
		}
	}
}
