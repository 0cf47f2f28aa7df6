package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
)

// Members stores the people of tenants and the links by which they set a new
// password. A tenant that has an owner keeps one, whatever happens at once.
type Members interface {
	// FindMember finds a member by id. Another tenant's member is NotFound.
	FindMember(ctx context.Context, tenant access.TenantID, id string) (access.Member, error)
	// FindMemberByEmail finds a member of any tenant by the lower-case address, or
	// NotFound. It is for signing in.
	FindMemberByEmail(ctx context.Context, email string) (access.Member, error)
	// ListMembers pages through a tenant's members, oldest first.
	ListMembers(ctx context.Context, tenant access.TenantID, page Page) (Paged[access.Member], error)
	// ChangeMemberRole gives a member, as it was read, another role and ends its
	// sessions except the one kept. It is a Conflict when the member's role has
	// changed since, LastOwner when no owner would be left, and NotFound when
	// there is no such member.
	ChangeMemberRole(ctx context.Context, member access.Member, role access.Role, keepSession string, entries ...audit.Entry) error
	// RemoveMember removes a member, as it was read, with its sessions and links.
	// It fails like ChangeMemberRole.
	RemoveMember(ctx context.Context, member access.Member, entries ...audit.Entry) error
	// SetPassword stores a new password's hash, ends the member's sessions except
	// the one kept, and its links. It is a Conflict when the hash has changed since
	// the member was read.
	SetPassword(ctx context.Context, member access.Member, hash, keepSession string, entries ...audit.Entry) error

	// AddPasswordReset stores a link.
	AddPasswordReset(ctx context.Context, reset access.PasswordReset) error
	// FindPasswordReset finds the link that can be used at the given time, or
	// NotFound.
	FindPasswordReset(ctx context.Context, digest string, now time.Time) (access.PasswordReset, error)
	// ResetPassword uses the link up, stores the hash, and ends all of the member's
	// sessions and links. Of several calls with one link one succeeds; the others
	// are NotFound, and so is a link that ran out.
	ResetPassword(ctx context.Context, digest, hash string, now time.Time, entries ...audit.Entry) (access.Member, error)
}
