package graph

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"byte8.io/ledger/domain/fault"
)

// sender writes answers in one piece.
type sender struct {
	buffers *answerBuffers
	writes  writes
}

// post serves operations by POST with a JSON body.
type post struct {
	transport.POST
	sender
}

// get serves queries by GET. An answer without errors has an entity tag.
type get struct {
	transport.GET
	sender
}

var (
	_ graphql.Transport = post{}
	_ graphql.Transport = get{}
)

// Do implements [graphql.Transport].
func (t post) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	var request namedRequest
	start := graphql.Now()
	if err := decode(r.Body, &request); err != nil {
		t.refuse(w, r, exec, http.StatusBadRequest, "The body is not a GraphQL request.")
		return
	}
	params := request.params()
	params.Headers, params.ReadTime = r.Header, graphql.TraceTiming{Start: start, End: graphql.Now()}
	t.serve(w, r, exec, &params, plainAnswer)
}

// Do implements [graphql.Transport].
func (t get) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	start := graphql.Now()
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		t.refuse(w, r, exec, http.StatusBadRequest, "The address cannot be read.")
		return
	}
	params := graphql.RawParams{Query: query.Get("query"), OperationName: query.Get("operationName"), Headers: r.Header}
	for name, into := range map[string]*map[string]any{"variables": &params.Variables, "extensions": &params.Extensions} {
		if text := query.Get(name); text != "" {
			if err := decode(strings.NewReader(text), into); err != nil {
				t.refuse(w, r, exec, http.StatusBadRequest, name+" is not a JSON object.")
				return
			}
		}
	}
	params = namedRequest{RawParams: params, DocumentID: query.Get(documentExtension)}.params()
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	t.serve(w, r, exec, &params, taggedAnswer)
}

func (s sender) serve(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, params *graphql.RawParams, form answerForm) {
	buffer := s.buffers.take()
	defer s.buffers.giveBack(buffer)
	ctx := withAnswerBuffer(r.Context(), buffer)
	if form == taggedAnswer {
		ctx = context.WithValue(ctx, taggedKey{}, true)
	}
	op, errs := exec.CreateOperationContext(ctx, params)
	if f, ok := errors.AsType[*fault.Error](errs); ok && f.Kind() == fault.Unauthenticated {
		refuse(w, r, http.StatusUnauthorized, f)
		return
	}
	if refusal := mayUse(principalOf(ctx), nil); errs != nil && refusal != nil {
		// What is wrong with an operation tells of the schema.
		refuse(w, r, http.StatusUnauthorized, fault.Of(refusal))
		return
	}
	if errs != nil {
		retryAfter(w.Header(), errs)
		form.send(w, r, buffer, statusOf(r, errs), exec.DispatchError(graphql.WithOperationContext(ctx, op), errs))
		return
	}
	if form == taggedAnswer && op.Operation.Operation != ast.Query {
		s.refuse(w, r, exec, http.StatusNotAcceptable, "GET serves queries only.")
		return
	}
	if isKeyed(op) {
		s.serveOnce(w, r, exec, op, buffer)
		return
	}
	responses, ctx := exec.DispatchOperation(ctx, op)
	form.send(w, r, buffer, http.StatusOK, responses(ctx))
}

type taggedKey struct{}

// isTagged reports whether the answer gets an entity tag.
func isTagged(ctx context.Context) bool { return ctx.Value(taggedKey{}) != nil }

// refuse answers a request that carries no operation.
func (s sender) refuse(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, status int, message string) {
	answer := exec.DispatchError(r.Context(), gqlerror.List{gqlerror.Errorf("%s", message)})
	plainAnswer.send(w, r, &answerBuffer{}, status, answer)
}

// statusOf is the status of an operation that was not run, as GraphQL over HTTP
// asks for: 200 unless it is invalid, then 422, or 400 for clients that ask for
// GraphQL's own content type. A caller without points gets 429.
func statusOf(r *http.Request, errs gqlerror.List) int {
	switch {
	case fault.Is(errs, fault.CodeThrottled):
		return http.StatusTooManyRequests
	case errcode.GetErrorKind(errs) != errcode.KindProtocol:
		return http.StatusOK
	case contentType(r) == graphqlType:
		return http.StatusBadRequest
	}
	return http.StatusUnprocessableEntity
}

// retryAfter tells when to send the operation again, if one of the errors says so.
func retryAfter(header http.Header, err error) {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Wait > 0 {
		header.Set("Retry-After", strconv.Itoa(secondsOf(f.Wait)))
	}
}

// answerForm is how an answer goes out.
type answerForm int

const (
	plainAnswer answerForm = iota
	// taggedAnswer has an entity tag, and is not sent to who has it.
	taggedAnswer
)

func (f answerForm) send(w http.ResponseWriter, r *http.Request, buffer *answerBuffer, status int, answer *graphql.Response) {
	body, err := buffer.encode(answer)
	if err != nil {
		http.Error(w, `{"errors":[{"message":"The answer cannot be written."}]}`, http.StatusInternalServerError)
		return
	}
	header := w.Header()
	if f == taggedAnswer && (answer == nil || len(answer.Errors) > 0) {
		header.Set("Cache-Control", "no-store")
	} else if f == taggedAnswer && tag(header, r, body) {
		header.Set("Content-Type", contentType(r))
		w.WriteHeader(http.StatusNotModified)
		return
	}
	f.deliver(w, r, status, body)
}

func (answerForm) deliver(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	header := w.Header()
	header.Set("Content-Type", contentType(r))
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client went away
}

func decode(r io.Reader, into any) error {
	decoder := json.NewDecoder(r)
	decoder.UseNumber()
	return decoder.Decode(into)
}
