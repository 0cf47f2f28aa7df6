package app

import (
	"context"
	"fmt"
	"io"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// ConnectMagento is the input of pairing a shop.
type ConnectMagento struct {
	BaseURL     string
	PairingCode string
	Provider    binding.Provider
}

// ConnectMagento pairs a shop by the code its admin shows, and binds it to a
// provider. Pairing a shop again changes its key and keeps its store and
// bindings; a binding that was disconnected comes back, without new consent
// while its grant still stands.
//
// The key is stored before the shop is called, so that a shop that took it is
// never stranded; it may be called again with a new code after any failure.
func (a *App) ConnectMagento(ctx context.Context, p access.Principal, in ConnectMagento) (binding.Store, binding.Binding, error) {
	var noStore binding.Store
	var noBinding binding.Binding
	if err := p.Require(access.ScopeBindingsWrite); err != nil {
		return noStore, noBinding, err
	}
	if p.BindingID != "" || p.StoreID != "" {
		return noStore, noBinding, fault.New(fault.CodeDenied, "This caller is bound to one binding and cannot pair shops.")
	}
	baseURL, err := binding.NormaliseBaseURL(in.BaseURL)
	if err != nil {
		return noStore, noBinding, err
	}
	code, err := binding.NormalisePairingCode(in.PairingCode)
	if err != nil {
		return noStore, noBinding, err
	}
	if _, known := a.Providers[in.Provider]; !known {
		return noStore, noBinding, invalidField("provider", fmt.Sprintf("This server has no provider %s.", in.Provider))
	}
	now := a.Now()
	store, err := a.Stores.PutStore(ctx, binding.Store{
		ID: a.NewID("sto"), TenantID: p.TenantID, Code: binding.StoreCode(baseURL), BaseURL: baseURL,
		Status: binding.StorePending, CreatedAt: now,
	})
	if err != nil {
		return noStore, noBinding, fmt.Errorf("storing the store: %w", err)
	}
	bound, err := a.Bindings.PutBinding(ctx, binding.Binding{
		ID: a.NewID("bnd"), TenantID: p.TenantID, StoreID: store.ID, Provider: in.Provider,
		Status: binding.StatusPending, CreatedAt: now,
	})
	if err != nil {
		return noStore, noBinding, fmt.Errorf("storing the binding: %w", err)
	}
	if err := a.exchangeKey(ctx, p, store, in.Provider, code); err != nil {
		return noStore, noBinding, err
	}
	if bound.Status == binding.StatusRevoked {
		if bound, err = a.restoreBinding(ctx, p, bound); err != nil {
			return noStore, noBinding, err
		}
	}
	if store, err = a.Stores.FindStore(ctx, p.TenantID, store.ID); err != nil {
		return noStore, noBinding, fmt.Errorf("reading the store back: %w", err)
	}
	return store, bound, nil
}

// exchangeKey hands the shop a new key. After a clear refusal the key is
// retired; after an unclear answer it stays a candidate, because the shop may
// use it already.
func (a *App) exchangeKey(ctx context.Context, p access.Principal, store binding.Store, provider binding.Provider, code string) error {
	var random [32]byte
	if _, err := io.ReadFull(a.Random, random[:]); err != nil {
		return fmt.Errorf("reading randomness: %w", err)
	}
	key := binding.StoreKey{
		ID: a.NewID("skey"), TenantID: store.TenantID, StoreID: store.ID,
		Secret: binding.NewStoreKeySecret(random), Status: binding.KeyCandidate, CreatedAt: a.Now(),
	}
	if err := a.Stores.AddStoreKey(ctx, key); err != nil {
		return fmt.Errorf("storing the candidate key: %w", err)
	}
	err := a.Shop.Pair(ctx, ports.PairRequest{
		Provider: provider, BaseURL: store.BaseURL, PairingCode: code,
		TenantID: store.TenantID, Secret: key.Secret, LedgerURL: a.PublicURL,
	})
	if fault.Is(err, fault.CodePairingRefused, fault.CodeStoreAddressRefused) {
		if retired := a.Stores.RetireStoreKey(ctx, store.TenantID, key.ID); retired != nil {
			return fmt.Errorf("retiring the refused key: %w", retired)
		}
	}
	if err != nil {
		return fmt.Errorf("pairing with the shop: %w", err)
	}
	if err := a.Stores.ActivateStoreKey(ctx, store.TenantID, key.ID, a.Now(), a.entry(p, audit.StorePaired, store.ID, map[string]any{"provider": string(provider)})); err != nil {
		return fmt.Errorf("activating the key: %w", err)
	}
	return nil
}

// restoreBinding brings a disconnected binding back: linked as before when its
// grant still stands and its organisation answers, else waiting for consent.
func (a *App) restoreBinding(ctx context.Context, p access.Principal, b binding.Binding) (binding.Binding, error) {
	isLinked := b.MayBeRestored(a.Now())
	b.Status, b.RevokedAt = binding.StatusPending, nil
	if !isLinked {
		b.GrantID = ""
	}
	b, err := a.Bindings.SaveBinding(ctx, b, a.Now())
	if err != nil {
		return b, fmt.Errorf("restoring the binding: %w", err)
	}
	if !isLinked {
		return b, nil
	}
	linked, err := a.link(ctx, p, b, b.Organisation)
	if err != nil {
		a.Log.WarnContext(ctx, "the binding waits for consent: its organisation does not answer", "binding_id", b.ID, "error", err)
		return b, nil
	}
	return linked, nil
}

// nudgeBinding wakes a worker: the one in this process that takes nudges, else
// one that listens to the queue. A nudge that fails is only logged: the sweeper
// finds the work within a second.
func (a *App) nudgeBinding(ctx context.Context, tenant access.TenantID, bindingID string) {
	if near := a.near.Load(); near != nil && near.nudge(line{tenant: tenant, kind: bindingRuns, id: bindingID}) {
		return
	}
	if err := a.Queue.NudgeBinding(ctx, tenant, bindingID); err != nil {
		a.Log.WarnContext(ctx, "nudge failed; the sweeper will find the work", "binding_id", bindingID, "error", err)
	}
}
