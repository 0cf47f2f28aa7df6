package porttest

import (
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// Bindings checks an adapter of ports.Bindings.
func Bindings(t *testing.T, open func(t *testing.T) Backend) {
	t.Helper()
	keep(t, open, append([]promise{
		{"PutBinding/finds the store's binding for the provider, revoked too", putsBindingOnce},
		{"PutBinding/another tenant's store is NotFound", putsNoForeignBinding},
		{"SaveBinding/changes status, grant and organisation and not the settings version", savesBinding},
		{"SaveBinding/a binding that changed meanwhile is a Conflict", savesNoStaleBinding},
		{"SaveBinding/a stranger's binding is NotFound", savesNoForeignBinding},
		{"SaveBinding/becoming active queues waiting runs, due at once", queuesRunsOnActivation},
		{"SaveBinding/ceasing to be active makes queued runs wait", waitsRunsOnPause},
		{"FindBinding/a stranger's binding is NotFound", findsNoForeignBinding},
		{"ListBindings/pages by id", pagesBindings},
		{"ListBindings/narrows by store, provider and id", narrowsBindings},
		{"BindingHealth/counts open, held and failed runs", countsHealth},
		{"BindingHealth/a stranger's binding is NotFound", countsNoForeignHealth},
	}, settingsPromises...))
}

func putsBindingOnce(t *testing.T, w *world) {
	w.setBinding(t, binding.StatusRevoked, w.now)
	again := w.binding
	again.ID, again.Status, again.Organisation = w.id("binding"), binding.StatusPending, binding.Organisation{}
	same(t, "PutBinding", must(w.Bindings.PutBinding(t.Context(), again))(t, "PutBinding"), w.binding)
	same(t, "FindBinding", must(w.Bindings.FindBinding(t.Context(), w.tenant, w.binding.ID))(t, "FindBinding"), w.binding)
}

func putsNoForeignBinding(t *testing.T, w *world) {
	stranger := w.stranger(t)
	for _, provider := range []binding.Provider{binding.Xero, binding.FreeAgent} {
		_, err := w.Bindings.PutBinding(t.Context(), binding.Binding{
			ID: w.id("binding"), TenantID: stranger.tenant, StoreID: w.store.ID, Provider: provider, Status: binding.StatusPending, CreatedAt: w.now,
		})
		wantFault(t, "PutBinding of "+string(provider)+" to another tenant's store", err, fault.CodeNotFound)
	}
}

func savesBinding(t *testing.T, w *world) {
	changed := w.binding
	changed.Status, changed.GrantID, changed.SettingsVersion = binding.StatusPaused, "grant_1", 7
	changed.Organisation = binding.Organisation{ID: "org-2", LinkID: "link-2", Name: "Other Ltd", CountryCode: "NZ", BaseCurrency: "NZD", ShortCode: "!cd"}
	saved := must(w.Bindings.SaveBinding(t.Context(), changed, w.now))(t, "SaveBinding")
	if saved.Version != w.binding.Version+1 {
		t.Errorf("SaveBinding gave version %d after %d", saved.Version, w.binding.Version)
	}
	changed.SettingsVersion, changed.Version = 0, saved.Version
	same(t, "FindBinding", must(w.Bindings.FindBinding(t.Context(), w.tenant, w.binding.ID))(t, "FindBinding"), changed)
}

func savesNoStaleBinding(t *testing.T, w *world) {
	stale := w.binding
	w.setBinding(t, binding.StatusRevoked, w.now)
	stale.Status = binding.StatusActive
	_, err := w.Bindings.SaveBinding(t.Context(), stale, w.now)
	wantFault(t, "SaveBinding of a stale binding", err, fault.CodeConflict)
	same(t, "FindBinding", must(w.Bindings.FindBinding(t.Context(), w.tenant, w.binding.ID))(t, "FindBinding"), w.binding)
}

func savesNoForeignBinding(t *testing.T, w *world) {
	foreign := w.binding
	foreign.TenantID, foreign.Status = w.stranger(t).tenant, binding.StatusRevoked
	_, err := w.Bindings.SaveBinding(t.Context(), foreign, w.now)
	wantFault(t, "SaveBinding by a stranger", err, fault.CodeNotFound)
	same(t, "FindBinding", must(w.Bindings.FindBinding(t.Context(), w.tenant, w.binding.ID))(t, "FindBinding"), w.binding)
}

func queuesRunsOnActivation(t *testing.T, w *world) {
	run := w.waitingUntil(t, w.now.Add(time.Hour))
	w.setBinding(t, binding.StatusUnlinked, w.now)
	later := w.now.Add(time.Minute)
	w.setBinding(t, binding.StatusActive, later)
	if got := w.find(t, run.ID); got.Status != syncrun.StatusQueued || !got.NextAttemptAt.Equal(later) {
		t.Errorf("the run is %s and due %s, want queued and due %s", got.Status, got.NextAttemptAt, later)
	}
}

func waitsRunsOnPause(t *testing.T, w *world) {
	run := w.added(t)
	w.setBinding(t, binding.StatusPaused, w.now)
	if got := w.find(t, run.ID); got.Status != syncrun.StatusWaiting {
		t.Errorf("the run is %s, want waiting", got.Status)
	}
	if got := w.claim(t, w.now); len(got) != 0 {
		t.Errorf("Claim took %v of a paused binding", ids(got))
	}
	w.setBinding(t, binding.StatusActive, w.now)
	same(t, "Claim", ids(w.claim(t, w.now)), []string{run.ID})
}

func findsNoForeignBinding(t *testing.T, w *world) {
	_, err := w.Bindings.FindBinding(t.Context(), w.stranger(t).tenant, w.binding.ID)
	wantFault(t, "FindBinding by a stranger", err, fault.CodeNotFound)
}

func pagesBindings(t *testing.T, w *world) {
	w.stranger(t)
	want := []binding.Binding{w.binding, w.putBinding(t, w.store, binding.FreeAgent), w.putBinding(t, w.store, binding.SageAccounting)}
	var got []binding.Binding
	page := ports.Page{First: 2}
	for {
		p := must(w.Bindings.ListBindings(t.Context(), w.tenant, ports.BindingFilter{}, page))(t, "ListBindings")
		if len(p.Rows) > page.First || len(p.Cursors) != len(p.Rows) {
			t.Fatalf("ListBindings gave %d rows with %d cursors for a page of %d", len(p.Rows), len(p.Cursors), page.First)
		}
		got = append(got, p.Rows...)
		if !p.HasNext {
			break
		}
		page.After = p.Cursors[len(p.Cursors)-1]
	}
	same(t, "ListBindings", got, want)
}

func narrowsBindings(t *testing.T, w *world) {
	second := w.putStore(t, "https://second.example")
	other := w.putBinding(t, second, binding.FreeAgent)
	for name, filter := range map[string]ports.BindingFilter{
		"store": {StoreID: second.ID}, "provider": {Provider: binding.FreeAgent}, "id": {ID: other.ID},
	} {
		p := must(w.Bindings.ListBindings(t.Context(), w.tenant, filter, ports.Page{First: 10}))(t, "ListBindings")
		same(t, "ListBindings by "+name, p.Rows, []binding.Binding{other})
	}
}

func countsHealth(t *testing.T, w *world) {
	empty := must(w.Bindings.BindingHealth(t.Context(), w.tenant, w.binding.ID, w.now))(t, "BindingHealth")
	same(t, "BindingHealth without runs", empty, ports.Health{})
	w.finished(t, syncrun.StatusHeld)
	failed := w.finished(t, syncrun.StatusFailed)
	w.finished(t, syncrun.StatusSucceeded)
	oldest := w.added(t)
	w.added(t)
	got := must(w.Bindings.BindingHealth(t.Context(), w.tenant, w.binding.ID, w.now))(t, "BindingHealth")
	same(t, "BindingHealth", got, ports.Health{Pending: 2, Held: 1, Failed: 1, LastRunAt: failed.FinishedAt, OldestPendingAt: &oldest.CreatedAt})
	got = must(w.Bindings.BindingHealth(t.Context(), w.tenant, w.binding.ID, w.now.Add(time.Hour)))(t, "BindingHealth")
	if got.Failed != 0 {
		t.Errorf("BindingHealth counts %d failures since a later time", got.Failed)
	}
}

func countsNoForeignHealth(t *testing.T, w *world) {
	_, err := w.Bindings.BindingHealth(t.Context(), w.stranger(t).tenant, w.binding.ID, w.now)
	wantFault(t, "BindingHealth by a stranger", err, fault.CodeNotFound)
}
