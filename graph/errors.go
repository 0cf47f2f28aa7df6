package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/trail"
	"byte8.io/ledger/graph/model"
)

// codeBadRequest is the code of a request that is no GraphQL operation.
const codeBadRequest = "BAD_REQUEST"

// presenter turns every error into what a caller may see of it.
type presenter struct{ log *slog.Logger }

// present is what a caller sees of an error, with the request's id.
func (p presenter) present(ctx context.Context, err error) *gqlerror.Error {
	shown := p.reduce(ctx, err)
	if id := trail.Of(ctx).RequestID(); id != "" {
		shown.Extensions = maps.Clone(shown.Extensions)
		shown.Extensions["requestId"] = id
	}
	return shown
}

// reduce shows faults with their kind and code, mistakes in the operation itself
// in their own words, and of anything else nothing but that it happened.
func (p presenter) reduce(ctx context.Context, err error) *gqlerror.Error {
	own, isOwn := errors.AsType[*gqlerror.Error](err)
	shown := &gqlerror.Error{Path: graphql.GetPath(ctx)}
	if isOwn {
		shown.Locations = own.Locations
		if own.Path != nil {
			shown.Path = own.Path
		}
		if own.Err == nil {
			shown.Message, shown.Extensions = own.Message, own.Extensions
			if shown.Extensions["code"] == nil {
				shown.Message, _, _ = strings.Cut(own.Message, " body:")
				shown.Extensions = map[string]any{"code": codeBadRequest}
			}
			return shown
		}
	}
	f, isLate := fault.Of(err), errors.Is(ctx.Err(), context.DeadlineExceeded)
	if isLate {
		f = fault.Wrap(fault.CodeOverloaded, "The time-out passed.", err)
	}
	shown.Message, shown.Extensions = f.Message, extensionsOf(f)
	if f.Kind().Hidden() {
		p.log.ErrorContext(ctx, "graphql field failed", "path", shown.Path.String(), "error", err)
		shown.Message = f.Code.Title() + "."
		if f.Code.Title() == "" {
			shown.Message = fault.CodeInternal.Title() + "."
		}
	}
	if isLate {
		shown.Message = "This took too long; ask for less at once, or again later."
	}
	return shown
}

// recovered turns a panic into an internal fault and logs where it happened.
func (p presenter) recovered(ctx context.Context, thrown any) error {
	p.log.ErrorContext(ctx, "graphql field panicked", "panic", fmt.Sprint(thrown), "stack", string(debug.Stack()))
	return fault.Wrap(fault.CodeInternal, "Something went wrong on our side.", fmt.Errorf("panic: %v", thrown))
}

func extensionsOf(f *fault.Error) map[string]any {
	extensions := map[string]any{"code": f.Kind().String(), "errorCode": string(f.Code)}
	if f.Wait > 0 {
		extensions["retryAfter"] = secondsOf(f.Wait)
	}
	return extensions
}

// answered splits a mutation's outcome: the value, or what the caller's input
// has to answer for, or an error of any other sort.
func answered[T any](value T, err error) (*T, []model.UserError, error) {
	if err == nil {
		return &value, []model.UserError{}, nil
	}
	f := fault.Of(err)
	switch f.Kind() {
	case fault.Invalid, fault.NotFound, fault.Conflict, fault.Rejected, fault.Unlinked, fault.Held:
		return nil, userErrors(f), nil
	default:
		return nil, nil, err
	}
}

func userErrors(f *fault.Error) []model.UserError {
	if len(f.Fields) == 0 {
		return []model.UserError{{Code: f.Kind().String(), Message: f.Message, ErrorCode: string(f.Code)}}
	}
	out := make([]model.UserError, len(f.Fields))
	for i, field := range f.Fields {
		out[i] = model.UserError{Code: field.Code, Field: known(field.Path), Message: field.Message, ErrorCode: string(f.Code)}
	}
	return out
}

// foundOrNull turns NotFound into null.
func foundOrNull[T any](value T, err error) (*T, error) {
	if err == nil {
		return &value, nil
	}
	if fault.IsKind(err, fault.NotFound) {
		return nil, nil
	}
	return nil, err
}

// known is nil for the zero value, which stands for "not known" in the domain.
func known[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// knownText is [known] for the domain's own kinds of text.
func knownText[T ~string](value T) *string { return known(string(value)) }
