package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
)

// RevokeInvitation takes an invitation back: its link no longer works. One
// beyond the principal, used or taken back is NotFound; only an owner takes back
// the invitation of an owner.
func (a *App) RevokeInvitation(ctx context.Context, p access.Principal, id string) error {
	invitation, err := a.FindInvitation(ctx, p, id)
	if err != nil {
		return err
	}
	if err := p.MayGrant(invitation.Role); err != nil {
		return err
	}
	if err := a.Invitations.RevokeInvitation(ctx, p.TenantID, id, a.entry(p, audit.InvitationRevoked, id, nil)); err != nil {
		return fmt.Errorf("taking the invitation back: %w", err)
	}
	return nil
}
