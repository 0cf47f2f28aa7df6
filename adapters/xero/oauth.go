package xero

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// accessLife is the life of an access token whose answer does not say.
const accessLife = 30 * time.Minute

// AuthorizationURL is Xero's consent screen for the app, with the PKCE
// challenge of the verifier.
func (p *Provider) AuthorizationURL(state, verifier, redirectURL string) (string, error) {
	if err := p.configured(); err != nil {
		return "", err
	}
	app := p.oauth
	app.RedirectURL = redirectURL
	return app.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier)), nil
}

// Exchange turns a code into tokens. A code works once, so that a second call
// with it reports provider_unlinked.
func (p *Provider) Exchange(ctx context.Context, code, verifier, redirectURL string) (ports.Tokens, error) {
	if err := p.configured(); err != nil {
		return ports.Tokens{}, err
	}
	app := p.oauth
	app.RedirectURL = redirectURL
	asked := p.now()
	token, err := app.Exchange(p.identityContext(ctx), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return ports.Tokens{}, p.tokenFault(err)
	}
	return tokensOf(token, asked), nil
}

// Refresh renews tokens. Xero takes a refresh token that was used before for
// another 30 minutes, so that a lost answer can be asked for again.
func (p *Provider) Refresh(ctx context.Context, refreshToken string) (ports.Tokens, error) {
	if err := p.configured(); err != nil {
		return ports.Tokens{}, err
	}
	if refreshToken == "" {
		return ports.Tokens{}, fault.New(fault.CodeProviderUnlinked, "There is no consent for this Xero user.")
	}
	asked := p.now()
	token, err := p.oauth.TokenSource(p.identityContext(ctx), &oauth2.Token{RefreshToken: refreshToken}).Token()
	if err != nil {
		return ports.Tokens{}, p.tokenFault(err)
	}
	return tokensOf(token, asked), nil
}

func (p *Provider) identityContext(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, p.identity)
}

func tokensOf(t *oauth2.Token, asked time.Time) ports.Tokens {
	life := time.Duration(t.ExpiresIn) * time.Second
	if life <= 0 {
		life = accessLife
	}
	idToken, _ := t.Extra("id_token").(string)
	return ports.Tokens{
		AccessToken:  t.AccessToken,
		RefreshToken: t.RefreshToken,
		ExpiresAt:    asked.Add(life),
		Subject:      cmp.Or(subjectOf(t.AccessToken), subjectOf(idToken)),
	}
}

// subjectOf is the Xero user named in a token that came from Xero itself over
// its own connection, and is therefore read without a check of its signature.
func subjectOf(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims struct {
		UserID string `json:"xero_userid"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	return claims.UserID
}

// tokenFault classifies what the token endpoint refused. The answer's body is
// not kept. A refusal that does not name its reason may be anybody's on the
// way, so that it never ends a consent.
func (p *Provider) tokenFault(err error) error {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return fault.Wrap(fault.CodeProviderUnavailable, "Xero's sign-in service cannot be reached.", err)
	}
	return p.identityFault(refused.Response.StatusCode, refused.Response.Header, refused.ErrorCode)
}

func (p *Provider) identityFault(status int, header http.Header, reason string) error {
	cause := fmt.Errorf("the token endpoint answered %d %q", status, reason)
	switch {
	case status == http.StatusTooManyRequests:
		return fault.Wrap(fault.CodeRateLimited, "Xero's sign-in service asked us to wait.", cause).WithWait(throttleWait(header, p.now()))
	case status >= http.StatusInternalServerError:
		return fault.Wrap(fault.CodeProviderUnavailable, "Xero's sign-in service cannot answer now.", cause)
	}
	switch reason {
	case "invalid_grant":
		return fault.Wrap(fault.CodeProviderUnlinked, "Xero no longer accepts the consent.", cause)
	case "invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type", "invalid_request":
		return fault.Wrap(fault.CodeProviderMisconfigured, "Xero does not accept this server's app.", cause)
	default:
		return fault.Wrap(fault.CodeProviderUnavailable, "Xero's sign-in service refused without a reason.", cause)
	}
}

// revokeConsent withdraws everything the user granted to the app. Xero answers
// the same for a token that it does not know.
func (p *Provider) revokeConsent(ctx context.Context, refreshToken string) error {
	if err := p.configured(); err != nil {
		return err
	}
	if refreshToken == "" {
		return nil
	}
	form := url.Values{"token": {refreshToken}}
	if p.oauth.ClientSecret == "" {
		form.Set("client_id", p.oauth.ClientID)
	}
	outgoing, err := http.NewRequestWithContext(ctx, http.MethodPost, p.identityURL+"/connect/revocation", strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}
	outgoing.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if p.oauth.ClientSecret != "" {
		outgoing.SetBasicAuth(url.QueryEscape(p.oauth.ClientID), url.QueryEscape(p.oauth.ClientSecret))
	}
	response, err := p.identity.Do(outgoing)
	if err != nil {
		return fault.Wrap(fault.CodeProviderUnavailable, "Xero's sign-in service cannot be reached.", err)
	}
	defer response.Body.Close()
	if response.StatusCode < 300 {
		return nil
	}
	var refused struct {
		Error string `json:"error"`
	}
	if json.NewDecoder(response.Body).Decode(&refused) != nil {
		refused.Error = ""
	}
	if refused.Error == "invalid_grant" {
		return nil
	}
	return p.identityFault(response.StatusCode, response.Header, refused.Error)
}
