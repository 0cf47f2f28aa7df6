package app

import (
	"context"
	"fmt"
	"slices"

	"byte8.io/ledger/app/failpoint"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/domain/trail"
)

// Delivery is an event as a shop sends it.
type Delivery struct {
	TenantID       access.TenantID
	Bearer         string
	Event          commerce.EventName
	Provider       string
	IdempotencyKey string
	Body           []byte
}

// AcceptEvent records an event and one run for each binding meant, in one
// transaction with the use of its token, and wakes a worker. It returns the ids
// of the runs that stand for the event; none for an event we do not act on,
// which is recorded as ignored. No provider is called.
//
// The shop, its keys and its bindings are as they were at most two seconds ago,
// and newer than any change this process made: for so long may events of a shop
// be taken in that another process disconnected, and a binding it added be
// passed over. Nothing is refused because of old knowledge. Whether a run waits
// and which settings it follows is as it stands when the event is stored.
//
// Invalid and Unauthenticated faults are final. After any other fault, or when
// the context ended, the event may be stored or not; the shop sends it again.
func (a *App) AcceptEvent(ctx context.Context, d Delivery) ([]string, error) {
	reads := &shopReads{app: a, mayBeOld: true}
	shop, err := a.authenticateEvent(ctx, reads, d.Bearer, d.TenantID)
	if err != nil {
		return nil, err
	}
	trail.NoteTenant(ctx, shop.store.TenantID)
	envelope, err := commerce.DecodeEnvelope(d.Body)
	if err != nil {
		return nil, err
	}
	targets, err := a.bindingsMeant(ctx, reads, shop.store, d.Provider)
	if err != nil && reads.afresh() {
		targets, err = a.bindingsMeant(ctx, reads, shop.store, d.Provider)
	}
	if err != nil {
		return nil, err
	}
	event := syncrun.Event{
		ID: a.NewID("evt"), TenantID: shop.store.TenantID, StoreID: shop.store.ID, Name: d.Event,
		IdempotencyKey: d.IdempotencyKey, Body: d.Body, ReceivedAt: a.Now(),
	}
	var runs []syncrun.Run
	for _, b := range targets {
		if a.holds(b.Provider, d.Event) {
			runs = append(runs, a.newRun(b, event, envelope))
		}
	}
	event.Ignored = len(runs) == 0
	failpoint.Hit("intake.before_store")
	accepted, err := a.Intake.Accept(ctx, shop.token.Use, event, runs)
	if err != nil {
		return nil, fmt.Errorf("storing the event: %w", err)
	}
	failpoint.Hit("intake.after_store")
	a.publishAccepted(ctx, runs, accepted)
	ids := make([]string, 0, len(accepted))
	for _, r := range accepted {
		if r.RunID != "" {
			ids = append(ids, r.RunID)
		}
		if r.IsNew {
			a.nudgeBinding(ctx, shop.store.TenantID, r.BindingID)
		}
	}
	return ids, nil
}

// holds reports whether the event's document is one the provider holds.
func (a *App) holds(key binding.Provider, event commerce.EventName) bool {
	provider, ok := a.Providers[key]
	if !ok {
		return false
	}
	can := provider.Capabilities()
	switch event {
	case commerce.EventInvoiceCreated, commerce.EventInvoicePaid:
		return can.Invoices
	case commerce.EventCreditMemoCreated:
		return can.CreditNotes
	case commerce.EventCustomerUpserted:
		return can.Contacts
	case commerce.EventProductUpserted:
		return can.Items
	}
	return false
}

func (a *App) newRun(b binding.Binding, event syncrun.Event, envelope commerce.Envelope) syncrun.Run {
	entity, _ := event.Name.Entity()
	status := syncrun.StatusQueued
	if b.Status != binding.StatusActive {
		status = syncrun.StatusWaiting
	}
	return syncrun.Run{
		ID: a.NewID("run"), TenantID: b.TenantID, BindingID: b.ID, StoreID: b.StoreID, Provider: b.Provider,
		EventID: event.ID, EventKey: event.IdempotencyKey, Event: event.Name, EntityType: entity,
		MagentoID: envelope.MagentoID, IncrementID: envelope.IncrementID, Status: status,
		SettingsVersion: b.SettingsVersion, NextAttemptAt: event.ReceivedAt, CreatedAt: event.ReceivedAt,
	}
}

// bindingsMeant is the store's live bindings, or the one for the provider named.
func (a *App) bindingsMeant(ctx context.Context, reads *shopReads, store binding.Store, provider string) ([]binding.Binding, error) {
	all, err := reads.bindings(ctx, store)
	if err != nil {
		return nil, err
	}
	live := slices.DeleteFunc(all, func(b binding.Binding) bool { return !b.Status.IsLive() })
	if len(live) == 0 {
		return nil, fault.New(fault.CodeUnauthenticated, "This shop has no live binding any more; pair it again.")
	}
	if provider == "" {
		return live, nil
	}
	for _, b := range live {
		if string(b.Provider) == provider {
			return []binding.Binding{b}, nil
		}
	}
	return nil, fault.Newf(fault.CodeInvalid, "This shop has no binding for the provider %q.", clip(provider, 32))
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
