package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
)

// Sessions stores the browsers in which members are signed in.
type Sessions interface {
	// CreateSession stores a session, notes when its member signed in, and ends the
	// session whose digest it replaces; empty replaces none. A removed member, or
	// one whose password has changed since the member was read, is NotFound.
	CreateSession(ctx context.Context, member access.Member, session access.Session, replaces string, entries ...audit.Entry) error
	// FindSession finds a session by its token's digest, live or not, with its
	// member as it is now, or NotFound.
	FindSession(ctx context.Context, digest string) (access.Session, access.Member, error)
	// TouchSession notes that the session was used. It never takes the time back.
	TouchSession(ctx context.Context, id string, seen time.Time) error
	// ListSessions lists the member's sessions that are live at the given time,
	// newest first.
	ListSessions(ctx context.Context, tenant access.TenantID, memberID string, now time.Time) ([]access.Session, error)
	// EndSession ends one of the member's sessions; anybody else's is NotFound.
	EndSession(ctx context.Context, tenant access.TenantID, memberID, id string, entries ...audit.Entry) error
	// EndSessionOf ends the session with the token's digest, if there is one.
	EndSessionOf(ctx context.Context, digest string, entries ...audit.Entry) error
}
