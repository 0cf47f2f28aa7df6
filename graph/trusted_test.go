package graph_test

import (
	"net/http"
	"testing"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/graph"
)

const trustedText = `{ viewer { tenant { id } } }`

func trusting(t *testing.T, manifest string, change func(*graph.TrustedDocuments)) http.Handler {
	t.Helper()
	documents, err := graph.ParseTrustedDocuments([]byte(manifest))
	if err != nil {
		t.Fatal(err)
	}
	change(&documents)
	w := newWorld()
	return graph.NewHandler(graph.Options{App: w.App(), Log: w.Logger(), Trusted: documents})
}

func TestTrustedDocumentsAreNamedByTheirID(t *testing.T) {
	t.Parallel()
	hash := sha256Hex(trustedText)
	manifests := map[string]string{
		"relay":  `{"` + hash + `": "` + trustedText + `"}`,
		"apollo": `{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "` + hash + `", "name": "V", "type": "query", "body": "` + trustedText + `"}]}`,
	}
	for name, manifest := range manifests {
		h := trusting(t, manifest, func(d *graph.TrustedDocuments) { d.Only = true })
		for _, body := range []string{
			`{"documentId": "` + hash + `"}`, `{"id": "` + hash + `"}`, `{"doc_id": "` + hash + `", "variables": {}}`,
			`{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "` + hash + `"}}}`, `{"query": "` + trustedText + `"}`,
		} {
			if r := send(t, h, owner, []byte(body)); r.Data["viewer"] == nil {
				t.Errorf("%s: %s: errors %+v", name, body, r.Errors)
			}
		}
		for _, body := range []string{
			`{"query": "{ providers { key } }"}`, `{"documentId": "unknown"}`, `{"query": "{ __schema { queryType { name } } }"}`,
			`{"query": "{ providers { key } }", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "` + sha256Hex(`{ providers { key } }`) + `"}}}`,
		} {
			if r := send(t, h, owner, []byte(body)); r.code() != "DOCUMENT_NOT_TRUSTED" || r.Data != nil {
				t.Errorf("%s: %s: data %v, errors %+v", name, body, r.Data, r.Errors)
			}
		}
	}
}

func TestWhoMaySendOtherDocuments(t *testing.T) {
	t.Parallel()
	viewer := owner
	viewer.Scopes = access.Scopes{access.ScopeStatusRead}
	manifest := `{"v": "` + trustedText + `"}`
	either := trusting(t, manifest, func(*graph.TrustedDocuments) {})
	admins := trusting(t, manifest, func(d *graph.TrustedDocuments) { d.Only, d.AdminsMayMore = true, true })
	const others = `{"query": "{ viewer { scopes } }"}`
	if r := send(t, either, viewer, []byte(others)); r.Data["viewer"] == nil {
		t.Errorf("beside other documents: errors %+v", r.Errors)
	}
	if r := send(t, admins, owner, []byte(others)); r.Data["viewer"] == nil {
		t.Errorf("an admin: errors %+v", r.Errors)
	}
	if r := send(t, admins, viewer, []byte(others)); r.code() != "DOCUMENT_NOT_TRUSTED" {
		t.Errorf("anybody else: errors %+v", r.Errors)
	}
}

func TestBadTrustedDocumentsAreRefused(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{``, `[]`, `{"a": 1}`, `{"a": "{ nothing }"}`, `{"": "{ viewer { scopes } }"}`, `{"operations": [{"id": "a", "body": "{"}]}`} {
		if _, err := graph.ParseTrustedDocuments([]byte(raw)); err == nil {
			t.Errorf("%s was taken", raw)
		}
	}
}
