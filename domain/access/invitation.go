package access

import "time"

// How long a one-time link works.
const (
	// InvitationLife is how long an invitation can be accepted.
	InvitationLife = 7 * 24 * time.Hour
	// ResetLife is how long a link to a new password works.
	ResetLife = time.Hour
)

// Invitation lets one person join a tenant, once. The person's link carries the
// token; only its digest is stored.
type Invitation struct {
	ID       string
	TenantID TenantID
	// Email is lower case. A tenant has one open invitation for each.
	Email string
	Role  Role
	// InvitedBy is an e-mail address, an API key's name, or system.
	InvitedBy string
	// Digest is the hex SHA-256 of the token.
	Digest    string
	ExpiresAt time.Time
	CreatedAt time.Time
}

// PasswordReset lets one member set a new password, once.
type PasswordReset struct {
	// Digest is the hex SHA-256 of the token.
	Digest    string
	TenantID  TenantID
	MemberID  string
	ExpiresAt time.Time
}
