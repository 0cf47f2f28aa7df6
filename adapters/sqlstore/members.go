package sqlstore

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// Members implements [ports.Members].
type Members struct{ db *DB }

var _ ports.Members = (*Members)(nil)

// NewMembers makes the store of members.
func NewMembers(db *DB) *Members { return &Members{db} }

const memberColumns = `id, tenant_id, email, role, password_hash, signed_in_at, created_at`

type memberRow struct {
	ID           string          `db:"id"`
	TenantID     access.TenantID `db:"tenant_id"`
	Email        string          `db:"email"`
	Role         access.Role     `db:"role"`
	PasswordHash string          `db:"password_hash"`
	SignedInAt   stamp           `db:"signed_in_at"`
	CreatedAt    stamp           `db:"created_at"`
}

func (r memberRow) member() access.Member {
	return access.Member{
		ID: r.ID, TenantID: r.TenantID, Email: r.Email, Role: r.Role, PasswordHash: r.PasswordHash,
		LastSignedInAt: r.SignedInAt.orNil(), CreatedAt: r.CreatedAt.Time,
	}
}

func insertMember(ctx context.Context, s session, m access.Member) error {
	_, err := s.exec(ctx, `INSERT INTO members (`+memberColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		m.ID, m.TenantID, m.Email, m.Role, m.PasswordHash, atOrNever(m.LastSignedInAt), at(m.CreatedAt))
	return err
}

// FindMember implements [ports.Members].
func (s *Members) FindMember(ctx context.Context, tenant access.TenantID, id string) (access.Member, error) {
	var row memberRow
	err := s.db.get(ctx, &row, `SELECT `+memberColumns+` FROM members WHERE id = ? AND tenant_id = ?`, id, tenant)
	return row.member(), failed("finding a member", orNotFound(err, "member"))
}

// FindMemberByEmail implements [ports.Members].
func (s *Members) FindMemberByEmail(ctx context.Context, email string) (access.Member, error) {
	var row memberRow
	err := s.db.get(ctx, &row, `SELECT `+memberColumns+` FROM members WHERE email = ?`, email)
	return row.member(), failed("finding a member", orNotFound(err, "member"))
}

// ListMembers implements [ports.Members].
func (s *Members) ListMembers(ctx context.Context, tenant access.TenantID, page ports.Page) (ports.Paged[access.Member], error) {
	query, args := `SELECT `+memberColumns+` FROM members WHERE tenant_id = ? ORDER BY created_at, id LIMIT ?`, []any{tenant, limit(page)}
	if page.After != "" {
		created, id, err := parseTimeCursor(page.After)
		if err != nil {
			return ports.Paged[access.Member]{}, failed("listing members", err)
		}
		query = `SELECT ` + memberColumns + ` FROM members WHERE tenant_id = ? AND (created_at, id) > (?, ?) ORDER BY created_at, id LIMIT ?`
		args = []any{tenant, created, id, limit(page)}
	}
	var rows []memberRow
	if err := s.db.list(ctx, &rows, query, args...); err != nil {
		return ports.Paged[access.Member]{}, failed("listing members", err)
	}
	members := make([]access.Member, len(rows))
	for i, r := range rows {
		members[i] = r.member()
	}
	return paged(members, page, func(m access.Member) string { return timeCursor(m.CreatedAt, m.ID) }), nil
}

// ChangeMemberRole implements [ports.Members].
func (s *Members) ChangeMemberRole(ctx context.Context, member access.Member, role access.Role, keepSession string, entries ...audit.Entry) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		if err := mayLeave(ctx, t, member, role); err != nil || role == member.Role {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE members SET role = ? WHERE id = ? AND tenant_id = ?`, role, member.ID, member.TenantID); err != nil {
			return err
		}
		if err := endSessions(ctx, t, member.ID, keepSession); err != nil {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("changing a member's role", err)
}

// RemoveMember implements [ports.Members]. What hangs on the member goes with it.
func (s *Members) RemoveMember(ctx context.Context, member access.Member, entries ...audit.Entry) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		if err := mayLeave(ctx, t, member, ""); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `DELETE FROM members WHERE id = ? AND tenant_id = ?`, member.ID, member.TenantID); err != nil {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("removing a member", err)
}

// mayLeave reports whether the member, as it was read, may have the role, or
// none, from now on. Until the transaction ends no other member of the tenant
// changes its role: the tenant's row is locked.
func mayLeave(ctx context.Context, t *tx, member access.Member, role access.Role) error {
	var tenant access.TenantID
	if err := t.get(ctx, &tenant, `SELECT id FROM tenants WHERE id = ?`+t.db.dialect.lock, member.TenantID); err != nil {
		return orNotFound(err, "tenant")
	}
	var have access.Role
	err := t.get(ctx, &have, `SELECT role FROM members WHERE id = ? AND tenant_id = ?`+t.db.dialect.lock, member.ID, member.TenantID)
	switch {
	case err != nil:
		return orNotFound(err, "member")
	case have != member.Role:
		return fault.New(fault.CodeConflict, "The member's role was changed in the meantime.")
	case have != access.RoleOwner || role == access.RoleOwner:
		return nil
	}
	var owners int
	if err := t.get(ctx, &owners, `SELECT COUNT(*) FROM members WHERE tenant_id = ? AND role = ?`, member.TenantID, access.RoleOwner); err != nil {
		return err
	}
	if owners < 2 {
		return fault.New(fault.CodeLastOwner, "The account's last owner stays one; make another member an owner first.")
	}
	return nil
}

func endSessions(ctx context.Context, t *tx, memberID, keep string) error {
	_, err := t.exec(ctx, `DELETE FROM sessions WHERE member_id = ? AND id <> ?`, memberID, keep)
	return err
}
