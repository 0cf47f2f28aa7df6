package porttest

import (
	"fmt"
	"slices"
	"testing"

	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// numbered is an invoice's run that succeeded, with its number in the shop and in
// the books.
func (w *world) numbered(t *testing.T, number, reference string) syncrun.Run {
	t.Helper()
	w.added(t, func(r *syncrun.Run) { r.IncrementID = number })
	o := w.outcome(w.claimOne(t), syncrun.StatusSucceeded)
	o.Run.ProviderReference = reference
	w.record(t, o)
	return w.find(t, o.Run.ID)
}

func findsRunsByText(t *testing.T, w *world) {
	both := w.numbered(t, "INV-0007", "inv-0007")
	shop := w.numbered(t, "inv-0008", "X-1")
	wild := w.numbered(t, `%_\'"`, "")
	accent := w.numbered(t, "ÄB-1", "")
	w.stranger(t).numbered(t, "INV-0007", "INV-0007")
	for text, want := range map[string][]syncrun.Run{
		"INV-000":                  {shop, both},
		"inv-0007":                 {both},
		"NV-0":                     {},
		"x-":                       {shop},
		"%":                        {wild},
		"%_":                       {wild},
		"_":                        {},
		`%_\'"`:                    {wild},
		"Äb":                       {accent},
		"' OR 1=1 --":              {},
		"INV-0007\x00":             {both},
		"\xff":                     {},
		string(rune(0x10FFFF)):     {},
		fmt.Sprintf("%01000d", 7):  {},
		"inv-0007 and some more":   {},
		both.ProviderReference:     {both},
		both.IncrementID + "\x00 ": {},
	} {
		p := must(w.Runs.ListRuns(t.Context(), w.tenant, ports.RunFilter{Text: text}, ports.Page{First: 10}))(t, "ListRuns")
		same(t, fmt.Sprintf("ListRuns by %q", text), ids(p.Rows), ids(want))
		same(t, fmt.Sprintf("CountRuns by %q", text), must(w.Runs.CountRuns(t.Context(), w.tenant, ports.RunFilter{Text: text}, 10))(t, "CountRuns"), len(want))
	}
}

func pagesMergedRuns(t *testing.T, w *world) {
	var want []string
	for i := range 9 {
		status := []syncrun.Status{syncrun.StatusFailed, syncrun.StatusSkipped, syncrun.StatusSucceeded}[i%3]
		run := w.finished(t, status, func(r *syncrun.Run) { r.CreatedAt, r.IncrementID = w.now, fmt.Sprintf("A%d", i) })
		if status != syncrun.StatusSucceeded {
			want = append(want, run.ID)
		}
	}
	slices.Reverse(want)
	statuses := []syncrun.Status{syncrun.StatusSkipped, syncrun.StatusFailed, syncrun.StatusSkipped}
	for name, filter := range map[string]ports.RunFilter{"statuses": {Statuses: statuses}, "statuses and text": {Statuses: statuses, Text: "a"}} {
		var got []string
		page := ports.Page{First: 2}
		for {
			p := must(w.Runs.ListRuns(t.Context(), w.tenant, filter, page))(t, "ListRuns")
			got = append(got, ids(p.Rows)...)
			if !p.HasNext || len(got) > len(want) {
				break
			}
			page.After = p.Cursors[len(p.Cursors)-1]
		}
		same(t, "ListRuns by "+name, got, want)
	}
}

func countsRuns(t *testing.T, w *world) {
	for range 3 {
		w.finished(t, syncrun.StatusFailed)
	}
	w.finished(t, syncrun.StatusSkipped)
	w.stranger(t).added(t)
	for want, c := range map[int]struct {
		filter ports.RunFilter
		limit  int
	}{
		0: {ports.RunFilter{BindingID: "unknown"}, 10},
		1: {ports.RunFilter{Statuses: []syncrun.Status{syncrun.StatusSkipped}}, 10},
		2: {ports.RunFilter{Statuses: []syncrun.Status{syncrun.StatusFailed, syncrun.StatusSkipped}}, 2},
		3: {ports.RunFilter{Statuses: []syncrun.Status{syncrun.StatusFailed}}, 10},
		4: {ports.RunFilter{Statuses: []syncrun.Status{syncrun.StatusFailed, syncrun.StatusSkipped}}, 10},
	} {
		if got := must(w.Runs.CountRuns(t.Context(), w.tenant, c.filter, c.limit))(t, "CountRuns"); got != want {
			t.Errorf("CountRuns(%+v, %d) gave %d, want %d", c.filter, c.limit, got, want)
		}
	}
}
