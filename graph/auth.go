package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"byte8.io/ledger/domain/access"
)

type (
	principalKey struct{}
	sessionKey   struct{}
)

// WithPrincipal names the caller of the request.
func WithPrincipal(ctx context.Context, p access.Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// WithSessionDigest names the browser session of the request, so that a consent
// asked for in it can come back to no other.
func WithSessionDigest(ctx context.Context, digest string) context.Context {
	return context.WithValue(ctx, sessionKey{}, digest)
}

func principalOf(ctx context.Context) access.Principal {
	p, _ := ctx.Value(principalKey{}).(access.Principal)
	return p
}

func sessionDigestOf(ctx context.Context) string {
	digest, _ := ctx.Value(sessionKey{}).(string)
	return digest
}

// authorise is the @auth directive: it answers whether this kind of caller may
// use the field. Whose data it is, the use cases answer.
func authorise(ctx context.Context, _ any, next graphql.Resolver, scope *string) (any, error) {
	if err := mayUse(principalOf(ctx), scope); err != nil {
		return nil, err
	}
	return next(ctx)
}

func mayUse(p access.Principal, scope *string) error {
	if scope != nil {
		return p.Require(access.Scope(*scope))
	}
	if p.IsZero() {
		return p.Require("")
	}
	return nil
}

// knownCaller refuses operations of callers who are not known, unless they ask
// for no more than __typename, and shows the schema to those who are.
type knownCaller struct{}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = knownCaller{}

// ExtensionName implements [graphql.HandlerExtension].
func (knownCaller) ExtensionName() string { return "KnownCaller" }

// Validate implements [graphql.HandlerExtension].
func (knownCaller) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext implements [graphql.OperationContextMutator].
func (knownCaller) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	refusal := mayUse(principalOf(ctx), nil)
	if refusal == nil {
		op.DisableIntrospection = false
		return nil
	}
	for _, field := range graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query", "Mutation", "Subscription"}) {
		if field.Name != "__typename" {
			return gqlerror.Wrap(refusal)
		}
	}
	return nil
}
