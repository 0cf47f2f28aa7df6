package access

import "time"

// Role is what a member may do.
type Role string

// The roles, strongest first.
const (
	RoleOwner  Role = "owner"
	RoleAdmin  Role = "admin"
	RoleViewer Role = "viewer"
)

// ParseRole reads a role as stored.
func ParseRole(text string) (Role, bool) {
	switch role := Role(text); role {
	case RoleOwner, RoleAdmin, RoleViewer:
		return role, true
	}
	return "", false
}

// Scopes is what a member of the role may do.
func (r Role) Scopes() Scopes {
	switch r {
	case RoleOwner, RoleAdmin:
		return Scopes{ScopeAdmin}
	case RoleViewer:
		return Scopes{ScopeStatusRead, ScopeRunsRead, ScopeSettingsRead}
	}
	return nil
}

// Member is a person who signs in to a tenant.
type Member struct {
	ID       string
	TenantID TenantID
	// Email is lower case and unique on the server.
	Email string
	Role  Role
	// PasswordHash is an argon2id PHC string.
	PasswordHash string
	// LastSignedInAt is nil when the member never signed in.
	LastSignedInAt *time.Time
	CreatedAt      time.Time
}

// Principal is the member who calls from a browser session.
func (m Member) Principal(sessionID string) Principal {
	return Principal{Kind: KindMember, TenantID: m.TenantID, ID: m.ID, Name: m.Email, Role: m.Role, SessionID: sessionID, Scopes: m.Role.Scopes()}
}
