package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
)

// Invitations stores who may join which tenant.
type Invitations interface {
	// PutInvitation stores an invitation in place of the tenant's earlier one for
	// the same address, whose link no longer works. An open one of an owner is
	// replaced only where mayReplaceOwner says so; otherwise it stays, Denied.
	PutInvitation(ctx context.Context, invitation access.Invitation, mayReplaceOwner bool, entries ...audit.Entry) error
	// FindInvitation finds by the link's digest what can be accepted at the given
	// time, or NotFound.
	FindInvitation(ctx context.Context, digest string, now time.Time) (access.Invitation, error)
	// ListInvitations lists what can be accepted at the given time, newest first.
	ListInvitations(ctx context.Context, tenant access.TenantID, now time.Time) ([]access.Invitation, error)
	// RevokeInvitation takes an invitation back. Another tenant's, and one that is
	// used or taken back, is NotFound.
	RevokeInvitation(ctx context.Context, tenant access.TenantID, id string, entries ...audit.Entry) error
	// AcceptInvitation uses the invitation up and stores its person as a member
	// with the given id, hash and time, all or nothing. Of several calls with one
	// link one succeeds; the others are NotFound, and so is a link that ran out. An
	// address in use is a Conflict.
	AcceptInvitation(ctx context.Context, digest string, member NewMember, entries ...audit.Entry) (access.Member, error)
}

// NewMember is what an invitation does not say of its member.
type NewMember struct {
	ID           string
	PasswordHash string
	JoinedAt     time.Time
}
