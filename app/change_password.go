package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
)

// ChangePassword sets the calling member's password and signs the member out
// everywhere else. Wrong passwords are slowed down like those of signing in. A
// caller that is no member is NotFound.
func (a *App) ChangePassword(ctx context.Context, p access.Principal, current, next string) (access.Member, error) {
	if p.Kind != access.KindMember {
		return access.Member{}, fault.New(fault.CodeNotFound, "This caller is no member and has no password.")
	}
	if err := access.CheckPassword(next, "newPassword"); err != nil {
		return access.Member{}, err
	}
	key := "password:" + p.ID
	if err := a.try(ctx, key, freeTries); err != nil {
		return access.Member{}, err
	}
	member, err := a.Members.FindMember(ctx, p.TenantID, p.ID)
	if err != nil {
		return access.Member{}, fmt.Errorf("finding the member: %w", err)
	}
	isMatch, err := a.Passwords.Matches(ctx, current, member.PasswordHash)
	if err != nil {
		return access.Member{}, fmt.Errorf("checking the password: %w", err)
	}
	if !isMatch {
		return access.Member{}, invalidField("currentPassword", "This is not the password so far.")
	}
	hash, err := a.Passwords.Hash(ctx, next)
	if err != nil {
		return access.Member{}, fmt.Errorf("hashing the password: %w", err)
	}
	if err := a.Members.SetPassword(ctx, member, hash, p.SessionID, a.entry(p, audit.MemberPasswordChanged, p.ID, nil)); err != nil {
		return access.Member{}, fmt.Errorf("storing the password: %w", err)
	}
	if err := a.Throttle.Forget(ctx, key); err != nil {
		return access.Member{}, fmt.Errorf("forgetting earlier tries: %w", err)
	}
	return member, nil
}
