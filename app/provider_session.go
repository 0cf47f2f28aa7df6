package app

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/app/failpoint"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

const (
	// refreshPoll is how often a worker looks whether another one is done.
	refreshPoll = 50 * time.Millisecond
	// refreshGrace is how long a superseded refresh token is still taken.
	// Source: Xero, 30 minutes; a minute is left for clocks that differ.
	refreshGrace = 29 * time.Minute
)

type session = ports.Session

// provider is the registry's entry for a binding.
func (a *App) provider(b binding.Binding) (ports.Provider, error) {
	p, ok := a.Providers[b.Provider]
	if !ok {
		return nil, noSuchProvider(b.Provider)
	}
	return p, nil
}

// withSession calls the provider with a fresh access token, and once more with
// a renewed one when the provider says it ran out.
func (a *App) withSession(ctx context.Context, b binding.Binding, call func(session) error) error {
	grant, err := a.freshGrant(ctx, b, "")
	if err != nil {
		return err
	}
	err = call(sessionOf(b, grant))
	if !fault.Is(err, fault.CodeProviderTokenExpired) {
		return err
	}
	if grant, err = a.freshGrant(ctx, b, grant.AccessToken); err != nil {
		return err
	}
	err = call(sessionOf(b, grant))
	if fault.Is(err, fault.CodeProviderTokenExpired) {
		return fault.Wrap(fault.CodeProviderUnlinked, "The provider refuses a token it has just renewed.", err)
	}
	return err
}

func sessionOf(b binding.Binding, g binding.Grant) session {
	return session{OrganisationID: b.Organisation.ID, ShortCode: b.Organisation.ShortCode, AccessToken: g.AccessToken}
}

// freshGrant is the binding's grant with an access token that is not about to
// end and is not the refused one. One worker of all processes renews it; the
// others wait for its result.
func (a *App) freshGrant(ctx context.Context, b binding.Binding, refused string) (binding.Grant, error) {
	usable := func(g binding.Grant) bool { return g.IsFresh(a.Now()) && g.AccessToken != refused }
	grant, err := a.Grants.FindGrant(ctx, b.TenantID, b.GrantID)
	if err != nil {
		if fault.IsKind(err, fault.NotFound) {
			return binding.Grant{}, fault.Wrap(fault.CodeProviderUnlinked, "There is no consent to work with.", err)
		}
		return binding.Grant{}, fmt.Errorf("finding the grant: %w", err)
	}
	holder := a.NewID("hold")
	for !usable(grant) {
		if grant.RevokedAt != nil {
			return binding.Grant{}, fault.New(fault.CodeProviderUnlinked, "The consent was withdrawn.")
		}
		now := a.Now()
		stored, taken, err := a.Grants.LeaseGrant(ctx, b.TenantID, b.GrantID, holder, now, now.Add(leaseLife))
		if err != nil {
			return binding.Grant{}, fmt.Errorf("leasing the grant: %w", err)
		}
		grant = stored
		switch {
		case taken && usable(grant):
			if err := a.Grants.ReleaseGrant(ctx, b.TenantID, grant.ID, holder); err != nil {
				return binding.Grant{}, fmt.Errorf("releasing the grant: %w", err)
			}
		case taken:
			return a.refreshGrant(ctx, b, grant, holder)
		default:
			if err := pauseFor(ctx, refreshPoll); err != nil {
				return binding.Grant{}, fault.Wrap(fault.CodeProviderUnavailable, "Waiting for a token took too long.", err)
			}
		}
	}
	return grant, nil
}

// refreshGrant renews a leased grant and commits the new tokens before anybody
// uses them. When the answer is lost nothing changed here, and the same refresh
// token is tried again: the provider takes it for a grace period. A refused
// token is followed by the one it replaced, within that period.
func (a *App) refreshGrant(ctx context.Context, b binding.Binding, grant binding.Grant, holder string) (binding.Grant, error) {
	provider, err := a.provider(b)
	if err != nil {
		return binding.Grant{}, err
	}
	stop := a.keepGrant(ctx, grant, holder)
	defer stop()
	used := grant.RefreshToken
	tokens, err := provider.Refresh(ctx, used)
	if fault.IsKind(err, fault.Unavailable) {
		tokens, err = provider.Refresh(ctx, used)
	}
	if fault.Is(err, fault.CodeProviderUnlinked) && grant.PreviousRefreshToken != "" && a.Now().Sub(grant.RefreshedAt) < refreshGrace {
		used = grant.PreviousRefreshToken
		tokens, err = provider.Refresh(ctx, used)
	}
	stop()
	if err != nil {
		if released := a.Grants.ReleaseGrant(ctx, b.TenantID, grant.ID, holder); released != nil {
			a.Log.WarnContext(ctx, "releasing a grant failed; its lease will run out", "grant_id", grant.ID, "error", released)
		}
		return binding.Grant{}, fmt.Errorf("refreshing the token: %w", err)
	}
	grant.AccessToken, grant.RefreshToken, grant.PreviousRefreshToken = tokens.AccessToken, tokens.RefreshToken, used
	grant.AccessExpiresAt, grant.RefreshedAt = tokens.ExpiresAt, a.Now()
	grant.Version++
	failpoint.Hit("refresh.after")
	if err := a.Grants.SaveTokens(ctx, grant, holder); err != nil {
		return binding.Grant{}, fmt.Errorf("storing the refreshed tokens: %w", err)
	}
	return grant, nil
}

// keepGrant prolongs the lease of a grant until the returned function is called,
// so that a refresh may take its time and a killed one holds nobody up for long.
// A lease that another worker took stays theirs: storing the tokens will fail.
func (a *App) keepGrant(ctx context.Context, grant binding.Grant, holder string) func() {
	return beating(ctx, func(ctx context.Context) {
		now := a.Now()
		if _, _, err := a.Grants.LeaseGrant(ctx, grant.TenantID, grant.ID, holder, now, now.Add(leaseLife)); err != nil {
			a.Log.WarnContext(ctx, "prolonging the lease of a grant failed", "grant_id", grant.ID, "error", err)
		}
	})
}

// pauseFor waits, or ends early with the context.
func pauseFor(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
