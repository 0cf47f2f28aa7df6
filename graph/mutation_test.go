package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/fault"
)

func TestMutations(t *testing.T) {
	t.Parallel()
	const problems = ` userErrors { code field message errorCode } } }`
	refused := func(w *apptest.World) {
		w.PairErr = fault.New(fault.CodePairingRefused, "The shop refused the pairing code.")
	}
	tests := map[string]struct {
		arrange         func(*apptest.World)
		operation, want string
	}{
		"pair": {
			nil, `mutation { connectMagento(input: {baseUrl: "https://New.example/", pairingCode: "ABCD-EFGH", provider: XERO}) { store { id baseUrl } binding { id status settings { commercial { paymentTermsDays } } }` + problems,
			`{"connectMagento": {"store": {"id": "sto_new1", "baseUrl": "https://new.example"}, "binding": {"id": "bnd_new2", "status": "PENDING", "settings": null}, "userErrors": []}}`,
		},
		"pair a bad address": {
			nil, `mutation { connectMagento(input: {baseUrl: "ftp://x", pairingCode: "ABCDEFGH", provider: XERO}) { store { id } binding { id }` + problems,
			`{"connectMagento": {"store": null, "binding": null, "userErrors": [{"code": "invalid_format", "field": "baseUrl", "message": "The address must start with https:// or http://.", "errorCode": "validation"}]}}`,
		},
		"pair with a refused code": {
			refused, `mutation { connectMagento(input: {baseUrl: "https://x.example", pairingCode: "ABCDEFGH", provider: XERO}) { store { id }` + problems,
			`{"connectMagento": {"store": null, "userErrors": [{"code": "REJECTED", "field": null, "message": "The shop refused the pairing code.", "errorCode": "pairing_refused"}]}}`,
		},
		"authorise": {
			nil, `mutation { authorizeProvider(input: {bindingId: "bnd_1"}) { authorizationUrl` + problems,
			`{"authorizeProvider": {"authorizationUrl": "https://login.example/authorize?state=0000000000000000000000000000000000000000000000000000000000000000", "userErrors": []}}`,
		},
		"authorise with a foreign return": {
			nil, `mutation { authorizeProvider(input: {bindingId: "bnd_1", returnTo: "https://evil.example"}) { authorizationUrl` + problems,
			`{"authorizeProvider": {"authorizationUrl": null, "userErrors": [{"code": "invalid_format", "field": "returnTo", "message": "returnTo must be a path on this server, such as /dashboard.", "errorCode": "validation"}]}}`,
		},
		"select before consent": {
			nil, `mutation { selectOrganisation(input: {bindingId: "bnd_2", organisationId: "org-1"}) { binding { id }` + problems,
			`{"selectOrganisation": {"binding": null, "userErrors": [{"code": "CONFLICT", "field": null, "message": "Give consent first; then choose the organisation.", "errorCode": "conflict"}]}}`,
		},
		"retry": {
			nil, `mutation { retrySyncRun(input: {runId: "run_2"}) { syncRun { id status settingsVersion }` + problems,
			`{"retrySyncRun": {"syncRun": {"id": "run_2", "status": "QUEUED", "settingsVersion": 1}, "userErrors": []}}`,
		},
		"retry a run under way": {
			nil, `mutation { retrySyncRun(input: {runId: "run_3", settings: CURRENT}) { syncRun { id }` + problems,
			`{"retrySyncRun": {"syncRun": null, "userErrors": [{"code": "CONFLICT", "field": null, "message": "This run is still under way.", "errorCode": "conflict"}]}}`,
		},
		"refresh before consent": {
			nil, `mutation { refreshReferenceData(input: {bindingId: "bnd_2"}) { binding { id } referenceData { fetchedAt }` + problems,
			`{"refreshReferenceData": {"binding": null, "referenceData": null, "userErrors": [{"code": "CONFLICT", "field": null, "message": "Connect an organisation first.", "errorCode": "conflict"}]}}`,
		},
		"pause and resume": {
			nil, `mutation { one: pauseBinding(input: {bindingId: "bnd_1"}) { binding { status } } two: pauseBinding(input: {bindingId: "bnd_1"}) { binding { status } }
				resumeBinding(input: {bindingId: "bnd_1"}) { binding { status }` + problems,
			`{"one": {"binding": {"status": "PAUSED"}}, "two": {"binding": {"status": "PAUSED"}}, "resumeBinding": {"binding": {"status": "ACTIVE"}, "userErrors": []}}`,
		},
		"pause a binding that never sent": {
			nil, `mutation { pauseBinding(input: {bindingId: "bnd_2"}) { binding { id }` + problems,
			`{"pauseBinding": {"binding": null, "userErrors": [{"code": "CONFLICT", "field": null, "message": "This binding is pending; only one that is active can become paused.", "errorCode": "conflict"}]}}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			if tt.arrange != nil {
				tt.arrange(w)
			}
			if diff := cmp.Diff(parsed(t, tt.want), data(t, w, owner, tt.operation, nil)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.operation, diff)
			}
		})
	}
}

func TestPausingStoresOnceAndResumingWakesAWorker(t *testing.T) {
	t.Parallel()
	w := newWorld()
	data(t, w, owner, `mutation { one: pauseBinding(input: {bindingId: "bnd_1"}) { binding { id } } two: pauseBinding(input: {bindingId: "bnd_1"}) { binding { id } } }`, nil)
	if saved, nudged := w.Calls("Bindings.SaveBinding"), w.Calls("Queue.NudgeBinding"); saved != 1 || nudged != 0 {
		t.Errorf("pausing twice: saved %d times, nudged %d times, want 1 and 0", saved, nudged)
	}
	data(t, w, owner, `mutation { resumeBinding(input: {bindingId: "bnd_1"}) { binding { id } } }`, nil)
	if nudged := w.Calls("Queue.NudgeBinding"); nudged != 1 {
		t.Errorf("resuming nudged %d times, want 1", nudged)
	}
}

func TestAFailingMutationLeavesItsNeighboursAlone(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.PairErr = fault.New(fault.CodeMagentoUnreachable, "dial tcp 10.0.0.7:443: no route to host")
	r := ask(t, w, owner, `mutation { connectMagento(input: {baseUrl: "https://x.example", pairingCode: "ABCDEFGH", provider: XERO}) { store { id } } pauseBinding(input: {bindingId: "bnd_1"}) { binding { status } } }`, nil)
	want := parsed(t, `{"connectMagento": null, "pauseBinding": {"binding": {"status": "PAUSED"}}}`)
	if diff := cmp.Diff(want, r.Data); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
	if r.code() != "UNAVAILABLE" || r.Errors[0].Message != "The shop does not answer." || r.Errors[0].Extensions["errorCode"] != "http" {
		t.Errorf("errors %+v, want a general sentence", r.Errors)
	}
}
