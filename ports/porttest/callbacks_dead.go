package porttest

import (
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// deadOf is a dead callback that was given up for a code.
func (w *world) deadOf(t *testing.T, code fault.Code, age time.Duration) syncrun.Callback {
	t.Helper()
	w.callback(t, func(c *syncrun.Callback) { c.CreatedAt = w.now.Add(-age) })
	c := w.claimCallback(t, w.now)
	c.Status, c.Attempts, c.ErrorCode, c.Message = syncrun.CallbackDead, syncrun.MaxAttempts, code, "The shop said no."
	need(t, "SaveCallback", w.Callbacks.SaveCallback(t.Context(), c))
	return c
}

func (w *world) listDead(t *testing.T, filter ports.CallbackFilter, limit int) []syncrun.Callback {
	t.Helper()
	return must(w.Callbacks.ListDead(t.Context(), w.tenant, filter, limit))(t, "ListDead")
}

func (w *world) groupDead(t *testing.T, filter ports.CallbackFilter) []ports.DeadGroup {
	t.Helper()
	return must(w.Callbacks.GroupDead(t.Context(), w.tenant, filter))(t, "GroupDead")
}

func (w *world) purgeDead(t *testing.T, filter ports.CallbackFilter, limit int) int {
	t.Helper()
	return must(w.Callbacks.PurgeDead(t.Context(), w.tenant, filter, limit))(t, "PurgeDead")
}

func groupsDead(t *testing.T, w *world) {
	same(t, "GroupDead of none", w.groupDead(t, ports.CallbackFilter{}), []ports.DeadGroup{})
	w.deadOf(t, fault.CodeMagentoUnreachable, time.Minute)
	w.deadOf(t, fault.CodeMagentoRefused, time.Hour)
	w.deadOf(t, fault.CodeMagentoRefused, time.Second)
	w.callback(t)
	want := []ports.DeadGroup{
		{ErrorCode: fault.CodeMagentoRefused, Count: 2, OldestAt: w.now.Add(-time.Hour)},
		{ErrorCode: fault.CodeMagentoUnreachable, Count: 1, OldestAt: w.now.Add(-time.Minute)},
	}
	same(t, "GroupDead", w.groupDead(t, ports.CallbackFilter{}), want)
}

func listsDead(t *testing.T, w *world) {
	older := w.deadOf(t, fault.CodeMagentoRefused, time.Hour)
	newer := w.deadOf(t, fault.CodeMagentoRefused, time.Minute)
	w.callback(t)
	same(t, "ListDead", w.listDead(t, ports.CallbackFilter{}, 10), []syncrun.Callback{newer, older})
	same(t, "ListDead of 1", w.listDead(t, ports.CallbackFilter{}, 1), []syncrun.Callback{newer})
	same(t, "ListDead of 0", w.listDead(t, ports.CallbackFilter{}, 0), []syncrun.Callback{})
}

func purgesDead(t *testing.T, w *world) {
	w.deadOf(t, fault.CodeMagentoRefused, time.Hour)
	newer := w.deadOf(t, fault.CodeMagentoRefused, time.Minute)
	w.callback(t)
	if n := w.purgeDead(t, ports.CallbackFilter{}, 1); n != 1 {
		t.Errorf("PurgeDead of 1 removed %d", n)
	}
	same(t, "ListDead", w.listDead(t, ports.CallbackFilter{}, 10), []syncrun.Callback{newer})
	if n := w.purgeDead(t, ports.CallbackFilter{}, 10); n != 1 {
		t.Errorf("PurgeDead removed %d, want 1", n)
	}
	w.wantCallbacks(t, map[syncrun.CallbackStatus]int{syncrun.CallbackPending: 1})
}

func narrowsDead(t *testing.T, w *world) {
	want := w.deadOf(t, fault.CodeMagentoRefused, time.Minute)
	w.deadOf(t, fault.CodeMagentoUnreachable, time.Hour)
	from, to := w.now.Add(-2*time.Minute), w.now.Add(-time.Minute+time.Microsecond)
	fits := []ports.CallbackFilter{
		{IDs: []string{want.ID}},
		{ErrorCode: fault.CodeMagentoRefused, Provider: binding.Xero, BindingID: w.binding.ID, EntityType: commerce.EntityInvoice},
		{CreatedFrom: &from, CreatedTo: &to},
	}
	for _, filter := range fits {
		same(t, "ListDead", w.listDead(t, filter, 10), []syncrun.Callback{want})
		same(t, "GroupDead", w.groupDead(t, filter), []ports.DeadGroup{{ErrorCode: want.ErrorCode, Count: 1, OldestAt: want.CreatedAt}})
	}
	before := w.now.Add(-2 * time.Hour)
	for _, filter := range []ports.CallbackFilter{
		{IDs: []string{"other"}},
		{ErrorCode: fault.CodeDatabase},
		{Provider: binding.FreeAgent},
		{BindingID: "other"},
		{EntityType: commerce.EntityProduct},
		{CreatedTo: &before},
		{CreatedFrom: &w.now},
	} {
		same(t, "ListDead", w.listDead(t, filter, 10), []syncrun.Callback{})
		if n := w.purgeDead(t, filter, 10); n != 0 {
			t.Errorf("PurgeDead of %+v removed %d", filter, n)
		}
		if n := must(w.Callbacks.RequeueCallbacks(t.Context(), w.tenant, filter, 10, w.now))(t, "RequeueCallbacks"); n != 0 {
			t.Errorf("RequeueCallbacks of %+v gave %d", filter, n)
		}
	}
	if n := must(w.Callbacks.RequeueCallbacks(t.Context(), w.tenant, fits[1], 10, w.now))(t, "RequeueCallbacks"); n != 1 {
		t.Errorf("RequeueCallbacks of %+v gave %d, want 1", fits[1], n)
	}
	if c := w.claimCallback(t, w.now); c.ID != want.ID {
		t.Errorf("RequeueCallbacks took %s, want %s", c.ID, want.ID)
	}
}

func deadOfNoStranger(t *testing.T, w *world) {
	c := w.deadOf(t, fault.CodeMagentoRefused, time.Minute)
	stranger := w.stranger(t)
	for _, filter := range []ports.CallbackFilter{{}, {IDs: []string{c.ID}}, {BindingID: w.binding.ID}} {
		same(t, "ListDead by a stranger", stranger.listDead(t, filter, 10), []syncrun.Callback{})
		same(t, "GroupDead by a stranger", stranger.groupDead(t, filter), []ports.DeadGroup{})
		if n := stranger.purgeDead(t, filter, 10); n != 0 {
			t.Errorf("PurgeDead by a stranger removed %d", n)
		}
	}
	w.wantCallbacks(t, map[syncrun.CallbackStatus]int{syncrun.CallbackDead: 1})
}
