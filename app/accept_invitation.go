package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/ports"
)

// OpenInvitation is what the holder of an invitation's link may know of it.
type OpenInvitation struct {
	Email  string
	Tenant string
}

// ReadInvitation reads an invitation by its link's token, without using it up.
// Any token that does not work is LinkInvalid.
func (a *App) ReadInvitation(ctx context.Context, token string) (OpenInvitation, error) {
	invitation, err := a.Invitations.FindInvitation(ctx, access.DigestSecret(token), a.Now())
	if err != nil {
		return OpenInvitation{}, linkError("finding the invitation", err)
	}
	tenant, err := a.Tenants.FindTenant(ctx, invitation.TenantID)
	if err != nil {
		return OpenInvitation{}, fmt.Errorf("finding the tenant: %w", err)
	}
	return OpenInvitation{Email: invitation.Email, Tenant: tenant.Name}, nil
}

// AcceptInvitation makes the invited person a member, once, with the password
// chosen, and signs in. Any token that does not work is LinkInvalid; a person
// who is a member of another account is a Conflict.
func (a *App) AcceptInvitation(ctx context.Context, token, password string, from Browser) (SignedIn, error) {
	if err := access.CheckPassword(password, "password"); err != nil {
		return SignedIn{}, err
	}
	digest := access.DigestSecret(token)
	// Only a link that works is worth a hash.
	invitation, err := a.Invitations.FindInvitation(ctx, digest, a.Now())
	if err != nil {
		return SignedIn{}, linkError("finding the invitation", err)
	}
	hash, err := a.Passwords.Hash(ctx, password)
	if err != nil {
		return SignedIn{}, fmt.Errorf("hashing the password: %w", err)
	}
	joining := ports.NewMember{ID: a.NewID("mem"), PasswordHash: hash, JoinedAt: a.Now()}
	who := access.Member{ID: joining.ID, TenantID: invitation.TenantID, Email: invitation.Email, Role: invitation.Role}.Principal("")
	entry := a.entry(who, audit.MemberJoined, joining.ID, map[string]any{"invitation": invitation.ID, "role": string(invitation.Role)})
	member, err := a.Invitations.AcceptInvitation(ctx, digest, joining, entry)
	if err != nil {
		return SignedIn{}, linkError("accepting the invitation", err)
	}
	return a.openSession(ctx, member, from)
}
