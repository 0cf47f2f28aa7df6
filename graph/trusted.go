package graph

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/graph/exec"
)

// codeNotTrusted refuses an operation that is none of the trusted documents.
const codeNotTrusted = "DOCUMENT_NOT_TRUSTED"

// documentExtension is where a request's document id travels.
const documentExtension = "documentId"

// TrustedDocuments are the operations that clients may name by an id. The zero
// value has none.
type TrustedDocuments struct {
	byID  map[string]string
	texts map[string]bool
	// Only refuses every other operation; AdminsMayMore lets callers with the
	// scope admin send any all the same.
	Only          bool
	AdminsMayMore bool
}

// ParseTrustedDocuments reads a JSON object of ids and operations, as Relay's
// compiler writes it, or a manifest of Apollo's persisted queries. Every
// operation must be valid in the schema.
func ParseTrustedDocuments(raw []byte) (TrustedDocuments, error) {
	var manifest struct {
		Operations []struct{ ID, Body string }
	}
	documents := TrustedDocuments{byID: map[string]string{}, texts: map[string]bool{}}
	if err := json.Unmarshal(raw, &manifest); err == nil && manifest.Operations != nil {
		for _, o := range manifest.Operations {
			documents.byID[o.ID] = o.Body
		}
	} else if err := json.Unmarshal(raw, &documents.byID); err != nil {
		return TrustedDocuments{}, fmt.Errorf("it is neither a JSON object of ids and operations nor a manifest of persisted queries: %w", err)
	}
	schema := exec.NewExecutableSchema(exec.Config{}).Schema()
	for id, text := range documents.byID {
		if id == "" {
			return TrustedDocuments{}, fmt.Errorf("a document has no id")
		}
		if _, errs := gqlparser.LoadQueryWithRules(schema, text, nil); len(errs) > 0 {
			return TrustedDocuments{}, fmt.Errorf("document %s: %s", id, errs[0].Message)
		}
		documents.texts[text] = true
	}
	return documents, nil
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
} = TrustedDocuments{}

// ExtensionName implements [graphql.HandlerExtension].
func (TrustedDocuments) ExtensionName() string { return "TrustedDocuments" }

// Validate implements [graphql.HandlerExtension].
func (TrustedDocuments) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters implements [graphql.OperationParameterMutator]: it
// puts the document in the place of its id.
func (d TrustedDocuments) MutateOperationParameters(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	if params.Query == "" {
		if text, ok := d.byID[documentID(params.Extensions)]; ok {
			params.Query = text
			delete(params.Extensions, "persistedQuery")
			return nil
		}
	}
	if !d.Only || d.texts[params.Query] || (d.AdminsMayMore && principalOf(ctx).Scopes.Allow(access.ScopeAdmin)) {
		return nil
	}
	return refused(codeNotTrusted, "this server answers trusted documents only, named by their id")
}

func documentID(extensions map[string]any) string {
	if id, ok := extensions[documentExtension].(string); ok {
		return id
	}
	persisted, _ := extensions["persistedQuery"].(map[string]any)
	id, _ := persisted["sha256Hash"].(string)
	return id
}

// namedRequest is a request that may name its document the way Relay does.
type namedRequest struct {
	graphql.RawParams
	DocumentID string `json:"documentId"`
	ID         string `json:"id"`
	DocID      string `json:"doc_id"`
}

// params are the request's, with the document's id where extensions have it.
func (r namedRequest) params() graphql.RawParams {
	for _, id := range []string{r.DocumentID, r.ID, r.DocID} {
		if id == "" {
			continue
		}
		if r.Extensions == nil {
			r.Extensions = map[string]any{}
		}
		r.Extensions[documentExtension] = id
		break
	}
	return r.RawParams
}
