package app

import (
	"context"
	"fmt"
	"slices"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

// ListInvitations lists what can still be accepted, newest first.
func (a *App) ListInvitations(ctx context.Context, p access.Principal) ([]access.Invitation, error) {
	if err := p.RequireAdmin(); err != nil {
		return nil, err
	}
	invitations, err := a.Invitations.ListInvitations(ctx, p.TenantID, a.Now())
	if err != nil {
		return nil, fmt.Errorf("listing the invitations: %w", err)
	}
	return invitations, nil
}

// FindInvitation finds an invitation by id. One beyond the principal is NotFound.
func (a *App) FindInvitation(ctx context.Context, p access.Principal, id string) (access.Invitation, error) {
	invitations, err := a.ListInvitations(ctx, p)
	if err != nil {
		return access.Invitation{}, err
	}
	at := slices.IndexFunc(invitations, func(i access.Invitation) bool { return i.ID == id })
	if at < 0 {
		return access.Invitation{}, fault.New(fault.CodeNotFound, "There is no such invitation.")
	}
	return invitations[at], nil
}
