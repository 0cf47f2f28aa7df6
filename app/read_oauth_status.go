package app

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// ConsentStatus is what is known here of a binding's consent.
type ConsentStatus string

// The states of a consent.
const (
	// ConsentMissing was never given.
	ConsentMissing ConsentStatus = "missing"
	// ConsentValid has an access token that can be used now.
	ConsentValid ConsentStatus = "valid"
	// ConsentRenewable has an access token that is renewed at its next use.
	ConsentRenewable ConsentStatus = "renewable"
	// ConsentLapsed was refused by the provider: connect again.
	ConsentLapsed ConsentStatus = "lapsed"
	// ConsentRevoked was withdrawn here.
	ConsentRevoked ConsentStatus = "revoked"
)

// OAuthStatus is a binding with its consent. It carries no token.
type OAuthStatus struct {
	Binding binding.Binding
	Status  ConsentStatus
	// AccessExpiresAt and RefreshedAt are nil without a consent.
	AccessExpiresAt *time.Time
	RefreshedAt     *time.Time
	RevokedAt       *time.Time
}

// ReadOAuthStatus lists the consents of the bindings the principal may use, as
// they are stored. It asks no provider.
func (a *App) ReadOAuthStatus(ctx context.Context, p access.Principal) ([]OAuthStatus, error) {
	if err := p.Require(access.ScopeSettingsRead); err != nil {
		return nil, err
	}
	bindings, err := a.bindingsOf(ctx, p.TenantID, ports.BindingFilter{StoreID: p.StoreID, ID: p.BindingID})
	if err != nil {
		return nil, err
	}
	out := make([]OAuthStatus, 0, len(bindings))
	for _, b := range bindings {
		status, err := a.oauthStatus(ctx, b)
		if err != nil {
			return nil, err
		}
		out = append(out, status)
	}
	return out, nil
}

func (a *App) oauthStatus(ctx context.Context, b binding.Binding) (OAuthStatus, error) {
	missing := OAuthStatus{Binding: b, Status: ConsentMissing}
	if b.GrantID == "" {
		return missing, nil
	}
	grant, err := a.Grants.FindGrant(ctx, b.TenantID, b.GrantID)
	if fault.IsKind(err, fault.NotFound) {
		return missing, nil
	}
	if err != nil {
		return OAuthStatus{}, fmt.Errorf("finding the grant of %s: %w", b.ID, err)
	}
	out := OAuthStatus{Binding: b, RevokedAt: grant.RevokedAt}
	if !grant.AccessExpiresAt.IsZero() {
		out.AccessExpiresAt = &grant.AccessExpiresAt
	}
	if !grant.RefreshedAt.IsZero() {
		out.RefreshedAt = &grant.RefreshedAt
	}
	switch {
	case grant.RevokedAt != nil:
		out.Status = ConsentRevoked
	case b.Status == binding.StatusUnlinked:
		out.Status = ConsentLapsed
	case grant.IsFresh(a.Now()):
		out.Status = ConsentValid
	default:
		out.Status = ConsentRenewable
	}
	return out, nil
}
