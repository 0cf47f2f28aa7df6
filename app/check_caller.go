package app

import (
	"context"
	"fmt"
	"slices"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

// CheckCaller reports whether what a caller was let in with still holds, for
// calls that last. A key that was revoked or has expired, a session that has
// ended and a shop without a live key are Unauthenticated.
func (a *App) CheckCaller(ctx context.Context, p access.Principal) error {
	var holds bool
	var err error
	switch p.Kind {
	case access.KindAPIKey:
		holds, err = a.holdsKey(ctx, p)
	case access.KindMember:
		holds, err = a.holdsSession(ctx, p)
	case access.KindMagento:
		holds, err = a.holdsShopKey(ctx, p)
	case access.KindSystem:
		return nil
	}
	if err != nil {
		return err
	}
	if !holds {
		return fault.New(fault.CodeUnauthenticated, "The session has ended, or the key does not work any more.")
	}
	return nil
}

func (a *App) holdsKey(ctx context.Context, p access.Principal) (bool, error) {
	keys, err := a.Tenants.ListAPIKeys(ctx, p.TenantID)
	if err != nil {
		return false, fmt.Errorf("listing the API keys: %w", err)
	}
	now := a.Now()
	return slices.ContainsFunc(keys, func(k access.APIKey) bool { return k.ID == p.ID && k.IsLive(now) }), nil
}

func (a *App) holdsSession(ctx context.Context, p access.Principal) (bool, error) {
	sessions, err := a.Sessions.ListSessions(ctx, p.TenantID, p.ID, a.Now())
	if err != nil {
		return false, fmt.Errorf("listing the sessions: %w", err)
	}
	return slices.ContainsFunc(sessions, func(s access.Session) bool { return s.ID == p.SessionID }), nil
}

func (a *App) holdsShopKey(ctx context.Context, p access.Principal) (bool, error) {
	keys, err := a.Stores.ListLiveKeys(ctx, p.TenantID, a.Now())
	if err != nil {
		return false, fmt.Errorf("listing the shop's keys: %w", err)
	}
	for _, key := range keys {
		if key.StoreID == p.StoreID {
			return true, nil
		}
	}
	return false, nil
}
