package sqlstore

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// Sessions implements [ports.Sessions].
type Sessions struct{ db *DB }

var _ ports.Sessions = (*Sessions)(nil)

// NewSessions makes the store of browser sessions.
func NewSessions(db *DB) *Sessions { return &Sessions{db} }

const sessionColumns = `id, tenant_id, member_id, digest, user_agent, created_at, last_seen_at, expires_at`

type sessionRow struct {
	ID         string          `db:"id"`
	TenantID   access.TenantID `db:"tenant_id"`
	MemberID   string          `db:"member_id"`
	Digest     string          `db:"digest"`
	UserAgent  string          `db:"user_agent"`
	CreatedAt  stamp           `db:"created_at"`
	LastSeenAt stamp           `db:"last_seen_at"`
	ExpiresAt  stamp           `db:"expires_at"`
}

func (r sessionRow) session() access.Session {
	return access.Session{
		ID: r.ID, TenantID: r.TenantID, MemberID: r.MemberID, Digest: r.Digest, UserAgent: r.UserAgent,
		CreatedAt: r.CreatedAt.Time, LastSeenAt: r.LastSeenAt.Time, ExpiresAt: r.ExpiresAt.Time,
	}
}

// CreateSession implements [ports.Sessions]. It also removes sessions that ran
// out.
func (s *Sessions) CreateSession(ctx context.Context, member access.Member, session access.Session, replaces string, entries ...audit.Entry) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE members SET signed_in_at = ? WHERE id = ? AND tenant_id = ? AND password_hash = ?`,
			at(session.CreatedAt), member.ID, member.TenantID, member.PasswordHash)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.CodeNotFound, "There is no such member.")
		}
		_, err = t.exec(ctx, `DELETE FROM sessions WHERE id IN (SELECT s.id FROM sessions s WHERE s.expires_at <= ?`+t.db.dialect.skipLocked("s")+`)`, at(session.CreatedAt))
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `DELETE FROM sessions WHERE digest = ?`, replaces); err != nil {
			return err
		}
		_, err = t.exec(ctx, `INSERT INTO sessions (`+sessionColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			session.ID, member.TenantID, member.ID, session.Digest, session.UserAgent, at(session.CreatedAt), at(session.LastSeenAt), at(session.ExpiresAt))
		if err != nil {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("storing a session", err)
}

// FindSession implements [ports.Sessions].
func (s *Sessions) FindSession(ctx context.Context, digest string) (access.Session, access.Member, error) {
	var row struct {
		sessionRow
		Email           string      `db:"email"`
		Role            access.Role `db:"role"`
		PasswordHash    string      `db:"password_hash"`
		SignedInAt      stamp       `db:"signed_in_at"`
		MemberCreatedAt stamp       `db:"member_created_at"`
	}
	err := s.db.get(ctx, &row, `SELECT s.id, s.tenant_id, s.member_id, s.digest, s.user_agent, s.created_at, s.last_seen_at, s.expires_at,
		m.email, m.role, m.password_hash, m.signed_in_at, m.created_at AS member_created_at
		FROM sessions s JOIN members m ON m.id = s.member_id WHERE s.digest = ?`, digest)
	if err != nil {
		return access.Session{}, access.Member{}, failed("finding a session", orNotFound(err, "session"))
	}
	member := memberRow{row.MemberID, row.TenantID, row.Email, row.Role, row.PasswordHash, row.SignedInAt, row.MemberCreatedAt}
	return row.session(), member.member(), nil
}

// TouchSession implements [ports.Sessions].
func (s *Sessions) TouchSession(ctx context.Context, id string, seen time.Time) error {
	_, err := s.db.exec(ctx, `UPDATE sessions SET last_seen_at = ? WHERE id = ? AND last_seen_at < ?`, at(seen), id, at(seen))
	return failed("noting the use of a session", err)
}

// ListSessions implements [ports.Sessions].
func (s *Sessions) ListSessions(ctx context.Context, tenant access.TenantID, memberID string, now time.Time) ([]access.Session, error) {
	var rows []sessionRow
	err := s.db.list(ctx, &rows, `SELECT `+sessionColumns+` FROM sessions
		WHERE member_id = ? AND tenant_id = ? AND expires_at > ? AND last_seen_at > ? ORDER BY created_at DESC, id DESC`,
		memberID, tenant, at(now), at(now.Add(-access.SessionIdle)))
	if err != nil {
		return nil, failed("listing sessions", err)
	}
	out := make([]access.Session, len(rows))
	for i, r := range rows {
		out[i] = r.session()
	}
	return out, nil
}

// EndSession implements [ports.Sessions].
func (s *Sessions) EndSession(ctx context.Context, tenant access.TenantID, memberID, id string, entries ...audit.Entry) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `DELETE FROM sessions WHERE id = ? AND member_id = ? AND tenant_id = ?`, id, memberID, tenant)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.CodeNotFound, "There is no such session.")
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("ending a session", err)
}

// EndSessionOf implements [ports.Sessions].
func (s *Sessions) EndSessionOf(ctx context.Context, digest string, entries ...audit.Entry) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `DELETE FROM sessions WHERE digest = ?`, digest)
		if err != nil || n == 0 {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("ending a session", err)
}
