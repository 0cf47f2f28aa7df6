package access

import (
	"encoding/base64"
	"time"
)

// How long a session lasts.
const (
	// SessionLife is how long a session lasts at most.
	SessionLife = 30 * 24 * time.Hour
	// SessionIdle is how long a session lasts without being used.
	SessionIdle = 7 * 24 * time.Hour
)

// Session is a browser in which a member is signed in. The browser keeps the
// token; only its digest is stored.
type Session struct {
	ID       string
	TenantID TenantID
	MemberID string
	// Digest is the hex SHA-256 of the token.
	Digest string
	// UserAgent is the browser as it names itself.
	UserAgent string
	CreatedAt time.Time
	// LastSeenAt is to the minute.
	LastSeenAt time.Time
	ExpiresAt  time.Time
}

// EndsAt is when the session ends unless it is used again.
func (s Session) EndsAt() time.Time {
	if idle := s.LastSeenAt.Add(SessionIdle); idle.Before(s.ExpiresAt) {
		return idle
	}
	return s.ExpiresAt
}

// IsLive reports whether the session may be used at the given time.
func (s Session) IsLive(now time.Time) bool { return now.Before(s.EndsAt()) }

// NewToken makes the secret of a session or a one-time link from 32 random
// bytes. It needs no escaping in cookies and addresses.
func NewToken(random [32]byte) string { return base64.RawURLEncoding.EncodeToString(random[:]) }
