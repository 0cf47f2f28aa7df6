package app_test

import (
	"context"
	"testing"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/live"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// shopWorld is one shop behind the ports of intake, which counts its reads. A
// token is the id of the key that signed it.
type shopWorld struct {
	ports.Stores
	ports.Bindings
	ports.Intake
	ports.ShopTokens
	ports.Queue
	ports.Changes

	now      time.Time
	keys     []binding.StoreKey
	bindings []binding.Binding
	reads    int
	nudges   int
	told     []live.Change
	// during is called while bindings are read, after what is read was taken.
	during func()
}

func (w *shopWorld) ListLiveKeys(context.Context, access.TenantID, time.Time) ([]binding.StoreKey, error) {
	w.reads++
	return w.keys, nil
}

func (w *shopWorld) FindStore(_ context.Context, tenant access.TenantID, id string) (binding.Store, error) {
	w.reads++
	return binding.Store{ID: id, TenantID: tenant, Status: binding.StoreActive}, nil
}

func (w *shopWorld) ListBindings(context.Context, access.TenantID, ports.BindingFilter, ports.Page) (ports.Paged[binding.Binding], error) {
	w.reads++
	page := ports.Paged[binding.Binding]{Rows: append([]binding.Binding(nil), w.bindings...)}
	if w.during != nil {
		w.during()
	}
	return page, nil
}

func (w *shopWorld) SaveBinding(_ context.Context, b binding.Binding, _ time.Time, _ ...audit.Entry) (binding.Binding, error) {
	w.bindings = []binding.Binding{b}
	return b, nil
}

func (w *shopWorld) Verify(token string, _ access.TenantID, keys []binding.StoreKey, _ time.Time) (ports.VerifiedToken, error) {
	for _, k := range keys {
		if k.ID == token {
			return ports.VerifiedToken{Key: k}, nil
		}
	}
	return ports.VerifiedToken{}, fault.New(fault.CodeUnauthenticated, "No key made it.")
}

func (w *shopWorld) Accept(_ context.Context, _ ports.TokenUse, _ syncrun.Event, runs []syncrun.Run) ([]ports.Accepted, error) {
	out := make([]ports.Accepted, len(runs))
	for i, r := range runs {
		out[i] = ports.Accepted{RunID: r.ID, BindingID: r.BindingID, IsNew: true}
	}
	return out, nil
}

func (w *shopWorld) NudgeBinding(context.Context, access.TenantID, string) error {
	w.nudges++
	return nil
}

func (w *shopWorld) Publish(_ context.Context, changes ...live.Change) {
	w.told = append(w.told, changes...)
}

func (w *shopWorld) app() *app.App {
	provider := (&apptest.World{}).App().Providers[binding.Xero]
	return app.New(app.Deps{
		Stores: w, Bindings: w, Intake: w, ShopTokens: w, Queue: w, Changes: w,
		Providers: map[binding.Provider]ports.Provider{binding.Xero: provider},
		Now:       func() time.Time { return w.now }, NewID: func(prefix string) string { return prefix + "_1" },
	})
}

func newShopWorld() *shopWorld {
	return &shopWorld{
		now:      time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		keys:     []binding.StoreKey{{ID: "key_1", TenantID: "tenant-a", StoreID: "sto_1", Status: binding.KeyActive}},
		bindings: []binding.Binding{{ID: "bnd_1", TenantID: "tenant-a", StoreID: "sto_1", Provider: binding.Xero, Status: binding.StatusActive}},
	}
}

func send(t *testing.T, a *app.App, key string) ([]string, error) {
	t.Helper()
	return a.AcceptEvent(t.Context(), app.Delivery{
		TenantID: "tenant-a", Bearer: key, Event: commerce.EventInvoiceCreated, IdempotencyKey: "k",
		Body: []byte(`{"magento_entity_id":1,"website_id":1,"store_id":1,"occurred_at":"2026-05-01T09:30:00Z","payload":{"increment_id":"1"}}`),
	})
}

func mustSend(t *testing.T, a *app.App, key string) {
	t.Helper()
	if ids, err := send(t, a, key); err != nil || len(ids) != 1 {
		t.Fatalf("AcceptEvent = %v, %v; want one run", ids, err)
	}
}

func TestAShopIsReadOnceInTwoSeconds(t *testing.T) {
	t.Parallel()
	w := newShopWorld()
	a := w.app()
	for _, step := range []struct {
		after time.Duration
		reads int
	}{{0, 3}, {time.Second, 3}, {time.Second, 6}, {-time.Hour, 9}, {time.Second, 9}} {
		w.now = w.now.Add(step.after)
		mustSend(t, a, "key_1")
		if w.reads != step.reads {
			t.Errorf("%v later there were %d reads, want %d", step.after, w.reads, step.reads)
		}
	}
}

func TestNothingIsRefusedBecauseOfOldKnowledge(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*shopWorld) string{
		"a key another process made": func(w *shopWorld) string {
			w.keys = append(w.keys, binding.StoreKey{ID: "key_2", TenantID: "tenant-a", StoreID: "sto_1", Status: binding.KeyActive})
			return "key_2"
		},
		"a binding another process restored": func(w *shopWorld) string {
			w.bindings[0].Status = binding.StatusActive
			return "key_1"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newShopWorld()
			w.bindings[0].Status = binding.StatusRevoked
			a := w.app()
			if _, err := send(t, a, "key_1"); !fault.Is(err, fault.CodeUnauthenticated) {
				t.Fatalf("without a live binding: %v, want unauthenticated", err)
			}
			key := change(w)
			w.bindings[0].Status = binding.StatusActive
			mustSend(t, a, key)
		})
	}
}

func TestAChangeInThisProcessIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	revoke := func(t *testing.T, w *shopWorld, a *app.App) {
		t.Helper()
		b := w.bindings[0]
		b.Status = binding.StatusRevoked
		if _, err := a.Bindings.SaveBinding(t.Context(), b, w.now); err != nil {
			t.Fatal(err)
		}
	}
	for name, change := range map[string]func(*testing.T, *shopWorld, *app.App){
		"between two events": func(t *testing.T, w *shopWorld, a *app.App) {
			t.Helper()
			mustSend(t, a, "key_1")
			revoke(t, w, a)
		},
		"while an event reads what was before it": func(t *testing.T, w *shopWorld, a *app.App) {
			t.Helper()
			w.during = func() { revoke(t, w, a) }
			mustSend(t, a, "key_1")
			w.during = nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newShopWorld()
			a := w.app()
			change(t, w, a)
			if _, err := send(t, a, "key_1"); !fault.Is(err, fault.CodeUnauthenticated) {
				t.Errorf("an event of a disconnected shop: %v, want unauthenticated", err)
			}
		})
	}
}

func TestGuessedTenantsAndCandidatesAreNotKept(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string][]binding.StoreKey{
		"no keys": nil, "a candidate": {{ID: "key_2", TenantID: "tenant-a", StoreID: "sto_1", Status: binding.KeyCandidate}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newShopWorld()
			w.keys = keys
			a := w.app()
			for sent := 1; sent <= 3; sent++ {
				if _, err := send(t, a, "guess"); !fault.Is(err, fault.CodeUnauthenticated) {
					t.Fatalf("a guess: %v, want unauthenticated", err)
				}
				if w.reads != sent {
					t.Errorf("%d reads for %d guesses", w.reads, sent)
				}
			}
		})
	}
}

func TestAWorkerBesideIntakeIsToldDirectly(t *testing.T) {
	t.Parallel()
	w := newShopWorld()
	a := w.app()
	mustSend(t, a, "key_1")
	if w.nudges != 1 {
		t.Fatalf("without a worker the queue was nudged %d times, want once", w.nudges)
	}
	// The worker does not run: what it was told stays, until it has room for no more.
	a.NewWorker(1).TakeNudges()
	const room = 1024
	for range room {
		mustSend(t, a, "key_1")
	}
	if w.nudges != 1 {
		t.Errorf("the queue was nudged %d times beside a worker, want not once more", w.nudges-1)
	}
	mustSend(t, a, "key_1")
	if w.nudges != 2 {
		t.Errorf("the queue was not nudged for what the worker had no room for")
	}
}
