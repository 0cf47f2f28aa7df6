package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
)

// AuthorizeProvider is the input of asking for consent.
type AuthorizeProvider struct {
	BindingID string
	// ReturnTo is a path on our own origin to come back to; empty for none.
	ReturnTo string
	// SessionDigest binds the callback to the browser session that asks; empty
	// when no browser asks.
	SessionDigest string
}

// AuthorizeProvider starts consent for a binding and returns the address where
// the merchant gives it. The link works once and for 10 minutes.
func (a *App) AuthorizeProvider(ctx context.Context, p access.Principal, in AuthorizeProvider) (string, error) {
	if err := p.Require(access.ScopeBindingsWrite); err != nil {
		return "", err
	}
	b, err := a.bindingOf(ctx, p, in.BindingID)
	if err != nil {
		return "", err
	}
	if err := b.MayAuthorise(); err != nil {
		return "", err
	}
	if err := checkReturnTo(in.ReturnTo); err != nil {
		return "", err
	}
	state, err := a.randomHex(32)
	if err != nil {
		return "", err
	}
	verifier, err := a.randomHex(32)
	if err != nil {
		return "", err
	}
	provider, err := a.provider(b)
	if err != nil {
		return "", err
	}
	redirectURL := a.PublicURL + "/oauth/" + string(b.Provider) + "/callback"
	address, err := provider.AuthorizationURL(state, verifier, redirectURL)
	if err != nil {
		return "", fmt.Errorf("building the consent address: %w", err)
	}
	err = a.Grants.CreateAuthorisation(ctx, binding.Authorisation{
		StateDigest: digestState(state), TenantID: p.TenantID, BindingID: b.ID, Provider: b.Provider,
		PrincipalKind: p.Kind, PrincipalID: p.ID, PrincipalName: p.Name, SessionDigest: in.SessionDigest, Verifier: verifier, RedirectURL: redirectURL,
		ReturnTo: in.ReturnTo, ExpiresAt: a.Now().Add(binding.AuthorisationLife),
	})
	if err != nil {
		return "", fmt.Errorf("storing the authorisation: %w", err)
	}
	return address, nil
}

// checkReturnTo allows paths on our own origin only.
func checkReturnTo(path string) error {
	if path == "" {
		return nil
	}
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n") {
		return invalidField("returnTo", "returnTo must be a path on this server, such as /dashboard.")
	}
	return nil
}

func digestState(state string) string {
	sum := sha256.Sum256([]byte(state))
	return hex.EncodeToString(sum[:])
}

// bindingOf finds a binding the principal may use, or NotFound.
func (a *App) bindingOf(ctx context.Context, p access.Principal, id string) (binding.Binding, error) {
	b, err := a.Bindings.FindBinding(ctx, p.TenantID, id)
	if err != nil {
		return binding.Binding{}, fmt.Errorf("finding the binding: %w", err)
	}
	if err := p.MayUseBinding(b.ID, b.StoreID); err != nil {
		return binding.Binding{}, err
	}
	return b, nil
}

// noSuchProvider is for a binding whose provider this server was not built with.
func noSuchProvider(key binding.Provider) error {
	return fault.Newf(fault.CodeProviderMisconfigured, "This server has no provider %s.", key)
}
