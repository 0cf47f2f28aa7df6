package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
)

// RemoveMember removes a member and signs it out everywhere. Only owners remove
// owners; the last one stays, which is LastOwner.
func (a *App) RemoveMember(ctx context.Context, p access.Principal, id string) error {
	member, err := a.changeableMember(ctx, p, id)
	if err != nil {
		return err
	}
	if err := a.Members.RemoveMember(ctx, member, a.entry(p, audit.MemberRemoved, member.ID, map[string]any{"role": string(member.Role)})); err != nil {
		return fmt.Errorf("removing the member: %w", err)
	}
	return nil
}
