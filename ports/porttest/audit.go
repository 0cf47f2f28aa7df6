package porttest

import (
	"testing"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// Audit checks an adapter of [ports.Audit].
func Audit(t *testing.T, open func(t *testing.T) Backend) {
	t.Helper()
	keep(t, open, []promise{
		{"AppendEntries/numbers and chains what it adds", appendsEntries},
		{"AppendEntries/leaves no gap among many at once", appendsWithoutGaps},
		{"AppendEntries/is all or nothing", appendsAllOrNothing},
		{"AppendEntries/a change and its entry are one", changesNothingWithoutEntry},
		{"FindEntry/finds one of the tenant by its id", findsEntry},
		{"ListEntries/pages newest first", listsEntries},
		{"ListEntries/narrows", narrowsEntries},
		{"ListEntries/a stranger has none of it", listsNoForeignEntries},
	})
}

func (w *world) entry(action audit.Action, subject string) audit.Entry {
	p := access.Principal{Kind: access.KindMember, TenantID: w.tenant, ID: "mem_1", Name: "owner@shop.example"}
	return audit.New(w.id("aud"), p, action, subject, map[string]any{"version": 2, "note": "Łódź \u2028 \x00"}, w.now)
}

// wholeChain is the tenant's entries, checked from first to last.
func (w *world) wholeChain(t *testing.T) []audit.Entry {
	t.Helper()
	var chain audit.Chain
	var all []audit.Entry
	for {
		entries := must(w.Audit.WalkEntries(t.Context(), w.tenant, chain.Last().Number, 7))(t, "WalkEntries")
		for _, e := range entries {
			if broken := chain.Next(e); broken != nil {
				t.Fatalf("the chain is broken at %d: %s", broken.Number, broken.Reason)
			}
		}
		all = append(all, entries...)
		if len(entries) < 7 {
			break
		}
	}
	if broken := chain.End(must(w.Audit.AuditHead(t.Context(), w.tenant))(t, "AuditHead")); broken != nil {
		t.Fatalf("the chain's end is broken at %d: %s", broken.Number, broken.Reason)
	}
	return all
}

func appendsEntries(t *testing.T, w *world) {
	same(t, "AuditHead before", must(w.Audit.AuditHead(t.Context(), w.tenant))(t, "AuditHead"), audit.Head{})
	first, second, third := w.entry(audit.SettingsUpdated, "bnd_1"), w.entry(audit.RunRetried, "run_1"), w.entry(audit.APIKeyCreated, "key_1")
	need(t, "AppendEntries", w.Audit.AppendEntries(t.Context(), first))
	need(t, "AppendEntries of two", w.Audit.AppendEntries(t.Context(), second, third))
	need(t, "AppendEntries of none", w.Audit.AppendEntries(t.Context()))
	got := w.wholeChain(t)
	first = first.Sealed(1, "")
	second = second.Sealed(2, first.Hash)
	same(t, "WalkEntries", got, []audit.Entry{first, second, third.Sealed(3, second.Hash)})
}

func appendsWithoutGaps(t *testing.T, w *world) {
	errs := make([]error, 50)
	together(len(errs), func(i int) { errs[i] = w.Audit.AppendEntries(t.Context(), w.entry(audit.RunRetried, "run_1")) })
	for _, err := range errs {
		need(t, "AppendEntries beside others", err)
	}
	same(t, "entries", len(w.wholeChain(t)), len(errs))
}

func appendsAllOrNothing(t *testing.T, w *world) {
	e := w.entry(audit.RunRetried, "run_1")
	if err := w.Audit.AppendEntries(t.Context(), e, e); err == nil {
		t.Error("AppendEntries took one id twice")
	}
	foreign := w.stranger(t).entry(audit.RunRetried, "run_1")
	if err := w.Audit.AppendEntries(t.Context(), e, foreign); err == nil {
		t.Error("AppendEntries took entries of two tenants")
	}
	same(t, "entries", len(w.wholeChain(t)), 0)
}

func listsEntries(t *testing.T, w *world) {
	for range 5 {
		need(t, "AppendEntries", w.Audit.AppendEntries(t.Context(), w.entry(audit.RunRetried, "run_1")))
	}
	var numbers []int64
	page := ports.Page{First: 2}
	for {
		found := must(w.Audit.ListEntries(t.Context(), w.tenant, ports.AuditFilter{}, page))(t, "ListEntries")
		for _, e := range found.Rows {
			numbers = append(numbers, e.Number)
		}
		if !found.HasNext {
			break
		}
		page.After = found.Cursors[len(found.Cursors)-1]
	}
	same(t, "ListEntries in pages of two", numbers, []int64{5, 4, 3, 2, 1})
	_, err := w.Audit.ListEntries(t.Context(), w.tenant, ports.AuditFilter{}, ports.Page{First: 1, After: "x"})
	wantFault(t, "ListEntries after nonsense", err, fault.CodeInvalid)
}

func narrowsEntries(t *testing.T, w *world) {
	early, late := w.entry(audit.SettingsUpdated, "bnd_1"), w.entry(audit.RunRetried, "run_1")
	late.ActorID, late.At = "key_1", w.now.Add(time.Hour)
	need(t, "AppendEntries", w.Audit.AppendEntries(t.Context(), early, late))
	later, earlier := w.now.Add(time.Minute), w.now
	for name, tt := range map[string]struct {
		filter ports.AuditFilter
		want   []int64
	}{
		"all":     {ports.AuditFilter{}, []int64{2, 1}},
		"action":  {ports.AuditFilter{Action: audit.SettingsUpdated}, []int64{1}},
		"actor":   {ports.AuditFilter{ActorID: "key_1"}, []int64{2}},
		"subject": {ports.AuditFilter{Subject: "bnd_1"}, []int64{1}},
		"from":    {ports.AuditFilter{From: &later}, []int64{2}},
		"to":      {ports.AuditFilter{To: &later}, []int64{1}},
		"nothing": {ports.AuditFilter{To: &earlier}, nil},
		"two":     {ports.AuditFilter{Action: audit.SettingsUpdated, ActorID: "key_1"}, nil},
	} {
		var numbers []int64
		for _, e := range must(w.Audit.ListEntries(t.Context(), w.tenant, tt.filter, ports.Page{First: 10}))(t, "ListEntries").Rows {
			numbers = append(numbers, e.Number)
		}
		same(t, "ListEntries by "+name, numbers, tt.want)
	}
}

func findsEntry(t *testing.T, w *world) {
	first, second := w.entry(audit.SettingsUpdated, "bnd_1"), w.entry(audit.RunRetried, "run_1")
	need(t, "AppendEntries", w.Audit.AppendEntries(t.Context(), first, second))
	found := must(w.Audit.FindEntry(t.Context(), w.tenant, second.ID))(t, "FindEntry")
	same(t, "the entry", found, w.wholeChain(t)[1])
	_, err := w.Audit.FindEntry(t.Context(), w.tenant, "aud_none")
	wantFault(t, "FindEntry of none", err, fault.CodeNotFound)
	_, err = w.Audit.FindEntry(t.Context(), w.stranger(t).tenant, second.ID)
	wantFault(t, "FindEntry by a stranger", err, fault.CodeNotFound)
}

func listsNoForeignEntries(t *testing.T, w *world) {
	need(t, "AppendEntries", w.Audit.AppendEntries(t.Context(), w.entry(audit.RunRetried, "run_1")))
	other := w.stranger(t)
	same(t, "ListEntries", len(must(other.Audit.ListEntries(t.Context(), other.tenant, ports.AuditFilter{}, ports.Page{First: 10}))(t, "ListEntries").Rows), 0)
	same(t, "WalkEntries", len(must(other.Audit.WalkEntries(t.Context(), other.tenant, 0, 10))(t, "WalkEntries")), 0)
}

// changesNothingWithoutEntry checks that a change whose entry cannot be stored
// is not made, and that of a change that fails no entry stays.
func changesNothingWithoutEntry(t *testing.T, w *world) {
	taken := w.entry(audit.RunRetried, "run_1")
	need(t, "AppendEntries", w.Audit.AppendEntries(t.Context(), taken))
	if err := w.Bindings.AddSettings(t.Context(), w.settings(1), taken); err == nil {
		t.Error("AddSettings was made although its entry has a used id")
	}
	same(t, "settings version", must(w.Bindings.FindBinding(t.Context(), w.tenant, w.binding.ID))(t, "FindBinding").SettingsVersion, 0)
	wantFault(t, "AddSettings with a gap", w.Bindings.AddSettings(t.Context(), w.settings(7), w.entry(audit.SettingsUpdated, w.binding.ID)), fault.CodeConflict)
	same(t, "entries", len(w.wholeChain(t)), 1)
	need(t, "AddSettings", w.Bindings.AddSettings(t.Context(), w.settings(1), w.entry(audit.SettingsUpdated, w.binding.ID)))
	same(t, "entries", len(w.wholeChain(t)), 2)
}
