package graph

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/graph/stream"
)

// codeIdempotencyMismatch refuses a key that came with another write.
const codeIdempotencyMismatch = "IDEMPOTENCY_MISMATCH"

// isSecret names the fields of payloads that are shown once.
var isSecret = map[string]bool{"secret": true, "link": true}

// writes makes mutations repeatable: one field by its input's clientMutationKey,
// a whole request by its Idempotency-Key.
//
// Answers are remembered unless nothing was done: a field whose error is its own
// is executed again by a repeat.
type writes struct{ app *app.App }

// fieldAnswer is what is remembered of a field.
type fieldAnswer struct {
	Data   json.RawMessage `json:"data"`
	Errors gqlerror.List   `json:"errors,omitempty"`
}

// aroundRootField answers a mutation whose input carries a key as it was
// answered first.
func (w writes) aroundRootField(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	op := graphql.GetOperationContext(ctx)
	if op.Operation.Operation != ast.Mutation {
		return next(ctx)
	}
	root := graphql.GetRootFieldContext(ctx).Field
	ctx = app.WithPart(ctx, root.Alias)
	input, _ := root.ArgumentMap(op.Variables)["input"].(map[string]any)
	key, isGiven := input["clientMutationKey"].(string)
	if !isGiven || mayUseField(ctx, root.Definition) != nil {
		return next(ctx)
	}
	write, err := fieldWrite(op, root, key, input)
	if err != nil {
		return w.refuse(ctx, root, err)
	}
	var answer fieldAnswer
	known, err := w.app.AnswerOnce(ctx, principalOf(ctx), write, func(ctx context.Context) []byte {
		before := len(graphql.GetErrors(ctx))
		var data bytes.Buffer
		next(ctx).MarshalGQL(&data)
		answer = fieldAnswer{data.Bytes(), graphql.GetErrors(ctx)[before:]}
		if hasOwnError(answer.Errors) {
			return nil
		}
		return fieldAnswer{withoutSecrets(op, root, answer.Data, answer.Data), answer.Errors}.stored()
	})
	if err != nil {
		return w.refuse(ctx, root, err)
	}
	if known != nil {
		answer = fieldAnswer{}
		if err := json.Unmarshal(known, &answer); err != nil {
			return w.refuse(ctx, root, fmt.Errorf("reading a remembered answer: %w", err))
		}
		answer.addErrors(ctx, root.Alias)
	}
	if string(answer.Data) == "null" {
		return graphql.Null
	}
	return graphql.WriterFunc(func(into io.Writer) { _, _ = into.Write(answer.Data) })
}

func (w writes) refuse(ctx context.Context, root graphql.CollectedField, err error) graphql.Marshaler {
	graphql.AddError(graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Mutation", Field: root}), asRefusal(err))
	return graphql.Null
}

func fieldWrite(op *graphql.OperationContext, root graphql.CollectedField, key string, input map[string]any) (app.RepeatableWrite, error) {
	var selection bytes.Buffer
	formatter.NewFormatter(&selection, formatter.WithIndent("")).FormatQueryDocument(&ast.QueryDocument{
		Operations: ast.OperationList{{Operation: ast.Query, SelectionSet: root.SelectionSet}}, Fragments: op.Doc.Fragments,
	})
	sum, err := digestOf(input, root.Name, selection.String())
	return app.RepeatableWrite{Form: app.WholeField, Key: key, Digest: sum}, err
}

// digestOf is the digest of a write's values and texts.
func digestOf(values map[string]any, texts ...string) (sum [sha256.Size]byte, err error) {
	canonical, err := json.Marshal(values)
	if err != nil {
		return sum, fmt.Errorf("writing the values down: %w", err)
	}
	digest := sha256.New()
	for _, text := range append(texts, string(canonical)) {
		_ = binary.Write(digest, binary.BigEndian, uint64(len(text))) // digests take everything
		_, _ = io.WriteString(digest, text)
	}
	return [sha256.Size]byte(digest.Sum(nil)), nil
}

func (a fieldAnswer) stored() []byte {
	stored, err := stream.Encode(a)
	if err != nil {
		return nil
	}
	return stored
}

// addErrors gives the request the errors that stood within the field.
func (a fieldAnswer) addErrors(ctx context.Context, alias string) {
	for _, err := range a.Errors {
		err.Path[0] = ast.PathName(alias)
		graphql.AddError(ctx, err)
	}
}

// hasOwnError reports whether an error is the root field's own rather than one
// of what it answered.
func hasOwnError(errs gqlerror.List) bool {
	for _, err := range errs {
		if len(err.Path) < 2 {
			return true
		}
	}
	return false
}

// withoutSecrets is the text with null for each secret in the field's data.
func withoutSecrets(op *graphql.OperationContext, root graphql.CollectedField, data json.RawMessage, text []byte) []byte {
	var payload map[string]json.RawMessage
	if json.Unmarshal(data, &payload) != nil {
		return text
	}
	for _, field := range graphql.CollectFields(op, root.Selections, []string{root.Definition.Type.Name()}) {
		if secret := payload[field.Alias]; isSecret[field.Name] && len(secret) > 0 && string(secret) != "null" {
			text = bytes.ReplaceAll(text, secret, []byte("null"))
		}
	}
	return text
}

// mayUseField is what the field's @auth says of the caller.
func mayUseField(ctx context.Context, field *ast.FieldDefinition) error {
	rule := field.Directives.ForName("auth")
	if rule == nil {
		return nil
	}
	if scope := rule.Arguments.ForName("scope"); scope != nil {
		return mayUse(principalOf(ctx), &scope.Value.Raw)
	}
	return mayUse(principalOf(ctx), nil)
}

// asRefusal gives a mismatch the code that clients look for.
func asRefusal(err error) *gqlerror.Error {
	if !fault.Is(err, fault.CodeIdempotencyMismatch) {
		return gqlerror.Wrap(err)
	}
	refusal := refused(codeIdempotencyMismatch, "%s", fault.Of(err).Message)
	refusal.Extensions["errorCode"] = string(fault.CodeIdempotencyMismatch)
	return refusal
}
