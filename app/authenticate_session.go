package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

// AuthenticateSession turns a browser session's token into a principal with
// what its member may do now. A token that is unknown or has ended is a zero
// principal and no error: whoever holds it is nobody.
func (a *App) AuthenticateSession(ctx context.Context, token string) (access.Principal, error) {
	session, member, err := a.Sessions.FindSession(ctx, access.DigestSecret(token))
	switch now := a.Now(); {
	case fault.IsKind(err, fault.NotFound):
		return access.Principal{}, nil
	case err != nil:
		return access.Principal{}, fmt.Errorf("finding the session: %w", err)
	case !session.IsLive(now):
		return access.Principal{}, nil
	case a.uses.isFirst(session.ID, now, &session.LastSeenAt):
		a.note(ctx, "session", session.ID, a.Sessions.TouchSession)
	}
	return member.Principal(session.ID), nil
}

// note stores that a key or session was used. A failure costs a minute of
// accuracy and nobody their answer.
func (a *App) note(ctx context.Context, kind, id string, touch func(context.Context, string, time.Time) error) {
	if err := touch(ctx, id, a.Now().Truncate(time.Minute)); err != nil {
		a.Log.WarnContext(ctx, "noting a use failed", "kind", kind, "id", id, "error", err)
	}
}

// uses remembers which keys and sessions were used in the current minute, so
// that each is noted once a minute by this process and not with every request.
type uses struct {
	mu     sync.Mutex
	minute time.Time
	seen   map[string]struct{}
}

// isFirst reports whether the use is the first of its minute here and later
// than the one stored.
func (u *uses) isFirst(id string, now time.Time, stored *time.Time) bool {
	minute := now.Truncate(time.Minute)
	if stored != nil && !stored.Before(minute) {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.minute.Equal(minute) {
		u.minute, u.seen = minute, map[string]struct{}{}
	}
	if _, ok := u.seen[id]; ok {
		return false
	}
	u.seen[id] = struct{}{}
	return true
}
