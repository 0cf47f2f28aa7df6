package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/live"
	"byte8.io/ledger/graph"
)

// subscriptions are every subscription: with tenant A's ids, which a stranger
// does not find, and as widely as it goes.
var subscriptions = map[string]struct{ named, wide string }{
	"syncStateChanged": {`subscription { syncStateChanged(storeId: "sto_1") { magentoId } }`, `subscription { syncStateChanged { magentoId } }`},
	"syncRunUpdated":   {`subscription { syncRunUpdated(runId: "run_1", bindingId: "bnd_1") { id } }`, `subscription { syncRunUpdated { id } }`},
	"jobProgressed":    {`subscription { jobProgressed(jobId: "job_live", bindingId: "bnd_1") { id } }`, `subscription { jobProgressed { id } }`},
}

func TestAStrangerWatchesNothing(t *testing.T) {
	t.Parallel()
	for _, field := range schema(t).Types["Subscription"].Fields {
		if _, ok := subscriptions[field.Name]; !ok && !isMeta(field) {
			t.Errorf("Subscription.%s is not tried as a stranger", field.Name)
		}
	}
	for name, tt := range subscriptions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.Jobs = []job.Job{{ID: "job_live", TenantID: "tenant-a", Kind: job.Retry, Status: job.StatusRunning, CreatedAt: noon}}
			e := stream(t, liveServer(t, w, other, graph.LiveOptions{}), tt.named)
			if r := e.reply(); r.code() != "NOT_FOUND" {
				t.Errorf("with tenant A's ids: data %v, errors %+v, want NOT_FOUND", r.Data, r.Errors)
			}
			e.ends()
			own := w.Runs[0]
			own.ID, own.TenantID, own.MagentoID = "run_b", "tenant-b", 77
			state := w.States[0]
			state.TenantID, state.MagentoID = "tenant-b", 77
			w.Runs, w.States = append(w.Runs, own), append(w.States, state)
			w.Jobs = append(w.Jobs, job.Job{ID: "job_b", TenantID: "tenant-b", Kind: job.Retry, Status: job.StatusRunning, CreatedAt: noon})
			wide := stream(t, liveServer(t, w, other, graph.LiveOptions{}), tt.wide)
			for _, run := range w.Runs {
				w.Hub().Deliver([]live.Change{live.OfRun(run)})
			}
			for _, s := range w.States {
				w.Hub().Deliver([]live.Change{live.OfState("bnd_1", s)})
			}
			for _, j := range w.Jobs {
				w.Hub().Deliver([]live.Change{live.OfJob(j)})
			}
			got := wide.reply().Data[name]
			want := map[string]any{"syncStateChanged": map[string]any{"magentoId": float64(77)}, "syncRunUpdated": map[string]any{"id": "run_b"}, "jobProgressed": map[string]any{"id": "job_b"}}[name]
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the first thing a stranger sees (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNobodyWatchesAnything(t *testing.T) {
	t.Parallel()
	powerless := owner
	powerless.Scopes = nil
	for name, tt := range subscriptions {
		e := stream(t, liveServer(t, newWorld(), powerless, graph.LiveOptions{}), tt.named)
		if r := e.reply(); r.code() != "DENIED" {
			t.Errorf("%s: data %v, errors %+v, want DENIED", name, r.Data, r.Errors)
		}
	}
}

func TestAShopWatchesItsOwnChips(t *testing.T) {
	t.Parallel()
	w := newWorld()
	foreign := w.States[0]
	foreign.StoreID, foreign.MagentoID = "sto_2", 55
	w.States = append(w.States, foreign)
	shop := access.Magento("tenant-a", "sto_1", "https://shop.example")
	server := liveServer(t, w, shop, graph.LiveOptions{})
	if r := stream(t, server, `subscription { syncStateChanged(storeId: "sto_2") { magentoId } }`).reply(); r.code() != "NOT_FOUND" {
		t.Errorf("another store: %+v", r)
	}
	if r := stream(t, server, runUpdated).reply(); r.code() != "DENIED" {
		t.Errorf("runs: %+v", r)
	}
	e := stream(t, server, `subscription { syncStateChanged { magentoId } }`)
	w.Hub().Deliver([]live.Change{live.OfState("bnd_9", foreign), live.OfState("bnd_1", w.States[1])})
	if diff := cmp.Diff(parsed(t, `{"syncStateChanged": {"magentoId": 1}}`), e.reply().Data); diff != "" {
		t.Errorf("chip (-want +got):\n%s", diff)
	}
}

func TestAKeyOfOneBindingWatchesThatBinding(t *testing.T) {
	t.Parallel()
	w := newWorld()
	bound := owner
	bound.BindingID = "bnd_2"
	server := liveServer(t, w, bound, graph.LiveOptions{})
	runs, chips := stream(t, server, runUpdated), stream(t, server, `subscription { syncStateChanged { magentoId } }`)
	w.Jobs = []job.Job{
		{ID: "job_1", TenantID: "tenant-a", BindingID: "bnd_1", CreatedAt: noon},
		{ID: "job_all", TenantID: "tenant-a", CreatedAt: noon},
		{ID: "job_2", TenantID: "tenant-a", BindingID: "bnd_2", CreatedAt: noon},
	}
	jobs := stream(t, server, `subscription { jobProgressed { id } }`)
	for _, j := range w.Jobs {
		w.Hub().Deliver([]live.Change{live.OfJob(j)})
	}
	if got, _ := jobs.reply().Data["jobProgressed"].(map[string]any); got["id"] != "job_2" {
		t.Errorf("job %v", got)
	}
	if r := stream(t, server, `subscription { jobProgressed(bindingId: "bnd_1") { id } }`).reply(); r.code() != "NOT_FOUND" {
		t.Errorf("another binding's jobs: %+v", r)
	}
	if r := stream(t, server, `subscription { syncRunUpdated(runId: "run_1") { id } }`).reply(); r.code() != "NOT_FOUND" {
		t.Errorf("another binding's run: %+v", r)
	}
	own := w.Runs[0]
	own.ID, own.BindingID = "run_own", "bnd_2"
	state := w.States[0]
	state.MagentoID = 66
	w.Runs, w.States = append(w.Runs, own), append(w.States, state)
	w.Hub().Deliver([]live.Change{live.OfRun(w.Runs[0]), live.OfState("bnd_1", w.States[0]), live.OfRun(own), live.OfState("bnd_2", state)})
	if got, _ := runs.reply().Data["syncRunUpdated"].(map[string]any); got["id"] != "run_own" {
		t.Errorf("run %v", got)
	}
	if diff := cmp.Diff(parsed(t, `{"syncStateChanged": {"magentoId": 66}}`), chips.reply().Data); diff != "" {
		t.Errorf("chip (-want +got):\n%s", diff)
	}
}
