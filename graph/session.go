package graph

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/graph/model"
)

// Sessions lists where the calling member is signed in.
func (q query) Sessions(ctx context.Context) ([]model.Session, error) {
	sessions, err := q.app.ListSessions(ctx, principalOf(ctx))
	return shaped(sessions, shapeSession(principalOf(ctx))), err
}

// EndSession signs the calling member out in one browser.
func (m mutation) EndSession(ctx context.Context, input model.EndSessionInput) (*model.EndSessionPayload, error) {
	id, problems, err := answered(input.SessionID, m.app.EndSession(ctx, principalOf(ctx), input.SessionID))
	if err != nil {
		return nil, err
	}
	return &model.EndSessionPayload{EndedSessionID: id, UserErrors: problems}, nil
}

// shapeSession shapes sessions for the principal, who calls from one of them.
func shapeSession(p access.Principal) func(access.Session) model.Session {
	return func(s access.Session) model.Session {
		return model.Session{
			ID: s.ID, UserAgent: s.UserAgent, CreatedAt: s.CreatedAt, LastSeenAt: s.LastSeenAt, ExpiresAt: s.EndsAt(), IsCurrent: s.ID == p.SessionID,
		}
	}
}
