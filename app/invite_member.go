package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// freeInvitations is how many one tenant sends before it has to wait, so that
// nobody's mail server serves strangers.
const freeInvitations = 50

// Invited is an invitation with the link that accepts it, once.
type Invited struct {
	Invitation access.Invitation
	Link       string
}

// InviteMember invites a person to the principal's tenant, in place of an
// earlier invitation of the same person, and sends the link. Only an owner
// replaces the invitation of an owner. It is made even
// when the message cannot be sent: the link is returned, and the failure logged.
// After fifty in a row each further one waits longer.
func (a *App) InviteMember(ctx context.Context, p access.Principal, address string, role access.Role) (Invited, error) {
	if err := p.RequireAdmin(); err != nil {
		return Invited{}, err
	}
	if err := p.MayGrant(role); err != nil {
		return Invited{}, err
	}
	email, err := access.ParseEmail(address)
	if err != nil {
		return Invited{}, err
	}
	switch member, err := a.Members.FindMemberByEmail(ctx, email); {
	case err == nil && member.TenantID == p.TenantID:
		return Invited{}, fault.New(fault.CodeConflict, "This person is a member already.")
	case err != nil && !fault.IsKind(err, fault.NotFound):
		return Invited{}, fmt.Errorf("looking for the member: %w", err)
	}
	if err := a.try(ctx, "invite:tenant:"+string(p.TenantID), freeInvitations); err != nil {
		return Invited{}, err
	}
	tenant, err := a.FindTenant(ctx, p)
	if err != nil {
		return Invited{}, err
	}
	token, err := a.newToken()
	if err != nil {
		return Invited{}, err
	}
	now := a.Now()
	invitation := access.Invitation{
		ID: a.NewID("inv"), TenantID: p.TenantID, Email: email, Role: role, InvitedBy: p.Name,
		Digest: access.DigestSecret(token), ExpiresAt: now.Add(access.InvitationLife), CreatedAt: now,
	}
	if err := a.Invitations.PutInvitation(ctx, invitation, p.MayGrant(access.RoleOwner) == nil, a.entry(p, audit.MemberInvited, invitation.ID, map[string]any{"role": string(role)})); err != nil {
		return Invited{}, fmt.Errorf("storing the invitation: %w", err)
	}
	link := a.oneTimeLink("/accept-invitation", token)
	err = a.Mail.Send(ctx, ports.Message{
		To: email, About: invitation.ID, Subject: "Invitation to " + tenant.Name,
		Text: fmt.Sprintf("%s invites you to join %s at %s. This link accepts, once, within 7 days.", p.Name, tenant.Name, a.PublicURL),
		Link: link,
	})
	if err != nil {
		a.Log.ErrorContext(ctx, "an invitation could not be sent", "invitation", invitation.ID, "error", err)
	}
	return Invited{Invitation: invitation, Link: link}, nil
}
