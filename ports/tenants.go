package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
)

// Tenants stores tenants, their members and their API keys.
type Tenants interface {
	// CreateTenant stores a tenant with its first member and its first keys, all
	// or nothing. A member's e-mail address in use is a Conflict.
	CreateTenant(ctx context.Context, tenant access.Tenant, owner access.Member, first *access.APIKey, entries ...audit.Entry) error
	// FindTenant finds a tenant by id, or NotFound.
	FindTenant(ctx context.Context, id access.TenantID) (access.Tenant, error)
	// ListTenants lists every tenant, oldest first. It is for operators.
	ListTenants(ctx context.Context) ([]access.Tenant, error)

	// CreateAPIKey stores a key.
	CreateAPIKey(ctx context.Context, key access.APIKey, entries ...audit.Entry) error
	// FindAPIKey finds a key by its secret's digest, live or not, or NotFound.
	FindAPIKey(ctx context.Context, digest string) (access.APIKey, error)
	// ListAPIKeys lists a tenant's keys, newest first.
	ListAPIKeys(ctx context.Context, tenant access.TenantID) ([]access.APIKey, error)
	// RevokeAPIKey ends a key at the given time; a second call changes nothing.
	// Another tenant's key is NotFound.
	RevokeAPIKey(ctx context.Context, tenant access.TenantID, id string, at time.Time, entries ...audit.Entry) error
	// RotateAPIKey stores the end and the successor of a key together with the
	// successor. A key that was revoked or rotated meanwhile is a Conflict, and
	// nothing is stored.
	RotateAPIKey(ctx context.Context, old, successor access.APIKey, entries ...audit.Entry) error
	// RenewAPIKey gives a key the secret that key.Prefix and key.Digest are of. One
	// that was used, revoked or rotated is a Conflict.
	RenewAPIKey(ctx context.Context, key access.APIKey, entries ...audit.Entry) error
	// TouchAPIKey notes that a key was used. It never takes the time back.
	TouchAPIKey(ctx context.Context, id string, used time.Time) error
}
