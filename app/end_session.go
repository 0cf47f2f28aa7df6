package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
)

// EndSession signs the calling member out in one browser. A session that is not
// the member's own is NotFound.
func (a *App) EndSession(ctx context.Context, p access.Principal, id string) error {
	session, err := a.FindSession(ctx, p, id)
	if err != nil {
		return err
	}
	if err := a.Sessions.EndSession(ctx, p.TenantID, p.ID, session.ID, a.entry(p, audit.MemberSignedOut, p.ID, map[string]any{"session": session.ID})); err != nil {
		return fmt.Errorf("ending the session: %w", err)
	}
	return nil
}
