package graph

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/graph/stream"
)

const (
	// writeKeyHeader carries the key of a whole mutation request.
	writeKeyHeader = "Idempotency-Key"
	// replayedHeader marks an answer that was given before.
	replayedHeader = "Idempotent-Replayed"
)

// isKeyed reports whether the request is a mutation with a key.
func isKeyed(op *graphql.OperationContext) bool {
	return op.Operation.Operation == ast.Mutation && op.Headers.Values(writeKeyHeader) != nil
}

// around refuses keyed requests whose answers are streamed: there is no one
// answer to remember.
func (w writes) around(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	if isKeyed(graphql.GetOperationContext(ctx)) && stream.IsStreamed(ctx) {
		return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{refused(codeBadRequest, "%s goes with plain POST; streamed mutations take clientMutationKey", writeKeyHeader)}})
	}
	return next(ctx)
}

// serveOnce answers a keyed request with the bytes of its first answer.
func (s sender) serveOnce(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, op *graphql.OperationContext, buffer *answerBuffer) {
	ctx := withAnswerBuffer(r.Context(), buffer)
	roots := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Mutation"})
	write, err := requestWrite(ctx, op, roots)
	var answer []byte
	if err == nil {
		var known []byte
		known, err = s.writes.app.AnswerOnce(ctx, principalOf(ctx), write, func(ctx context.Context) (remembered []byte) {
			responses, ctx := exec.DispatchOperation(ctx, op)
			answer, remembered = answerOf(op, roots, responses(ctx), buffer)
			return remembered
		})
		if known != nil {
			answer = known
			w.Header().Set(replayedHeader, "true")
		}
	}
	if err != nil {
		status := statusOfRefusal(w.Header(), err)
		refusal := exec.DispatchError(graphql.WithOperationContext(ctx, op), gqlerror.List{asRefusal(err)})
		plainAnswer.send(w, r, buffer, status, refusal)
		return
	}
	plainAnswer.deliver(w, r, http.StatusOK, answer)
}

func requestWrite(ctx context.Context, op *graphql.OperationContext, roots []graphql.CollectedField) (app.RepeatableWrite, error) {
	for _, root := range roots {
		if err := mayUseField(ctx, root.Definition); err != nil {
			return app.RepeatableWrite{}, err
		}
	}
	keys := op.Headers.Values(writeKeyHeader)
	if len(keys) != 1 {
		return app.RepeatableWrite{}, fault.New(fault.CodeInvalid, "A request carries one "+writeKeyHeader+".")
	}
	sum, err := digestOf(op.Variables, op.RawQuery, op.OperationName)
	return app.RepeatableWrite{Form: app.WholeRequest, Key: keys[0], Digest: sum}, err
}

// answerOf is the response as bytes, and what of it is remembered: nothing when
// every field has failed.
func answerOf(op *graphql.OperationContext, roots []graphql.CollectedField, response *graphql.Response, buffer *answerBuffer) (answer, remembered []byte) {
	answer, err := buffer.encode(response)
	if err != nil {
		return []byte(`{"errors":[{"message":"The answer cannot be written."}]}`), nil
	}
	if response == nil {
		return answer, nil
	}
	failed := map[string]bool{}
	for _, err := range response.Errors {
		if len(err.Path) < 2 {
			failed[err.Path.String()] = true
		}
	}
	if len(failed) >= len(roots) {
		return answer, nil
	}
	var data map[string]json.RawMessage
	if json.Unmarshal(response.Data, &data) != nil {
		return answer, nil
	}
	remembered = answer
	for _, root := range roots {
		remembered = withoutSecrets(op, root, data[root.Alias], remembered)
	}
	return answer, remembered
}

// statusOfRefusal is the status of a keyed request that was not executed.
func statusOfRefusal(header http.Header, err error) int {
	retryAfter(header, err)
	f := fault.Of(err)
	switch {
	case f.Code == fault.CodeIdempotencyMismatch:
		return http.StatusUnprocessableEntity
	case f.Code == fault.CodeStillRunning:
		return http.StatusConflict
	case f.Kind() == fault.Invalid:
		return http.StatusBadRequest
	case f.Kind() == fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

// secondsOf is a wait in whole seconds, rounded up.
func secondsOf(wait time.Duration) int { return int(math.Ceil(wait.Seconds())) }
