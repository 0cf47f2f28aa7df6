package graph_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/syncrun"
)

func TestJobsAreStartedAndEnded(t *testing.T) {
	t.Parallel()
	const problems = ` userErrors { code field } } }`
	for name, tt := range map[string]struct {
		operation, want string
		jobs            int
	}{
		"a group": {
			`mutation { retryFailureGroup(input: {bindingId: "bnd_1", fingerprint: "held:tax_rate_not_mapped"}) { preview { runs estimatedCalls estimatedSeconds } job { kind status bindingId total done createdBy }` + problems,
			`{"retryFailureGroup": {"preview": {"runs": 2, "estimatedCalls": 3, "estimatedSeconds": 3}, "job": {"kind": "RETRY", "status": "QUEUED", "bindingId": "bnd_1", "total": 2, "done": 0, "createdBy": "first key"}, "userErrors": []}}`, 1,
		},
		"a group, counted only": {
			`mutation { retryFailureGroup(input: {bindingId: "bnd_1", fingerprint: "failed:number_taken", dryRun: true, settings: ORIGINAL}) { preview { runs } job { id }` + problems,
			`{"retryFailureGroup": {"preview": {"runs": 1}, "job": null, "userErrors": []}}`, 0,
		},
		"a group of no code": {
			`mutation { retryFailureGroup(input: {bindingId: "bnd_1", fingerprint: "failed:"}) { preview { runs } job { id }` + problems,
			`{"retryFailureGroup": {"preview": null, "job": null, "userErrors": [{"code": "invalid_format", "field": "fingerprint"}]}}`, 0,
		},
		"a group of runs that are not stuck": {
			`mutation { retryFailureGroup(input: {bindingId: "bnd_1", fingerprint: "succeeded:number_taken"}) { job { id }` + problems,
			`{"retryFailureGroup": {"job": null, "userErrors": [{"code": "invalid_format", "field": "fingerprint"}]}}`, 0,
		},
		"everything that is stuck": {
			`mutation { retrySyncRuns(input: {filter: {}}) { preview { runs } job { total }` + problems,
			`{"retrySyncRuns": {"preview": {"runs": 4}, "job": {"total": 4}, "userErrors": []}}`, 1,
		},
		"by filter": {
			`mutation { retrySyncRuns(input: {filter: {status: [HELD], createdTo: "2026-03-01T07:30:00Z"}}) { preview { runs } job { total }` + problems,
			`{"retrySyncRuns": {"preview": {"runs": 1}, "job": {"total": 1}, "userErrors": []}}`, 1,
		},
		"nothing": {
			`mutation { retrySyncRuns(input: {filter: {provider: SAGE_ACCOUNTING}}) { preview { runs estimatedCalls } job { id }` + problems,
			`{"retrySyncRuns": {"preview": {"runs": 0, "estimatedCalls": 0}, "job": null, "userErrors": []}}`, 0,
		},
		"runs that are not stuck": {
			`mutation { retrySyncRuns(input: {filter: {status: [SUCCEEDED]}}) { preview { runs } job { id }` + problems,
			`{"retrySyncRuns": {"preview": null, "job": null, "userErrors": [{"code": "invalid_format", "field": "filter.status"}]}}`, 0,
		},
		"chips": {
			`mutation { startBackfill(input: {bindingId: "bnd_1", kind: BACKFILL_SYNC_STATES}) { job { kind total }` + problems,
			`{"startBackfill": {"job": {"kind": "BACKFILL_SYNC_STATES", "total": 2}, "userErrors": []}}`, 1,
		},
		"documents": {
			`mutation { startBackfill(input: {bindingId: "bnd_1", kind: BACKFILL_DOCUMENTS, entityType: INVOICE, magentoIds: ["7", "8", "7"]}) { job { kind total }` + problems,
			`{"startBackfill": {"job": {"kind": "BACKFILL_DOCUMENTS", "total": 2}, "userErrors": []}}`, 1,
		},
		"documents the provider does not hold": {
			`mutation { startBackfill(input: {bindingId: "bnd_1", kind: BACKFILL_DOCUMENTS, entityType: CREDITMEMO, fromMagentoId: "1", toMagentoId: "2"}) { job { id }` + problems,
			`{"startBackfill": {"job": null, "userErrors": [{"code": "invalid_format", "field": "entityType"}]}}`, 0,
		},
		"an end": {
			`mutation { cancelJob(input: {jobId: "job_1"}) { job { id status done finishedAt }` + problems,
			`{"cancelJob": {"job": {"id": "job_1", "status": "CANCELLED", "done": 2, "finishedAt": "2026-03-01T12:00:00Z"}, "userErrors": []}}`, 0,
		},
		"an end of nothing": {
			`mutation { cancelJob(input: {jobId: "job_9"}) { job { id }` + problems,
			`{"cancelJob": {"job": null, "userErrors": [{"code": "NOT_FOUND", "field": null}]}}`, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newStuckWorld()
			before := len(w.Jobs)
			if diff := cmp.Diff(parsed(t, tt.want), data(t, w, owner, tt.operation, nil)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.operation, diff)
			}
			if made := len(w.Jobs) - before; made != tt.jobs {
				t.Errorf("%d jobs were made, want %d", made, tt.jobs)
			}
			for _, r := range w.Runs {
				if strings.HasPrefix(r.ID, "run_h") && r.Status != syncrun.StatusHeld {
					t.Errorf("%s is %s before a worker came", r.ID, r.Status)
				}
			}
		})
	}
}

func TestAJobThatEndedIsNotCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.Jobs[0].Status = job.StatusSucceeded
	got := data(t, w, owner, `mutation { cancelJob(input: {jobId: "job_1"}) { job { id } userErrors { code message } } }`, nil)
	want := parsed(t, `{"cancelJob": {"job": null, "userErrors": [{"code": "CONFLICT", "message": "The job has ended already: it succeeded."}]}}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
