package app

import (
	"context"
	"crypto/subtle"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
)

// ConsentCallback is what the provider's redirect brought.
type ConsentCallback struct {
	Provider binding.Provider
	State    string
	Code     string
	// Error is the provider's word when consent was refused.
	Error string
	// SessionDigest is the browser's session, empty for none.
	SessionDigest string
}

// CompletedConsent is where a consent led.
type CompletedConsent struct {
	Binding  binding.Binding
	ReturnTo string
	// Choices are the organisations reached when the merchant must choose one.
	Choices []binding.Organisation
}

// CompleteAuthorisation ends a consent: it takes the state, which works once,
// exchanges the code, and links the organisation when there is only one, or
// when the binding's former one is among them. The state is the only
// credential. With several organisations the binding waits for a choice.
func (a *App) CompleteAuthorisation(ctx context.Context, in ConsentCallback) (CompletedConsent, error) {
	now := a.Now()
	auth, err := a.Grants.TakeAuthorisation(ctx, digestState(in.State), now)
	if err != nil && !fault.IsKind(err, fault.NotFound) {
		return CompletedConsent{}, fmt.Errorf("taking the authorisation: %w", err)
	}
	if err != nil || auth.Provider != in.Provider || !sameSession(auth.SessionDigest, in.SessionDigest) {
		return CompletedConsent{}, fault.New(fault.CodeStateInvalid, "This link was used before, has expired, or was not made here.")
	}
	if in.Error != "" || in.Code == "" {
		return CompletedConsent{}, fault.New(fault.CodeConsentRefused, "Access was not allowed at the provider.")
	}
	b, err := a.Bindings.FindBinding(ctx, auth.TenantID, auth.BindingID)
	if err != nil {
		return CompletedConsent{}, fmt.Errorf("finding the binding: %w", err)
	}
	if err := b.MayAuthorise(); err != nil {
		return CompletedConsent{}, err
	}
	provider, err := a.provider(b)
	if err != nil {
		return CompletedConsent{}, err
	}
	tokens, err := provider.Exchange(ctx, in.Code, auth.Verifier, auth.RedirectURL)
	if err != nil {
		return CompletedConsent{}, fmt.Errorf("exchanging the code: %w", err)
	}
	subject := tokens.Subject
	if subject == "" {
		subject = b.ID
	}
	grant, err := a.Grants.PutGrant(ctx, binding.Grant{
		ID: a.NewID("tok"), TenantID: b.TenantID, Provider: b.Provider, Subject: subject,
		AccessToken: tokens.AccessToken, RefreshToken: tokens.RefreshToken,
		AccessExpiresAt: tokens.ExpiresAt, RefreshedAt: now, Version: 1,
	})
	if err != nil {
		return CompletedConsent{}, fmt.Errorf("storing the grant: %w", err)
	}
	organisations, err := provider.Organisations(ctx, tokens)
	if err != nil {
		return CompletedConsent{}, fmt.Errorf("listing the organisations: %w", err)
	}
	who := access.Principal{Kind: auth.PrincipalKind, TenantID: auth.TenantID, ID: auth.PrincipalID, Name: auth.PrincipalName}
	return a.chooseOrganisation(ctx, who, b, grant, organisations, auth.ReturnTo)
}

func sameSession(asked, came string) bool {
	return asked == "" || subtle.ConstantTimeCompare([]byte(asked), []byte(came)) == 1
}

func (a *App) chooseOrganisation(ctx context.Context, p access.Principal, b binding.Binding, grant binding.Grant, reached []binding.Organisation, returnTo string) (CompletedConsent, error) {
	b.GrantID = grant.ID
	chosen := -1
	for i, o := range reached {
		if o.ID == b.Organisation.ID || (len(reached) == 1 && b.Organisation.ID == "") {
			chosen = i
		}
	}
	if chosen < 0 {
		b, err := a.Bindings.SaveBinding(ctx, b, a.Now())
		if err != nil {
			return CompletedConsent{}, fmt.Errorf("storing the consent: %w", err)
		}
		return CompletedConsent{Binding: b, ReturnTo: returnTo, Choices: reached}, nil
	}
	b, err := a.link(ctx, p, b, reached[chosen])
	if err != nil {
		return CompletedConsent{}, err
	}
	return CompletedConsent{Binding: b, ReturnTo: returnTo}, nil
}
