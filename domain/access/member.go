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
	CreatedAt    time.Time
}
