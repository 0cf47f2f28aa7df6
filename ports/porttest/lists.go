package porttest

import (
	"slices"
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

var listPromises = []promise{
	{"FindRun/a stranger's run is NotFound", findsNoForeignRun},
	{"FindRuns/finds the runs that exist", findsRuns},
	{"ListRuns/pages through the tenant's runs, newest first", pagesRuns},
	{"ListRuns/leaves trace and intent out, which FindRuns reads", listsRunsShort},
	{"ListRuns/narrows by each field of the filter", narrowsRuns},
	{"ListRuns/finds a text at the start of both numbers", findsRunsByText},
	{"ListRuns/pages through several statuses and a text in one order", pagesMergedRuns},
	{"CountRuns/counts what fits, up to the limit", countsRuns},
	{"ListRuns/refuses a cursor that is not its own", refusesForeignCursor},
}

func findsNoForeignRun(t *testing.T, w *world) {
	_, err := w.Runs.FindRun(t.Context(), w.stranger(t).tenant, w.added(t).ID)
	wantFault(t, "FindRun by a stranger", err, fault.CodeNotFound)
}

func findsRuns(t *testing.T, w *world) {
	first, second := w.added(t), w.added(t)
	stranger := w.stranger(t)
	foreign := stranger.added(t)
	got := must(w.Runs.FindRuns(t.Context(), w.tenant, []string{first.ID, "unknown", foreign.ID, second.ID}))(t, "FindRuns")
	slices.SortFunc(got, func(a, b syncrun.Run) int { return a.CreatedAt.Compare(b.CreatedAt) })
	same(t, "FindRuns", got, []syncrun.Run{first, second})
	same(t, "FindRuns of none", must(w.Runs.FindRuns(t.Context(), w.tenant, nil))(t, "FindRuns"), []syncrun.Run{})
}

func pagesRuns(t *testing.T, w *world) {
	w.stranger(t).added(t)
	var want []string
	for range 7 {
		// Runs of one event may be made in the same moment.
		want = append(want, w.added(t, func(r *syncrun.Run) { r.CreatedAt = w.now }).ID)
	}
	want = append([]string{w.added(t, func(r *syncrun.Run) { r.CreatedAt = w.now.Add(-time.Hour) }).ID}, want...)
	slices.Reverse(want)
	var got []string
	page := ports.Page{First: 3}
	for {
		p := must(w.Runs.ListRuns(t.Context(), w.tenant, ports.RunFilter{}, page))(t, "ListRuns")
		if len(p.Rows) > page.First || len(p.Cursors) != len(p.Rows) {
			t.Fatalf("ListRuns gave %d rows with %d cursors for a page of %d", len(p.Rows), len(p.Cursors), page.First)
		}
		got = append(got, ids(p.Rows)...)
		if !p.HasNext {
			break
		}
		page.After = p.Cursors[len(p.Cursors)-1]
	}
	same(t, "ListRuns", got, want)
}

func listsRunsShort(t *testing.T, w *world) {
	w.added(t)
	claimed := w.claimOne(t)
	claimed.Trace = []syncrun.Step{{Rule: "number", Input: "1", Result: "INV-1"}}
	claimed.Intent = &syncrun.Intent{Operation: syncrun.OperationInvoice, Document: []byte(`{"a":1}`), Digest: "d", ProviderKey: "k", Epoch: 1, RecordedAt: w.now}
	o := w.outcome(claimed, syncrun.StatusSucceeded)
	w.record(t, o)
	want := w.find(t, claimed.ID)
	if len(want.Trace) == 0 {
		t.Fatal("the run has no trace")
	}
	same(t, "FindRuns", must(w.Runs.FindRuns(t.Context(), w.tenant, []string{want.ID}))(t, "FindRuns"), []syncrun.Run{want})
	want.Trace, want.Intent = nil, nil
	same(t, "ListRuns", must(w.Runs.ListRuns(t.Context(), w.tenant, ports.RunFilter{}, ports.Page{First: 1}))(t, "ListRuns").Rows, []syncrun.Run{want})
}

func narrowsRuns(t *testing.T, w *world) {
	other := w.putBinding(t, w.store, binding.FreeAgent)
	skipped := w.added(t)
	o := w.outcome(w.claimOne(t), syncrun.StatusSkipped)
	o.Run.SkipReason = syncrun.SkipZeroValueInvoice
	w.record(t, o)
	failed := w.added(t)
	o = w.outcome(w.claimOne(t), syncrun.StatusFailed)
	o.Run.ErrorCode = fault.CodeNumberTaken
	w.record(t, o)
	elsewhere := w.added(t, func(r *syncrun.Run) { r.BindingID, r.Provider = other.ID, other.Provider })
	customer := w.added(t, func(r *syncrun.Run) { r.Event, r.EntityType = commerce.EventCustomerUpserted, commerce.EntityCustomer })
	for name, c := range map[string]struct {
		filter ports.RunFilter
		want   []syncrun.Run
	}{
		"provider":      {ports.RunFilter{Provider: binding.FreeAgent}, []syncrun.Run{elsewhere}},
		"binding":       {ports.RunFilter{BindingID: other.ID}, []syncrun.Run{elsewhere}},
		"status":        {ports.RunFilter{Statuses: []syncrun.Status{syncrun.StatusFailed}}, []syncrun.Run{failed}},
		"statuses":      {ports.RunFilter{Statuses: []syncrun.Status{syncrun.StatusFailed, syncrun.StatusSkipped}}, []syncrun.Run{failed, skipped}},
		"skip reason":   {ports.RunFilter{SkipReason: syncrun.SkipZeroValueInvoice}, []syncrun.Run{skipped}},
		"error code":    {ports.RunFilter{ErrorCode: fault.CodeNumberTaken}, []syncrun.Run{failed}},
		"entity":        {ports.RunFilter{EntityType: commerce.EntityCustomer}, []syncrun.Run{customer}},
		"event":         {ports.RunFilter{Event: commerce.EventCustomerUpserted}, []syncrun.Run{customer}},
		"other event":   {ports.RunFilter{Event: commerce.EventInvoicePaid}, nil},
		"text":          {ports.RunFilter{Text: failed.IncrementID}, []syncrun.Run{failed}},
		"text, status":  {ports.RunFilter{Text: failed.IncrementID, Statuses: []syncrun.Status{syncrun.StatusSkipped}}, nil},
		"Magento id":    {ports.RunFilter{MagentoID: failed.MagentoID}, []syncrun.Run{failed}},
		"created from":  {ports.RunFilter{CreatedFrom: &elsewhere.CreatedAt}, []syncrun.Run{customer, elsewhere}},
		"created to":    {ports.RunFilter{CreatedTo: &elsewhere.CreatedAt}, []syncrun.Run{failed, skipped}},
		"two at a time": {ports.RunFilter{BindingID: w.binding.ID, EntityType: commerce.EntityCustomer}, []syncrun.Run{customer}},
	} {
		p := must(w.Runs.ListRuns(t.Context(), w.tenant, c.filter, ports.Page{First: 10}))(t, "ListRuns")
		same(t, "ListRuns by "+name, ids(p.Rows), ids(c.want))
	}
}

func refusesForeignCursor(t *testing.T, w *world) {
	_, err := w.Runs.ListRuns(t.Context(), w.tenant, ports.RunFilter{}, ports.Page{First: 1, After: "not a cursor"})
	wantFault(t, "ListRuns", err, fault.CodeInvalid)
}
