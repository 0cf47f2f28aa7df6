package app

import (
	"context"
	"fmt"
	"slices"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

// ListSessions lists where the calling member is signed in, newest first; other
// callers are nowhere.
func (a *App) ListSessions(ctx context.Context, p access.Principal) ([]access.Session, error) {
	if p.Kind != access.KindMember {
		return nil, nil
	}
	sessions, err := a.Sessions.ListSessions(ctx, p.TenantID, p.ID, a.Now())
	if err != nil {
		return nil, fmt.Errorf("listing the sessions: %w", err)
	}
	return sessions, nil
}

// FindSession finds one of the calling member's sessions. Any other is NotFound.
func (a *App) FindSession(ctx context.Context, p access.Principal, id string) (access.Session, error) {
	sessions, err := a.ListSessions(ctx, p)
	if err != nil {
		return access.Session{}, err
	}
	at := slices.IndexFunc(sessions, func(s access.Session) bool { return s.ID == id })
	if at < 0 {
		return access.Session{}, fault.New(fault.CodeNotFound, "There is no such session.")
	}
	return sessions[at], nil
}
