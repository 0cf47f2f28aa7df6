package sqlstore

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
)

// SetPassword implements [ports.Members].
func (s *Members) SetPassword(ctx context.Context, member access.Member, hash, keepSession string, entries ...audit.Entry) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE members SET password_hash = ? WHERE id = ? AND tenant_id = ? AND password_hash = ?`,
			hash, member.ID, member.TenantID, member.PasswordHash)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.CodeConflict, "The password was changed in the meantime.")
		}
		if err := endAccess(ctx, t, member.ID, keepSession); err != nil {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("changing a password", err)
}

// endAccess ends what an earlier password, or a link to a new one, opened.
func endAccess(ctx context.Context, t *tx, memberID, keepSession string) error {
	if err := endSessions(ctx, t, memberID, keepSession); err != nil {
		return err
	}
	_, err := t.exec(ctx, `DELETE FROM password_resets WHERE member_id = ?`, memberID)
	return err
}

type resetRow struct {
	Digest    string          `db:"digest"`
	TenantID  access.TenantID `db:"tenant_id"`
	MemberID  string          `db:"member_id"`
	ExpiresAt stamp           `db:"expires_at"`
}

// AddPasswordReset implements [ports.Members].
func (s *Members) AddPasswordReset(ctx context.Context, r access.PasswordReset) error {
	_, err := s.db.exec(ctx, `INSERT INTO password_resets (digest, tenant_id, member_id, expires_at) VALUES (?, ?, ?, ?)`,
		r.Digest, r.TenantID, r.MemberID, at(r.ExpiresAt))
	return failed("storing a link to a new password", err)
}

// FindPasswordReset implements [ports.Members].
func (s *Members) FindPasswordReset(ctx context.Context, digest string, now time.Time) (access.PasswordReset, error) {
	var row resetRow
	err := s.db.get(ctx, &row, `SELECT digest, tenant_id, member_id, expires_at FROM password_resets WHERE digest = ? AND expires_at > ?`, digest, at(now))
	return access.PasswordReset{Digest: row.Digest, TenantID: row.TenantID, MemberID: row.MemberID, ExpiresAt: row.ExpiresAt.Time},
		failed("finding a link to a new password", orNotFound(err, "link"))
}

// ResetPassword implements [ports.Members]. It also removes links that ran out.
// Like every change of a member it locks the member's row before what hangs on
// it; that the link is still there is certain only once it is removed.
func (s *Members) ResetPassword(ctx context.Context, digest, hash string, now time.Time, entries ...audit.Entry) (access.Member, error) {
	var row memberRow
	err := s.db.inTx(ctx, func(t *tx) error {
		const isOpen = ` FROM password_resets WHERE digest = ? AND expires_at > ?`
		var reset resetRow
		if err := t.get(ctx, &reset, `SELECT digest, tenant_id, member_id, expires_at`+isOpen, digest, at(now)); err != nil {
			return orNotFound(err, "link")
		}
		err := t.get(ctx, &row, `UPDATE members SET password_hash = ? WHERE id = ? AND tenant_id = ? RETURNING `+memberColumns, hash, reset.MemberID, reset.TenantID)
		if err != nil {
			return orNotFound(err, "member")
		}
		n, err := t.exec(ctx, `DELETE`+isOpen, digest, at(now))
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.CodeNotFound, "There is no such link.")
		}
		if err := endAccess(ctx, t, row.ID, ""); err != nil {
			return err
		}
		_, err = t.exec(ctx, `DELETE FROM password_resets WHERE digest IN (SELECT r.digest FROM password_resets r WHERE r.expires_at <= ?`+t.db.dialect.skipLocked("r")+`)`, at(now))
		if err != nil {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	return row.member(), failed("setting a new password", err)
}
