package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/ports"
)

// DisconnectPreview says what disconnecting a binding removes and what stays.
type DisconnectPreview struct {
	Removed []string
	Stays   []string
}

// PreviewDisconnect says what DisconnectBinding would do. It changes nothing.
func (a *App) PreviewDisconnect(ctx context.Context, p access.Principal, bindingID string) (DisconnectPreview, error) {
	if err := p.Require(access.ScopeSettingsRead); err != nil {
		return DisconnectPreview{}, err
	}
	b, err := a.bindingOf(ctx, p, bindingID)
	if err != nil {
		return DisconnectPreview{}, err
	}
	organisation := b.Organisation.Name
	if organisation == "" {
		organisation = "the provider"
	}
	out := DisconnectPreview{
		Removed: []string{
			"Sending documents to " + organisation + " stops within seconds.",
			"The consent for " + organisation + " is withdrawn there and deleted here.",
		},
		Stays: []string{
			"Everything already in " + organisation + " stays as it is.",
			"The links between documents and their entities stay, so that connecting the same organisation again makes no duplicates.",
			"The sync history and its payloads stay.",
			"The chips in Magento's grids and its outbox stay.",
		},
	}
	last, err := a.isLastLive(ctx, b)
	if err != nil {
		return DisconnectPreview{}, err
	}
	if last {
		out.Removed = append(out.Removed, "The shop's key ends: its further events are refused until it is paired again.")
	}
	return out, nil
}

// DisconnectBinding ends a binding for good: it stops sending, withdraws the
// consent at the provider as far as the provider answers, and deletes the
// tokens unless another binding lives on them. When the store has no live
// binding left its keys end too. Repeating it changes nothing.
func (a *App) DisconnectBinding(ctx context.Context, p access.Principal, bindingID string) (binding.Binding, error) {
	if err := p.Require(access.ScopeBindingsWrite); err != nil {
		return binding.Binding{}, err
	}
	b, err := a.bindingOf(ctx, p, bindingID)
	if err != nil {
		return binding.Binding{}, err
	}
	last, err := a.isLastLive(ctx, b)
	if err != nil {
		return binding.Binding{}, err
	}
	grantID := b.GrantID
	if b.Status.IsLive() {
		b.GrantID = ""
		if b, err = a.revokeBinding(ctx, p, b); err != nil {
			return binding.Binding{}, err
		}
	}
	if err := a.withdrawConsent(ctx, b, grantID); err != nil {
		return binding.Binding{}, err
	}
	if last {
		store, err := a.Stores.FindStore(ctx, b.TenantID, b.StoreID)
		if err != nil {
			return binding.Binding{}, fmt.Errorf("finding the store: %w", err)
		}
		if err := a.unpairStore(ctx, p, store); err != nil {
			return binding.Binding{}, err
		}
	}
	return b, nil
}

// isLastLive reports whether no other binding of the store is live.
func (a *App) isLastLive(ctx context.Context, b binding.Binding) (bool, error) {
	others, err := a.storeBindings(ctx, binding.Store{ID: b.StoreID, TenantID: b.TenantID})
	if err != nil {
		return false, err
	}
	for _, other := range others {
		if other.ID != b.ID && other.Status.IsLive() {
			return false, nil
		}
	}
	return true, nil
}

// withdrawConsent unlinks the organisation at the provider, best effort, and
// ends the grant unless another binding of the tenant lives on it.
func (a *App) withdrawConsent(ctx context.Context, b binding.Binding, grantID string) error {
	if grantID == "" {
		return nil
	}
	lived := b
	lived.GrantID = grantID
	if err := a.unlinkThere(ctx, lived); err != nil {
		a.Log.WarnContext(ctx, "the provider did not take the withdrawal", "binding_id", b.ID, "error", err)
	}
	page := ports.Page{First: 200}
	for {
		bindings, err := a.Bindings.ListBindings(ctx, b.TenantID, ports.BindingFilter{Provider: b.Provider}, page)
		if err != nil {
			return fmt.Errorf("listing bindings: %w", err)
		}
		for _, other := range bindings.Rows {
			if other.GrantID == grantID {
				return nil
			}
		}
		if !bindings.HasNext {
			break
		}
		page.After = bindings.Cursors[len(bindings.Cursors)-1]
	}
	if err := a.Grants.RevokeGrant(ctx, b.TenantID, grantID, a.Now()); err != nil {
		return fmt.Errorf("ending the grant: %w", err)
	}
	return nil
}

func (a *App) unlinkThere(ctx context.Context, b binding.Binding) error {
	provider, err := a.provider(b)
	if err != nil {
		return err
	}
	return a.withSession(ctx, b, func(s session) error {
		return provider.Revoke(ctx, ports.Tokens{AccessToken: s.AccessToken}, b.Organisation.LinkID)
	})
}
