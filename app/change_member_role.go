package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
)

// ChangeMemberRole gives a member another role and signs it out, except from
// the session that asks. Only owners make and change owners; the last one stays,
// which is LastOwner.
func (a *App) ChangeMemberRole(ctx context.Context, p access.Principal, id string, role access.Role) (access.Member, error) {
	member, err := a.changeableMember(ctx, p, id)
	if err != nil {
		return access.Member{}, err
	}
	if err := p.MayGrant(role); err != nil {
		return access.Member{}, err
	}
	if err := a.Members.ChangeMemberRole(ctx, member, role, p.SessionID, a.entry(p, audit.MemberRoleChanged, member.ID, map[string]any{"before": string(member.Role), "after": string(role)})); err != nil {
		return access.Member{}, fmt.Errorf("changing the role: %w", err)
	}
	member.Role = role
	return member, nil
}

// changeableMember finds a member whom the principal may change or remove.
func (a *App) changeableMember(ctx context.Context, p access.Principal, id string) (access.Member, error) {
	member, err := a.FindMember(ctx, p, id)
	if err != nil {
		return access.Member{}, err
	}
	return member, p.MayGrant(member.Role)
}
