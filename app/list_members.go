package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/ports"
)

// ListMembers pages through the tenant's members, oldest first.
func (a *App) ListMembers(ctx context.Context, p access.Principal, in Paging) (ports.Paged[access.Member], error) {
	if err := p.RequireAdmin(); err != nil {
		return ports.Paged[access.Member]{}, err
	}
	page, err := in.page()
	if err != nil {
		return ports.Paged[access.Member]{}, err
	}
	members, err := a.Members.ListMembers(ctx, p.TenantID, page)
	if err != nil {
		return ports.Paged[access.Member]{}, fmt.Errorf("listing the members: %w", err)
	}
	return members, nil
}

// FindMember finds a member by id. One beyond the principal is NotFound.
func (a *App) FindMember(ctx context.Context, p access.Principal, id string) (access.Member, error) {
	if err := p.RequireAdmin(); err != nil {
		return access.Member{}, err
	}
	member, err := a.Members.FindMember(ctx, p.TenantID, id)
	if err != nil {
		return access.Member{}, fmt.Errorf("finding the member: %w", err)
	}
	return member, nil
}
