package sqlstore

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// Invitations implements [ports.Invitations].
type Invitations struct{ db *DB }

var _ ports.Invitations = (*Invitations)(nil)

// NewInvitations makes the store of invitations.
func NewInvitations(db *DB) *Invitations { return &Invitations{db} }

const invitationColumns = `id, tenant_id, email, role, invited_by, digest, expires_at, created_at`

type invitationRow struct {
	ID        string          `db:"id"`
	TenantID  access.TenantID `db:"tenant_id"`
	Email     string          `db:"email"`
	Role      access.Role     `db:"role"`
	InvitedBy string          `db:"invited_by"`
	Digest    string          `db:"digest"`
	ExpiresAt stamp           `db:"expires_at"`
	CreatedAt stamp           `db:"created_at"`
}

func (r invitationRow) invitation() access.Invitation {
	return access.Invitation{
		ID: r.ID, TenantID: r.TenantID, Email: r.Email, Role: r.Role, InvitedBy: r.InvitedBy, Digest: r.Digest,
		ExpiresAt: r.ExpiresAt.Time, CreatedAt: r.CreatedAt.Time,
	}
}

// PutInvitation implements [ports.Invitations]. It also removes invitations
// that ran out.
func (s *Invitations) PutInvitation(ctx context.Context, i access.Invitation, mayReplaceOwner bool, entries ...audit.Entry) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		_, err := t.exec(ctx, `DELETE FROM invitations WHERE id IN (SELECT i.id FROM invitations i WHERE i.expires_at <= ?`+t.db.dialect.skipLocked("i")+`)`, at(i.CreatedAt))
		if err != nil {
			return err
		}
		n, err := t.exec(ctx, `INSERT INTO invitations (`+invitationColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (tenant_id, email) DO UPDATE SET id = excluded.id, role = excluded.role, invited_by = excluded.invited_by,
				digest = excluded.digest, expires_at = excluded.expires_at, created_at = excluded.created_at
			WHERE invitations.role <> ? OR invitations.expires_at <= ? OR ?`,
			i.ID, i.TenantID, i.Email, i.Role, i.InvitedBy, i.Digest, at(i.ExpiresAt), at(i.CreatedAt), access.RoleOwner, at(i.CreatedAt), mayReplaceOwner)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.CodeDenied, "This person is invited as an owner already. Only an owner may invite them anew or take that invitation back; ask one.")
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("storing an invitation", err)
}

// FindInvitation implements [ports.Invitations].
func (s *Invitations) FindInvitation(ctx context.Context, digest string, now time.Time) (access.Invitation, error) {
	var row invitationRow
	err := s.db.get(ctx, &row, `SELECT `+invitationColumns+` FROM invitations WHERE digest = ? AND expires_at > ?`, digest, at(now))
	return row.invitation(), failed("finding an invitation", orNotFound(err, "invitation"))
}

// ListInvitations implements [ports.Invitations].
func (s *Invitations) ListInvitations(ctx context.Context, tenant access.TenantID, now time.Time) ([]access.Invitation, error) {
	var rows []invitationRow
	err := s.db.list(ctx, &rows, `SELECT `+invitationColumns+` FROM invitations WHERE tenant_id = ? AND expires_at > ? ORDER BY created_at DESC, id DESC`, tenant, at(now))
	if err != nil {
		return nil, failed("listing invitations", err)
	}
	out := make([]access.Invitation, len(rows))
	for i, r := range rows {
		out[i] = r.invitation()
	}
	return out, nil
}

// RevokeInvitation implements [ports.Invitations].
func (s *Invitations) RevokeInvitation(ctx context.Context, tenant access.TenantID, id string, entries ...audit.Entry) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `DELETE FROM invitations WHERE id = ? AND tenant_id = ?`, id, tenant)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.CodeNotFound, "There is no such invitation.")
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("taking an invitation back", err)
}

// AcceptInvitation implements [ports.Invitations].
func (s *Invitations) AcceptInvitation(ctx context.Context, digest string, in ports.NewMember, entries ...audit.Entry) (access.Member, error) {
	var member access.Member
	err := s.db.inTx(ctx, func(t *tx) error {
		var used []invitationRow
		if err := t.change(ctx, &used, `DELETE FROM invitations WHERE digest = ? AND expires_at > ? RETURNING `+invitationColumns, digest, at(in.JoinedAt)); err != nil {
			return err
		}
		if len(used) == 0 {
			return fault.New(fault.CodeNotFound, "There is no such invitation.")
		}
		i := used[0]
		member = access.Member{ID: in.ID, TenantID: i.TenantID, Email: i.Email, Role: i.Role, PasswordHash: in.PasswordHash, CreatedAt: at(in.JoinedAt).Time}
		if err := insertMember(ctx, t, member); err != nil {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	if err != nil {
		return access.Member{}, failed("accepting an invitation", err)
	}
	return member, nil
}
