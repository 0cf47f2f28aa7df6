package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
)

// SignOut ends the session of a browser's token. A token that is unknown or has
// ended changes nothing.
func (a *App) SignOut(ctx context.Context, token string) error {
	digest := access.DigestSecret(token)
	session, member, err := a.Sessions.FindSession(ctx, digest)
	if fault.IsKind(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("finding the session: %w", err)
	}
	entry := a.entry(member.Principal(""), audit.MemberSignedOut, member.ID, map[string]any{"session": session.ID})
	if err := a.Sessions.EndSessionOf(ctx, digest, entry); err != nil {
		return fmt.Errorf("ending the session: %w", err)
	}
	return nil
}
