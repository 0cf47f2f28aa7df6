package porttest

import (
	"fmt"
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// Intake checks an adapter of ports.Intake.
func Intake(t *testing.T, open func(t *testing.T) Backend) {
	t.Helper()
	keep(t, open, []promise{
		{"Accept/stores a run for each binding with its pending chip", acceptsRuns},
		{"Accept/an event without runs burns its token", acceptsIgnoredEvent},
		{"Accept/a repeat while a run is open or held names that run", namesOpenRun},
		{"Accept/a repeat after a finished create names the last finished run", namesFinishedRun},
		{"Accept/a create that is in the books without a run names none", namesNoRun},
		{"Accept/a create of another kind is not kept back by the document's xref", addsOtherKind},
		{"Accept/a repeat after a finished upsert runs again", addsUpsertAgain},
		{"Accept/a repeat after a failed create runs again", addsFailedCreateAgain},
		{"Accept/a run waits while its binding is not active", acceptsWaitingRun},
		{"Accept/a run has the newest settings, whatever it came with", acceptsNewestSettings},
		{"Accept/a chip that is there keeps its status", keepsChip},
		{"Accept/a used token stores nothing", acceptsNoReplay},
		{"Accept/an unknown binding stores nothing", acceptsNoForeignBinding},
		{"Accept/texts that databases refuse are no obstacle", acceptsPoisonedText},
		{"Accept/many at once with one key give one run", acceptsOneOfMany},
		{"Accept/many at once with one token store one event", acceptsOneTokenOfMany},
		{"Accept/many at once answer each by itself", acceptsEachOfMany},
		{"BurnToken/a second use is Unauthenticated", burnsTokenOnce},
		{"ForgetTokens/removes ended uses only", forgetsTokens},
	})
}

func acceptsRuns(t *testing.T, w *world) {
	other := w.putBinding(t, w.store, binding.FreeAgent)
	first := w.run()
	second := w.run(func(r *syncrun.Run) {
		r.BindingID, r.Provider, r.MagentoID, r.EventKey = other.ID, other.Provider, first.MagentoID, first.EventKey
	})
	got := w.accept(t, first, second)
	same(t, "Accept", got, []ports.Accepted{{RunID: first.ID, IsNew: true, BindingID: w.binding.ID}, {RunID: second.ID, IsNew: true, BindingID: other.ID}})
	same(t, "FindRun", w.find(t, first.ID), first)
	same(t, "FindRun", w.find(t, second.ID), second)
	same(t, "the chip", w.chip(t, first.MagentoID), syncrun.StateOf(first, first.CreatedAt))
}

func acceptsIgnoredEvent(t *testing.T, w *world) {
	token, event := w.token(), w.event()
	event.Name, event.Ignored = "store.renamed", true
	same(t, "Accept", must(w.Intake.Accept(t.Context(), token, event, nil))(t, "Accept"), []ports.Accepted{})
	wantFault(t, "BurnToken", w.Intake.BurnToken(t.Context(), token), fault.CodeUnauthenticated)
}

// repeat is the same event as the run's, heard again.
func (w *world) repeat(run syncrun.Run) syncrun.Run {
	return w.run(func(r *syncrun.Run) {
		r.EventKey, r.Event, r.EntityType, r.MagentoID, r.BindingID = run.EventKey, run.Event, run.EntityType, run.MagentoID, run.BindingID
	})
}

func namesOpenRun(t *testing.T, w *world) {
	for _, status := range syncrun.Statuses() {
		if status.IsTerminal() {
			continue
		}
		run := w.added(t)
		if status != syncrun.StatusQueued {
			claimed := w.claimOne(t)
			if status != syncrun.StatusRunning {
				o := w.outcome(claimed, status)
				o.Run.NextAttemptAt = w.now.Add(time.Hour)
				w.record(t, o)
			}
		}
		got := w.accept(t, w.repeat(run))
		same(t, "Accept beside a run that is "+string(status), got, []ports.Accepted{{RunID: run.ID, BindingID: w.binding.ID}})
		if status == syncrun.StatusQueued {
			w.record(t, w.outcome(w.claimOne(t), syncrun.StatusSucceeded))
		}
	}
}

// booked is a finished run with its xref.
func (w *world) booked(t *testing.T, change ...func(*syncrun.Run)) syncrun.Run {
	t.Helper()
	run := w.finished(t, syncrun.StatusSucceeded, change...)
	need(t, "PutXref", w.Runs.PutXref(t.Context(), w.xref(func(x *syncrun.Xref) {
		x.Key, x.EntityID = fmt.Sprint(run.MagentoID), "entity-"+run.ID
	})))
	return run
}

func namesFinishedRun(t *testing.T, w *world) {
	run := w.booked(t)
	again := w.repeat(run)
	same(t, "Accept", w.accept(t, again), []ports.Accepted{{RunID: run.ID, BindingID: w.binding.ID}})
	again.EventKey = "another key"
	same(t, "Accept with another key", w.accept(t, again), []ports.Accepted{{RunID: run.ID, BindingID: w.binding.ID}})
	_, err := w.Runs.FindRun(t.Context(), w.tenant, again.ID)
	wantFault(t, "FindRun of the repeat", err, fault.CodeNotFound)
}

func namesNoRun(t *testing.T, w *world) {
	run := w.run()
	need(t, "PutXref", w.Runs.PutXref(t.Context(), w.xref(func(x *syncrun.Xref) { x.Key = fmt.Sprint(run.MagentoID) })))
	same(t, "Accept", w.accept(t, run), []ports.Accepted{{BindingID: w.binding.ID}})
}

func addsOtherKind(t *testing.T, w *world) {
	created := w.booked(t)
	paid := w.repeat(created)
	paid.Event, paid.EventKey = commerce.EventInvoicePaid, "invoice.paid:1"
	if got := w.accept(t, paid); !got[0].IsNew {
		t.Errorf("Accept answered a payment with the invoice's run: %+v", got)
	}
}

func addsUpsertAgain(t *testing.T, w *world) {
	upsert := func(r *syncrun.Run) { r.Event, r.EntityType = commerce.EventCustomerUpserted, commerce.EntityCustomer }
	run := w.booked(t, upsert)
	if got := w.accept(t, w.repeat(run)); !got[0].IsNew {
		t.Errorf("Accept did not add a run for a repeated upsert: %+v", got)
	}
}

func addsFailedCreateAgain(t *testing.T, w *world) {
	run := w.finished(t, syncrun.StatusFailed)
	if got := w.accept(t, w.repeat(run)); !got[0].IsNew {
		t.Errorf("Accept did not add a run after a failure: %+v", got)
	}
}

func acceptsWaitingRun(t *testing.T, w *world) {
	w.setBinding(t, binding.StatusPaused, w.now)
	if got := w.added(t).Status; got != syncrun.StatusWaiting {
		t.Errorf("the run is %s, want waiting", got)
	}
}

func acceptsNewestSettings(t *testing.T, w *world) {
	for _, newest := range []int{1, 2} {
		need(t, "AddSettings", w.Bindings.AddSettings(t.Context(), settings.Version{
			TenantID: w.tenant, BindingID: w.binding.ID, Number: newest, Author: settings.SystemAuthor, CreatedAt: w.now,
		}))
		for _, inHand := range []int{0, 1, 2} {
			run := w.added(t, func(r *syncrun.Run) { r.SettingsVersion = inHand })
			if run.SettingsVersion != newest {
				t.Errorf("accepted with version %d in hand, the run has %d, want %d", inHand, run.SettingsVersion, newest)
			}
		}
	}
}

func keepsChip(t *testing.T, w *world) {
	run := w.finished(t, syncrun.StatusFailed)
	before := w.chip(t, run.MagentoID)
	w.accept(t, w.repeat(run))
	same(t, "the chip", w.chip(t, run.MagentoID), before)
}

func acceptsNoReplay(t *testing.T, w *world) {
	token := w.token()
	need(t, "BurnToken", w.Intake.BurnToken(t.Context(), token))
	run := w.run()
	_, err := w.Intake.Accept(t.Context(), token, w.event(), []syncrun.Run{run})
	wantFault(t, "Accept with a used token", err, fault.CodeUnauthenticated)
	_, err = w.Runs.FindRun(t.Context(), w.tenant, run.ID)
	wantFault(t, "FindRun", err, fault.CodeNotFound)
}

func acceptsNoForeignBinding(t *testing.T, w *world) {
	stranger := w.stranger(t)
	own, foreign := w.run(), w.run(func(r *syncrun.Run) { r.BindingID = stranger.binding.ID })
	token := w.token()
	_, err := w.Intake.Accept(t.Context(), token, w.event(), []syncrun.Run{own, foreign})
	wantFault(t, "Accept for a stranger's binding", err, fault.CodeNotFound)
	_, err = w.Runs.FindRun(t.Context(), w.tenant, own.ID)
	wantFault(t, "FindRun of the other run", err, fault.CodeNotFound)
	need(t, "BurnToken after the refusal", w.Intake.BurnToken(t.Context(), token))
}

func acceptsPoisonedText(t *testing.T, w *world) {
	run := w.added(t, func(r *syncrun.Run) { r.IncrementID = "1\x00\xff2" })
	if run.IncrementID == "" {
		t.Error("the increment id was lost")
	}
	claimed := w.claimOne(t)
	claimed.Message, claimed.Trace = "bad \x00 byte", []syncrun.Step{{Rule: "name", Input: "a\x00b", Result: "ab"}}
	w.record(t, w.outcome(claimed, syncrun.StatusFailed))
}

func acceptsOneOfMany(t *testing.T, w *world) {
	run := w.run()
	results := make([][]ports.Accepted, 50)
	errs := make([]error, len(results))
	together(len(results), func(i int) {
		results[i], errs[i] = w.Intake.Accept(t.Context(), w.token(), w.event(), []syncrun.Run{w.repeat(run)})
	})
	added := 0
	for i := range results {
		need(t, "Accept", errs[i])
		if results[i][0].IsNew {
			added++
		}
		if results[i][0].RunID != results[0][0].RunID {
			t.Errorf("Accept named %s and %s for one key", results[i][0].RunID, results[0][0].RunID)
		}
	}
	if added != 1 {
		t.Errorf("%d of %d calls added a run", added, len(results))
	}
	page := must(w.Runs.ListRuns(t.Context(), w.tenant, ports.RunFilter{}, ports.Page{First: 10}))(t, "ListRuns")
	if len(page.Rows) != 1 {
		t.Errorf("%d runs are stored, want 1", len(page.Rows))
	}
}

func acceptsOneTokenOfMany(t *testing.T, w *world) {
	token := w.token()
	errs := make([]error, 20)
	together(len(errs), func(i int) {
		_, errs[i] = w.Intake.Accept(t.Context(), token, w.event(), []syncrun.Run{w.run()})
	})
	accepted := 0
	for _, err := range errs {
		if err == nil {
			accepted++
			continue
		}
		wantFault(t, "Accept with a used token", err, fault.CodeUnauthenticated)
	}
	if runs := w.claim(t, w.now); accepted != 1 || len(runs) != 1 {
		t.Errorf("%d calls were accepted and %d runs stored, want 1 and 1", accepted, len(runs))
	}
}

func acceptsEachOfMany(t *testing.T, w *world) {
	other, stranger := w.putBinding(t, w.store, binding.FreeAgent), w.stranger(t)
	used := w.token()
	need(t, "BurnToken", w.Intake.BurnToken(t.Context(), used))
	open, booked := w.added(t), w.run()
	need(t, "PutXref", w.Runs.PutXref(t.Context(), w.xref(func(x *syncrun.Xref) { x.Key = fmt.Sprint(booked.MagentoID) })))
	type call struct {
		name  string
		of    *world
		token ports.TokenUse
		runs  []syncrun.Run
		want  []ports.Accepted
		fault fault.Code
	}
	var calls []call
	for range 12 {
		one, first, foreign, theirs := w.run(), w.run(), w.run(), stranger.run()
		second := w.run(func(r *syncrun.Run) {
			r.BindingID, r.Provider, r.MagentoID, r.EventKey = other.ID, other.Provider, first.MagentoID, first.EventKey
		})
		foreign.BindingID = stranger.binding.ID
		added := func(r syncrun.Run) ports.Accepted {
			return ports.Accepted{RunID: r.ID, IsNew: true, BindingID: r.BindingID}
		}
		calls = append(calls,
			call{name: "one run", of: w, token: w.token(), runs: []syncrun.Run{one}, want: []ports.Accepted{added(one)}},
			call{name: "two runs", of: w, token: w.token(), runs: []syncrun.Run{first, second}, want: []ports.Accepted{added(first), added(second)}},
			call{name: "no run", of: w, token: w.token(), want: []ports.Accepted{}},
			call{name: "another tenant's", of: stranger, token: stranger.token(), runs: []syncrun.Run{theirs}, want: []ports.Accepted{added(theirs)}},
			call{name: "an open run's", of: w, token: w.token(), runs: []syncrun.Run{w.repeat(open)}, want: []ports.Accepted{{RunID: open.ID, BindingID: open.BindingID}}},
			call{name: "a booked document's", of: w, token: w.token(), runs: []syncrun.Run{w.repeat(booked)}, want: []ports.Accepted{{BindingID: booked.BindingID}}},
			call{name: "a used token", of: w, token: used, runs: []syncrun.Run{w.run()}, fault: fault.CodeUnauthenticated},
			call{name: "a stranger's binding", of: w, token: w.token(), runs: []syncrun.Run{foreign}, fault: fault.CodeNotFound},
		)
	}
	got, errs := make([][]ports.Accepted, len(calls)), make([]error, len(calls))
	together(len(calls), func(i int) {
		got[i], errs[i] = calls[i].of.Intake.Accept(t.Context(), calls[i].token, calls[i].of.event(), calls[i].runs)
	})
	for i, c := range calls {
		if c.fault != "" {
			wantFault(t, "Accept of "+c.name, errs[i], c.fault)
			_, err := w.Runs.FindRun(t.Context(), w.tenant, c.runs[0].ID)
			wantFault(t, "FindRun of "+c.name, err, fault.CodeNotFound)
			continue
		}
		need(t, "Accept of "+c.name, errs[i])
		same(t, "Accept of "+c.name, got[i], c.want)
		for n, r := range c.want {
			if r.IsNew {
				stored := must(c.of.Runs.FindRun(t.Context(), c.of.tenant, r.RunID))(t, "FindRun of "+c.name)
				same(t, "the run of "+c.name, stored, c.runs[n])
			}
		}
	}
}

func burnsTokenOnce(t *testing.T, w *world) {
	token := w.token()
	need(t, "BurnToken", w.Intake.BurnToken(t.Context(), token))
	wantFault(t, "BurnToken again", w.Intake.BurnToken(t.Context(), token), fault.CodeUnauthenticated)
	token.TenantID = w.stranger(t).tenant
	need(t, "BurnToken of another tenant's", w.Intake.BurnToken(t.Context(), token))
}

func forgetsTokens(t *testing.T, w *world) {
	ended, running := w.token(), w.token()
	// Long ago, so that no other subtest's tokens are meant.
	ended.RememberUntil = w.now.AddDate(-10, 0, 0)
	need(t, "BurnToken", w.Intake.BurnToken(t.Context(), ended))
	need(t, "BurnToken", w.Intake.BurnToken(t.Context(), running))
	if n := must(w.Intake.ForgetTokens(t.Context(), ended.RememberUntil.Add(time.Second)))(t, "ForgetTokens"); n != 1 {
		t.Errorf("ForgetTokens removed %d, want 1", n)
	}
	need(t, "BurnToken of a forgotten one", w.Intake.BurnToken(t.Context(), ended))
	wantFault(t, "BurnToken of a remembered one", w.Intake.BurnToken(t.Context(), running), fault.CodeUnauthenticated)
}
