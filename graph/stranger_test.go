package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/access"
)

// operations are one of every root field, with tenant A's ids, and what tenant
// B gets.
var operations = map[string]struct{ operation, strangerGets string }{
	"viewer":            {`{ viewer { tenant { id } } }`, `{"viewer": {"tenant": {"id": "tenant-b"}}}`},
	"node":              {`{ node(id: "bnd_1") { id } }`, `{"node": null}`},
	"nodes":             {`{ nodes(ids: ["bnd_1", "run_1", "sto_1", "key_a"]) { id } }`, `{"nodes": [null, null, null, null]}`},
	"stores":            {`{ stores { id } }`, `{"stores": []}`},
	"store":             {`{ store(id: "sto_1") { id } }`, `{"store": null}`},
	"bindings":          {`{ bindings { nodes { id } } }`, `{"bindings": {"nodes": []}}`},
	"binding":           {`{ binding(id: "bnd_1") { id } }`, `{"binding": null}`},
	"providers":         {`{ providers { key } }`, `{"providers": [{"key": "XERO"}]}`},
	"syncStates":        {`{ syncStates(entityType: INVOICE, magentoIds: [1, 2], storeId: "sto_1") { status } }`, `{"syncStates": []}`},
	"syncRuns":          {`{ syncRuns(filter: {bindingId: "bnd_1"}) { nodes { id } } }`, `{"syncRuns": {"nodes": []}}`},
	"syncRun":           {`{ syncRun(id: "run_1") { id } }`, `{"syncRun": null}`},
	"apiKeys":           {`{ apiKeys { nodes { id } } }`, `{"apiKeys": {"nodes": []}}`},
	"failureGroups":     {`{ failureGroups(bindingId: "bnd_1") { count sample { id } } }`, `{"failureGroups": []}`},
	"disconnectPreview": {`{ disconnectPreview(bindingId: "bnd_1") { removed } }`, `{"disconnectPreview": null}`},
	"connectMagento": {
		`mutation { connectMagento(input: {baseUrl: "https://own.example", pairingCode: "ABCDEFGH", provider: XERO}) { store { bindings { id } } userErrors { code } } }`,
		`{"connectMagento": {"store": {"bindings": [{"id": "bnd_new2"}]}, "userErrors": []}}`,
	},
	"authorizeProvider":    {`mutation { authorizeProvider(input: {bindingId: "bnd_1"}) { authorizationUrl userErrors { code } } }`, `{"authorizeProvider": {"authorizationUrl": null, "userErrors": [{"code": "NOT_FOUND"}]}}`},
	"selectOrganisation":   {`mutation { selectOrganisation(input: {bindingId: "bnd_1", organisationId: "org-1"}) { binding { id } userErrors { code } } }`, `{"selectOrganisation": {"binding": null, "userErrors": [{"code": "NOT_FOUND"}]}}`},
	"retrySyncRun":         {`mutation { retrySyncRun(input: {runId: "run_2"}) { syncRun { id } userErrors { code } } }`, `{"retrySyncRun": {"syncRun": null, "userErrors": [{"code": "NOT_FOUND"}]}}`},
	"refreshReferenceData": {`mutation { refreshReferenceData(input: {bindingId: "bnd_1"}) { referenceData { fetchedAt } userErrors { code } } }`, `{"refreshReferenceData": {"referenceData": null, "userErrors": [{"code": "NOT_FOUND"}]}}`},
	"pauseBinding":         {`mutation { pauseBinding(input: {bindingId: "bnd_1"}) { binding { id } userErrors { code } } }`, `{"pauseBinding": {"binding": null, "userErrors": [{"code": "NOT_FOUND"}]}}`},
	"resumeBinding":        {`mutation { resumeBinding(input: {bindingId: "bnd_1"}) { binding { id } userErrors { code } } }`, `{"resumeBinding": {"binding": null, "userErrors": [{"code": "NOT_FOUND"}]}}`},
	"disconnectBinding":    {`mutation { disconnectBinding(input: {bindingId: "bnd_1"}) { binding { id } userErrors { code } } }`, `{"disconnectBinding": {"binding": null, "userErrors": [{"code": "NOT_FOUND"}]}}`},
	"updateSettings":       {`mutation { updateSettings(input: {bindingId: "bnd_1", expectedVersion: 1, settings: {paymentMethodMap: []}}) { binding { id } userErrors { code } } }`, `{"updateSettings": {"binding": null, "userErrors": [{"code": "NOT_FOUND"}]}}`},
	"releaseHolds":         {`mutation { releaseHolds(input: {bindingId: "bnd_1"}) { released userErrors { code } } }`, `{"releaseHolds": {"released": null, "userErrors": [{"code": "NOT_FOUND"}]}}`},
	"retryFailureGroup":    {`mutation { retryFailureGroup(input: {bindingId: "bnd_1", fingerprint: "failed:number_taken"}) { retried userErrors { code } } }`, `{"retryFailureGroup": {"retried": 0, "userErrors": []}}`},
}

func TestAStrangerSeesAndTouchesNothing(t *testing.T) {
	t.Parallel()
	s := schema(t)
	for _, root := range []string{"Query", "Mutation"} {
		for _, field := range s.Types[root].Fields {
			if _, ok := operations[field.Name]; !ok && !isMeta(field) {
				t.Errorf("%s.%s is not tried as a stranger", root, field.Name)
			}
		}
	}
	for name, tt := range operations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			if diff := cmp.Diff(parsed(t, tt.strangerGets), data(t, w, other, tt.operation, nil)); diff != "" {
				t.Errorf("a stranger got (-want +got):\n%s", diff)
			}
			before := newWorld()
			if diff := cmp.Diff(before.Bindings, w.Bindings[:len(before.Bindings)]); diff != "" {
				t.Errorf("a stranger changed tenant A's bindings:\n%s", diff)
			}
			if diff := cmp.Diff(before.Runs[1].Status, w.Runs[1].Status); diff != "" {
				t.Errorf("a stranger changed tenant A's run:\n%s", diff)
			}
			if diff := cmp.Diff(before.Settings, w.Settings); diff != "" {
				t.Errorf("a stranger changed tenant A's settings:\n%s", diff)
			}
			if diff := cmp.Diff(before.Grants, w.Grants); diff != "" {
				t.Errorf("a stranger changed tenant A's consent:\n%s", diff)
			}
		})
	}
}

func TestNobodyGetsNothing(t *testing.T) {
	t.Parallel()
	for name, tt := range operations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if r := ask(t, newWorld(), access.Principal{}, tt.operation, nil); r.code() != "UNAUTHENTICATED" {
				t.Errorf("data %v, errors %+v, want UNAUTHENTICATED", r.Data, r.Errors)
			}
			powerless := owner
			powerless.Scopes = nil
			if r := ask(t, newWorld(), powerless, tt.operation, nil); name != "viewer" && name != "node" && name != "nodes" && r.code() != "DENIED" {
				t.Errorf("without scopes: data %v, errors %+v, want DENIED", r.Data, r.Errors)
			}
		})
	}
}
