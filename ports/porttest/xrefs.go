package porttest

import (
	"testing"
	"time"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
)

var xrefPromises = []promise{
	{"FindXrefs/finds those of the scope and kind by key", findsXrefs},
	{"FindContactNames/finds the names of the organisation's contacts", findsContactNames},
	{"PutXref/the same link again changes nothing", putsXrefAgain},
	{"PutXref/a second entity for a document is a collision", putsNoSecondEntity},
	{"PutXref/a second document for an entity is a collision", putsNoSecondDocument},
	{"PutXref/of many at once one document gets the entity", putsOneXrefAtOnce},
	{"ReplaceXref/points the document at another entity", replacesXref},
	{"ReplaceXref/documents merged into one entity share it, others may not", replacesXrefAfterMerge},
	{"ReplaceXref/a document without an xref is NotFound", replacesNoMissingXref},
}

func (w *world) putXref(t *testing.T, key, entity string) syncrun.Xref {
	t.Helper()
	x := w.xref(func(x *syncrun.Xref) { x.Key, x.EntityID = key, entity })
	need(t, "PutXref", w.Runs.PutXref(t.Context(), x))
	return x
}

func findsXrefs(t *testing.T, w *world) {
	first, second := w.putXref(t, "1", "e1"), w.putXref(t, "2", "e2")
	// The same key elsewhere is another document.
	for _, change := range []func(*syncrun.Xref){
		func(x *syncrun.Xref) { x.Kind = syncrun.XrefContact },
		func(x *syncrun.Xref) { x.OrganisationID = "org-2" },
		func(x *syncrun.Xref) { x.StoreID, x.EntityID = "store_2", "e3" },
		func(x *syncrun.Xref) { x.TenantID = w.stranger(t).tenant },
	} {
		need(t, "PutXref", w.Runs.PutXref(t.Context(), w.xref(func(x *syncrun.Xref) { x.Key, x.EntityID = "1", "e1" }, change)))
	}
	same(t, "FindXrefs", w.xrefsOf(t, "1", "2", "3"), map[string]syncrun.Xref{"1": first, "2": second})
	same(t, "FindXrefs of none", w.xrefsOf(t), map[string]syncrun.Xref{})
}

func findsContactNames(t *testing.T, w *world) {
	put := func(name string, change ...func(*syncrun.Xref)) {
		x := w.xref(func(x *syncrun.Xref) {
			x.Kind, x.Key, x.EntityID, x.Reference = syncrun.XrefContact, w.id("M"), w.id("contact"), name
		})
		for _, c := range change {
			c(&x)
		}
		need(t, "PutXref", w.Runs.PutXref(t.Context(), x))
	}
	put("Ada Lovelace")
	put("Käthe Kruse", func(x *syncrun.Xref) { x.StoreID = "store_2" })
	put("Grace Hopper", func(x *syncrun.Xref) { x.OrganisationID = "org-2" })
	put("Alan Turing", func(x *syncrun.Xref) { x.TenantID = w.stranger(t).tenant })
	put("Edsger Dijkstra", func(x *syncrun.Xref) { x.Kind = syncrun.XrefInvoice })
	names := []string{"ADA lovelace", "Käthe Kruse", "Grace Hopper", "Alan Turing", "Edsger Dijkstra", "Nobody\x00"}
	got := must(w.Runs.FindContactNames(t.Context(), w.scope(), names))(t, "FindContactNames")
	same(t, "FindContactNames", got, map[string]bool{"ada lovelace": true, "käthe kruse": true})
	got = must(w.Runs.FindContactNames(t.Context(), w.scope(), nil))(t, "FindContactNames")
	same(t, "FindContactNames of none", got, map[string]bool{})
}

func putsXrefAgain(t *testing.T, w *world) {
	x := w.putXref(t, "1", "e1")
	again := x
	again.Reference, again.CreatedAt = "another", w.now.Add(time.Hour)
	need(t, "PutXref", w.Runs.PutXref(t.Context(), again))
	same(t, "FindXrefs", w.xrefsOf(t, "1"), map[string]syncrun.Xref{"1": x})
}

func putsNoSecondEntity(t *testing.T, w *world) {
	x := w.putXref(t, "1", "e1")
	err := w.Runs.PutXref(t.Context(), w.xref(func(x *syncrun.Xref) { x.Key, x.EntityID = "1", "e2" }))
	wantFault(t, "PutXref", err, fault.CodeXrefCollision)
	same(t, "FindXrefs", w.xrefsOf(t, "1"), map[string]syncrun.Xref{"1": x})
}

func putsNoSecondDocument(t *testing.T, w *world) {
	w.putXref(t, "1", "e1")
	err := w.Runs.PutXref(t.Context(), w.xref(func(x *syncrun.Xref) { x.Key, x.EntityID = "2", "e1" }))
	wantFault(t, "PutXref", err, fault.CodeXrefCollision)
	same(t, "FindXrefs", w.xrefsOf(t, "2"), map[string]syncrun.Xref{})
}

func putsOneXrefAtOnce(t *testing.T, w *world) {
	errs := make([]error, 10)
	together(len(errs), func(i int) {
		errs[i] = w.Runs.PutXref(t.Context(), w.xref(func(x *syncrun.Xref) { x.Key, x.EntityID = string(rune('a'+i)), "e1" }))
	})
	linked := 0
	for _, err := range errs {
		if err == nil {
			linked++
			continue
		}
		wantFault(t, "PutXref beside others", err, fault.CodeXrefCollision)
	}
	if linked != 1 {
		t.Errorf("%d documents got the entity", linked)
	}
}

func replacesXref(t *testing.T, w *world) {
	x := w.putXref(t, "1", "e1")
	x.EntityID, x.Reference, x.URL = "e2", "other", "https://books.example/other"
	need(t, "ReplaceXref", w.Runs.ReplaceXref(t.Context(), x))
	same(t, "FindXrefs", w.xrefsOf(t, "1"), map[string]syncrun.Xref{"1": x})
}

func replacesXrefAfterMerge(t *testing.T, w *world) {
	x := w.putXref(t, "1", "e1")
	kept := w.putXref(t, "2", "e2")
	moved := x
	moved.EntityID = "e2"
	need(t, "ReplaceXref", w.Runs.ReplaceXref(t.Context(), moved))
	same(t, "FindXrefs of the merged", w.xrefsOf(t, "1"), map[string]syncrun.Xref{"1": moved})
	same(t, "FindXrefs of the other", w.xrefsOf(t, "2"), map[string]syncrun.Xref{"2": kept})
	third := x
	third.Key, third.EntityID = "3", "e2"
	wantFault(t, "PutXref", w.Runs.PutXref(t.Context(), third), fault.CodeXrefCollision)
}

func replacesNoMissingXref(t *testing.T, w *world) {
	x := w.putXref(t, "1", "e1")
	x.TenantID, x.EntityID = w.stranger(t).tenant, "e2"
	wantFault(t, "ReplaceXref by a stranger", w.Runs.ReplaceXref(t.Context(), x), fault.CodeNotFound)
}
