package graph_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
)

// newStuckWorld also has three held runs, the newest first: two whose tax rate
// is not mapped and one in a locked period.
func newStuckWorld() *apptest.World {
	w := newWorld()
	held := func(id string, code fault.Code, age time.Duration) syncrun.Run {
		return syncrun.Run{
			ID: id, TenantID: "tenant-a", BindingID: "bnd_1", StoreID: "sto_1", Provider: "xero", Event: commerce.EventInvoiceCreated,
			EntityType: commerce.EntityInvoice, Status: syncrun.StatusHeld, ErrorCode: code, SettingsVersion: 1, CreatedAt: noon.Add(-age),
		}
	}
	w.Runs = append(w.Runs, held("run_h3", fault.CodeTaxRateNotMapped, 3*time.Hour), held("run_h2", fault.CodePeriodLocked, 4*time.Hour), held("run_h1", fault.CodeTaxRateNotMapped, 5*time.Hour))
	return w
}

func TestFailureGroups(t *testing.T) {
	t.Parallel()
	got := data(t, newStuckWorld(), owner, `{ failureGroups(bindingId: "bnd_1") { fingerprint errorCode title held count oldest newest sample { id } }
		pending: failureGroups(bindingId: "bnd_2") { fingerprint } unknown: failureGroups(bindingId: "bnd_9") { fingerprint } }`, nil)
	want := parsed(t, `{"failureGroups": [
		{"fingerprint": "held:tax_rate_not_mapped", "errorCode": "tax_rate_not_mapped", "title": "A tax rate is not mapped", "held": true, "count": 2, "oldest": "2026-03-01T07:00:00Z", "newest": "2026-03-01T09:00:00Z", "sample": {"id": "run_h3"}},
		{"fingerprint": "failed:number_taken", "errorCode": "number_taken", "title": "The number belongs to another document", "held": false, "count": 1, "oldest": "2026-03-01T11:00:00Z", "newest": "2026-03-01T11:00:00Z", "sample": {"id": "run_2"}},
		{"fingerprint": "held:period_locked", "errorCode": "period_locked", "title": "The period is locked in the books", "held": true, "count": 1, "oldest": "2026-03-01T08:00:00Z", "newest": "2026-03-01T08:00:00Z", "sample": {"id": "run_h2"}}],
		"pending": [], "unknown": []}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFailureGroupsAreOneReadAndTheirSamplesAnother(t *testing.T) {
	t.Parallel()
	w := newStuckWorld()
	data(t, w, owner, `{ failureGroups(bindingId: "bnd_1") { fingerprint sample { id } } }`, nil)
	for method, want := range map[string]int{"Runs.GroupStuck": 1, "Runs.FindRuns": 1, "Runs.FindRun": 0, "Runs.ListRuns": 0} {
		if got := w.Calls(method); got != want {
			t.Errorf("%s was called %d times, want %d", method, got, want)
		}
	}
}

func TestFailureGroupsAdviseAsTheirRunsDo(t *testing.T) {
	t.Parallel()
	w := newStuckWorld()
	w.Runs[1].ErrorCode = fault.CodeRemovedInProvider
	got := data(t, w, owner, `{ failureGroups(bindingId: "bnd_1") { errorCode advice sample { advice } } }`, nil)
	groups, _ := got["failureGroups"].([]any)
	if len(groups) != 3 {
		t.Fatalf("groups %v, want three", groups)
	}
	for _, group := range groups {
		g, _ := group.(map[string]any)
		advice, _ := g["advice"].(string)
		sample, _ := g["sample"].(map[string]any)
		runs, _ := sample["advice"].(string)
		if runs == "" || !strings.HasPrefix(advice, runs) {
			t.Errorf("group %v, want its run's advice", g)
		}
		if named := strings.Contains(advice, "retryFailureGroup"); named != (g["errorCode"] != string(fault.CodeRemovedInProvider)) {
			t.Errorf("of %s the advice is %q", g["errorCode"], advice)
		}
	}
}

func TestWhatIsStuckIsMadeDue(t *testing.T) {
	t.Parallel()
	const problems = ` userErrors { code field } } }`
	tests := map[string]struct {
		operation, want string
		due             []string
		reads           int
	}{
		"holds of a code": {
			`mutation { releaseHolds(input: {bindingId: "bnd_1", errorCode: "tax_rate_not_mapped"}) { released` + problems,
			`{"releaseHolds": {"released": 2, "userErrors": []}}`,
			[]string{"run_h3", "run_h1"},
			1,
		},
		"every hold": {
			`mutation { releaseHolds(input: {bindingId: "bnd_1", errorCode: null}) { released` + problems,
			`{"releaseHolds": {"released": 3, "userErrors": []}}`,
			[]string{"run_h3", "run_h2", "run_h1"},
			1,
		},
		"holds of another code": {
			`mutation { releaseHolds(input: {bindingId: "bnd_1", errorCode: "number_taken"}) { released` + problems,
			`{"releaseHolds": {"released": 0, "userErrors": []}}`, nil, 1,
		},
		"holds of a code there is not": {
			`mutation { releaseHolds(input: {bindingId: "bnd_1", errorCode: "tax_rate"}) { released` + problems,
			`{"releaseHolds": {"released": null, "userErrors": [{"code": "invalid_format", "field": "errorCode"}]}}`, nil, 0,
		},
		"holds of no binding": {
			`mutation { releaseHolds(input: {bindingId: "bnd_9"}) { released` + problems,
			`{"releaseHolds": {"released": null, "userErrors": [{"code": "NOT_FOUND", "field": null}]}}`, nil, 0,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newStuckWorld()
			w.Bindings[0].SettingsVersion = 2
			if diff := cmp.Diff(parsed(t, tt.want), data(t, w, owner, tt.operation, nil)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.operation, diff)
			}
			var due []string
			for i, before := range newStuckWorld().Runs {
				if after := w.Runs[i]; after.Status != before.Status {
					due = append(due, after.ID)
					if after.Status != syncrun.StatusQueued || after.SettingsVersion != 2 {
						t.Errorf("%s is %s with version %d, want queued with the newest settings", after.ID, after.Status, after.SettingsVersion)
					}
				}
			}
			if diff := cmp.Diff(tt.due, due); diff != "" {
				t.Errorf("due (-want +got):\n%s", diff)
			}
			if nudged := w.Calls("Queue.NudgeBinding") > 0; nudged != (len(tt.due) > 0) {
				t.Errorf("nudged is %v with %d runs due", nudged, len(tt.due))
			}
			if reads := w.Calls("Provider.Reference"); reads != tt.reads {
				t.Errorf("the reference data was read %d times, want %d", reads, tt.reads)
			}
		})
	}
}
