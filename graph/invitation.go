package graph

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/graph/model"
)

// Invitations lists the invitations that can be accepted.
func (q query) Invitations(ctx context.Context) ([]model.Invitation, error) {
	invitations, err := q.app.ListInvitations(ctx, principalOf(ctx))
	return shaped(invitations, shapeInvitation), err
}

// InviteMember invites a person.
func (m mutation) InviteMember(ctx context.Context, input model.InviteMemberInput) (*model.InviteMemberPayload, error) {
	invited, problems, err := answered(m.app.InviteMember(ctx, principalOf(ctx), input.Email, input.Role))
	if err != nil || invited == nil {
		return &model.InviteMemberPayload{UserErrors: problems}, err
	}
	invitation := shapeInvitation(invited.Invitation)
	return &model.InviteMemberPayload{Invitation: &invitation, Link: &invited.Link, UserErrors: problems}, nil
}

// RevokeInvitation takes an invitation back.
func (m mutation) RevokeInvitation(ctx context.Context, input model.RevokeInvitationInput) (*model.RevokeInvitationPayload, error) {
	id, problems, err := answered(input.InvitationID, m.app.RevokeInvitation(ctx, principalOf(ctx), input.InvitationID))
	if err != nil {
		return nil, err
	}
	return &model.RevokeInvitationPayload{RevokedInvitationID: id, UserErrors: problems}, nil
}

func shapeInvitation(i access.Invitation) model.Invitation {
	return model.Invitation{ID: i.ID, Email: i.Email, Role: i.Role, InvitedBy: i.InvitedBy, ExpiresAt: i.ExpiresAt, CreatedAt: i.CreatedAt}
}
