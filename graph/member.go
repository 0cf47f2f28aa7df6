package graph

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/graph/model"
)

// Members pages through the account's members.
func (q query) Members(ctx context.Context, first *int, after *string) (*model.MemberConnection, error) {
	asked := paging(first, after)
	page, err := q.app.ListMembers(ctx, principalOf(ctx), asked)
	if err != nil {
		return nil, err
	}
	rows := shaped(page.Rows, shapeMember)
	return &model.MemberConnection{
		Nodes:    rows,
		PageInfo: pageInfo(asked, page.Cursors, page.HasNext),
		Edges: edges(rows, page.Cursors, func(cursor string, member *model.Member) model.MemberEdge {
			return model.MemberEdge{Cursor: cursor, Node: member}
		}),
	}, nil
}

// ChangeMemberRole changes what a member may do.
func (m mutation) ChangeMemberRole(ctx context.Context, input model.ChangeMemberRoleInput) (*model.ChangeMemberRolePayload, error) {
	member, problems, err := answered(m.app.ChangeMemberRole(ctx, principalOf(ctx), input.MemberID, input.Role))
	if err != nil {
		return nil, err
	}
	return &model.ChangeMemberRolePayload{Member: shapedOrNil(member, shapeMember), UserErrors: problems}, nil
}

// RemoveMember removes a member.
func (m mutation) RemoveMember(ctx context.Context, input model.RemoveMemberInput) (*model.RemoveMemberPayload, error) {
	id, problems, err := answered(input.MemberID, m.app.RemoveMember(ctx, principalOf(ctx), input.MemberID))
	if err != nil {
		return nil, err
	}
	return &model.RemoveMemberPayload{RemovedMemberID: id, UserErrors: problems}, nil
}

// ChangePassword changes the calling member's password.
func (m mutation) ChangePassword(ctx context.Context, input model.ChangePasswordInput) (*model.ChangePasswordPayload, error) {
	member, problems, err := answered(m.app.ChangePassword(ctx, principalOf(ctx), input.CurrentPassword, input.NewPassword))
	if err != nil {
		return nil, err
	}
	return &model.ChangePasswordPayload{Member: shapedOrNil(member, shapeMember), UserErrors: problems}, nil
}

func shapeMember(m access.Member) model.Member {
	return model.Member{ID: m.ID, Email: m.Email, Role: m.Role, CreatedAt: m.CreatedAt, LastSignedInAt: m.LastSignedInAt}
}

// shapedOrNil is a thing in the form of the schema, and nil when there is none.
func shapedOrNil[T, M any](thing *T, shape func(T) M) *M {
	if thing == nil {
		return nil
	}
	out := shape(*thing)
	return &out
}
