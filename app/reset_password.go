package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
)

// ResetPassword sets a new password by a link's token, which works once, and
// signs the member out everywhere. The member's earlier tries to sign in from
// this client, and those of all clients together, are forgotten. Any token that
// does not work is LinkInvalid.
func (a *App) ResetPassword(ctx context.Context, token, password, client string) error {
	if err := access.CheckPassword(password, "password"); err != nil {
		return err
	}
	digest := access.DigestSecret(token)
	// Only a link that works is worth a hash.
	reset, err := a.Members.FindPasswordReset(ctx, digest, a.Now())
	if err != nil {
		return linkError("finding the link", err)
	}
	hash, err := a.Passwords.Hash(ctx, password)
	if err != nil {
		return fmt.Errorf("hashing the password: %w", err)
	}
	who := access.Principal{Kind: access.KindMember, TenantID: reset.TenantID, ID: reset.MemberID, Name: reset.MemberID}
	member, err := a.Members.ResetPassword(ctx, digest, hash, a.Now(), a.entry(who, audit.MemberPasswordReset, reset.MemberID, nil))
	if err != nil {
		return linkError("setting the password", err)
	}
	return a.forgetTries(ctx, signInKeysOf(member.Email, client))
}

func linkError(doing string, err error) error {
	if fault.IsKind(err, fault.NotFound) {
		return fault.Wrap(fault.CodeLinkInvalid, "This link was used before or is too old.", err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}
