package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every root field is asked with tenant A's ids in the integration tests, over a
// real store. These are the answers that say more than that there is nothing:
// counts, lists of several ids, and what a stranger has of its own.
func TestWhatAStrangerGets(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ operation, want string }{
		"viewer":    {`{ viewer { tenant { id } } }`, `{"viewer": {"tenant": {"id": "tenant-b"}}}`},
		"nodes":     {`{ nodes(ids: ["bnd_1", "run_1", "sto_1", "key_a", "job_1", "mem_1", "inv_1", "ses_1", "whe_1", "whd_1"]) { id } }`, `{"nodes": [null, null, null, null, null, null, null, null, null, null]}`},
		"providers": {`{ providers { key } }`, `{"providers": [{"key": "XERO"}]}`},
		"syncRuns": {
			`{ syncRuns(filter: {bindingId: "bnd_1"}) { nodes { id } totalCount } all: syncRuns(filter: {text: "0"}) { totalCount } }`,
			`{"syncRuns": {"nodes": [], "totalCount": 0}, "all": {"totalCount": 0}}`,
		},
		"retryFailureGroup": {
			`mutation { retryFailureGroup(input: {bindingId: "bnd_1", fingerprint: "failed:number_taken"}) { preview { runs } job { id } userErrors { code } } }`,
			`{"retryFailureGroup": {"preview": {"runs": 0}, "job": null, "userErrors": []}}`,
		},
		"retrySyncRuns": {
			`mutation { retrySyncRuns(input: {filter: {bindingId: "bnd_1"}}) { preview { runs } job { id } userErrors { code } } }`,
			`{"retrySyncRuns": {"preview": {"runs": 0}, "job": null, "userErrors": []}}`,
		},
		"inviteMember": {
			`mutation { inviteMember(input: {email: "new@beta.example", role: VIEWER}) { invitation { invitedBy } userErrors { code } } }`,
			`{"inviteMember": {"invitation": {"invitedBy": "b"}, "userErrors": []}}`,
		},
		"changePassword": {
			`mutation { changePassword(input: {currentPassword: "correct horse", newPassword: "battery staple"}) { member { id } userErrors { code } } }`,
			`{"changePassword": {"member": null, "userErrors": [{"code": "NOT_FOUND"}]}}`,
		},
		"connectMagento": {
			`mutation { connectMagento(input: {baseUrl: "https://own.example", pairingCode: "ABCDEFGH", provider: XERO}) { store { bindings { id } } userErrors { code } } }`,
			`{"connectMagento": {"store": {"bindings": [{"id": "bnd_new2"}]}, "userErrors": []}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, before := newWorld(), newWorld()
			if diff := cmp.Diff(parsed(t, tt.want), data(t, w, other, tt.operation, nil)); diff != "" {
				t.Errorf("a stranger got (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before.Bindings, w.Bindings[:len(before.Bindings)]) + cmp.Diff(before.Runs, w.Runs) + cmp.Diff(before.Jobs, w.Jobs) +
				cmp.Diff(before.Members, w.Members); diff != "" {
				t.Errorf("a stranger changed what is tenant A's:\n%s", diff)
			}
		})
	}
}
