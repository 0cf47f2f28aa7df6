package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strconv"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/ports"
)

// Audit stores the audit log.
type Audit struct{ db *DB }

var _ ports.Audit = (*Audit)(nil)

// NewAudit stores the audit log in the database.
func NewAudit(db *DB) *Audit { return &Audit{db} }

const auditColumns = `tenant_id, number, id, at, actor_kind, actor_id, actor_name, action, subject, detail, previous_hash, hash`

type auditRow struct {
	TenantID     access.TenantID `db:"tenant_id"`
	Number       int64           `db:"number"`
	ID           string          `db:"id"`
	At           stamp           `db:"at"`
	ActorKind    access.Kind     `db:"actor_kind"`
	ActorID      string          `db:"actor_id"`
	ActorName    string          `db:"actor_name"`
	Action       audit.Action    `db:"action"`
	Subject      string          `db:"subject"`
	Detail       string          `db:"detail"`
	PreviousHash string          `db:"previous_hash"`
	Hash         string          `db:"hash"`
}

func (r auditRow) entry() audit.Entry {
	return audit.Entry{
		TenantID: r.TenantID, Number: r.Number, ID: r.ID, At: r.At.Time, ActorKind: r.ActorKind, ActorID: r.ActorID, ActorName: r.ActorName,
		Action: r.Action, Subject: r.Subject, Detail: r.Detail, PreviousHash: r.PreviousHash, Hash: r.Hash,
	}
}

func entriesOf(rows []auditRow) []audit.Entry {
	out := make([]audit.Entry, len(rows))
	for i, row := range rows {
		out[i] = row.entry()
	}
	return out
}

// AppendEntries implements [ports.Audit].
func (s *Audit) AppendEntries(ctx context.Context, entries ...audit.Entry) error {
	err := s.db.inTx(ctx, func(t *tx) error { return appendAudit(ctx, t, entries) })
	return failed("appending audit entries", err)
}

// appendAudit adds entries to the chain of their tenant. The chain's head stays
// locked to the end of the transaction, so call it last: others wait meanwhile.
func appendAudit(ctx context.Context, t *tx, entries []audit.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	tenant := entries[0].TenantID
	head, err := lockAuditHead(ctx, t, tenant)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.TenantID != tenant {
			return errors.New("appending audit entries of several tenants at once")
		}
		e.ActorName, e.Subject, e.Detail = storable(e.ActorName), storable(e.Subject), storable(e.Detail)
		e = e.Sealed(head.Number+1, head.Hash)
		_, err := t.exec(ctx, `INSERT INTO audit_entries (`+auditColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			e.TenantID, e.Number, e.ID, at(e.At), e.ActorKind, e.ActorID, e.ActorName, e.Action, e.Subject, e.Detail, e.PreviousHash, e.Hash)
		if err != nil {
			return err
		}
		head = audit.Head{Number: e.Number, Hash: e.Hash}
	}
	_, err = t.exec(ctx, `UPDATE audit_heads SET number = ?, hash = ? WHERE tenant_id = ?`, head.Number, head.Hash, tenant)
	return err
}

func lockAuditHead(ctx context.Context, t *tx, tenant access.TenantID) (audit.Head, error) {
	if _, err := t.exec(ctx, `INSERT INTO audit_heads (tenant_id, number, hash) VALUES (?, 0, '') ON CONFLICT (tenant_id) DO NOTHING`, tenant); err != nil {
		return audit.Head{}, err
	}
	return readAuditHead(ctx, t, tenant, t.db.dialect.lock)
}

func readAuditHead(ctx context.Context, s session, tenant access.TenantID, lock string) (audit.Head, error) {
	var row struct {
		Number int64  `db:"number"`
		Hash   string `db:"hash"`
	}
	err := s.get(ctx, &row, `SELECT number, hash FROM audit_heads WHERE tenant_id = ?`+lock, tenant)
	if errors.Is(err, sql.ErrNoRows) {
		return audit.Head{}, nil
	}
	return audit.Head{Number: row.Number, Hash: row.Hash}, err
}

// AuditHead implements [ports.Audit].
func (s *Audit) AuditHead(ctx context.Context, tenant access.TenantID) (audit.Head, error) {
	head, err := readAuditHead(ctx, s.db, tenant, "")
	return head, failed("reading the end of the audit log", err)
}

// WalkEntries implements [ports.Audit].
func (s *Audit) WalkEntries(ctx context.Context, tenant access.TenantID, after int64, limit int) ([]audit.Entry, error) {
	var rows []auditRow
	err := s.db.list(ctx, &rows, `SELECT `+auditColumns+` FROM audit_entries WHERE tenant_id = ? AND number > ? ORDER BY number LIMIT ?`, tenant, after, limit)
	if err != nil {
		return nil, failed("reading the audit log", err)
	}
	return entriesOf(rows), nil
}

// FindEntry implements [ports.Audit].
func (s *Audit) FindEntry(ctx context.Context, tenant access.TenantID, id string) (audit.Entry, error) {
	var row auditRow
	err := s.db.get(ctx, &row, `SELECT `+auditColumns+` FROM audit_entries WHERE tenant_id = ? AND id = ?`, tenant, id)
	if err != nil {
		return audit.Entry{}, failed("finding an audit entry", orNotFound(err, "audit entry"))
	}
	return row.entry(), nil
}

// ListEntries implements [ports.Audit]. The cursor is the entry's number.
func (s *Audit) ListEntries(ctx context.Context, tenant access.TenantID, f ports.AuditFilter, page ports.Page) (ports.Paged[audit.Entry], error) {
	const doing = "listing audit entries"
	where := conditions{}
	where.add("tenant_id = ?", tenant)
	if f.Action != "" {
		where.add("action = ?", f.Action)
	}
	if f.ActorID != "" {
		where.add("actor_id = ?", f.ActorID)
	}
	if f.Subject != "" {
		where.add("subject = ?", f.Subject)
	}
	if f.From != nil {
		where.add("at >= ?", at(*f.From))
	}
	if f.To != nil {
		where.add("at < ?", at(*f.To))
	}
	before := int64(math.MaxInt64)
	if page.After != "" {
		var err error
		if before, err = strconv.ParseInt(page.After, 10, 64); err != nil || before < 1 {
			return ports.Paged[audit.Entry]{}, failed(doing, notACursor())
		}
	}
	where.add("number < ?", before)
	var rows []auditRow
	query := `SELECT ` + auditColumns + ` FROM audit_entries WHERE ` + where.String() + ` ORDER BY number DESC LIMIT ?`
	if err := s.db.list(ctx, &rows, query, append(where.args, limit(page))...); err != nil {
		return ports.Paged[audit.Entry]{}, failed(doing, err)
	}
	return paged(entriesOf(rows), page, func(e audit.Entry) string { return strconv.FormatInt(e.Number, 10) }), nil
}
