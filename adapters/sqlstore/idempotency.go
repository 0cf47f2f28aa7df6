package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// Idempotency implements [ports.Idempotency].
type Idempotency struct{ db *DB }

var _ ports.Idempotency = (*Idempotency)(nil)

// NewIdempotency makes the store of repeatable writes.
func NewIdempotency(db *DB) *Idempotency { return &Idempotency{db} }

// claimTries bounds how often a claim is tried again because the row was
// forgotten or released between two statements.
const claimTries = 3

// ClaimWrite implements [ports.Idempotency].
func (s *Idempotency) ClaimWrite(ctx context.Context, c ports.WriteClaim, now time.Time) (*ports.KnownWrite, error) {
	const doing = "claiming a repeatable write"
	fingerprints, err := s.db.dialect.list(c.Fingerprints)
	if err != nil {
		return nil, failed(doing, err)
	}
	for range claimTries {
		n, err := s.db.exec(ctx, `INSERT INTO idempotency_keys (tenant_id, caller, key, fingerprint, claim, leased_until, expires_at)
			VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (tenant_id, caller, key) DO UPDATE
			SET fingerprint = excluded.fingerprint, claim = excluded.claim, leased_until = excluded.leased_until, expires_at = excluded.expires_at, answer = NULL
			WHERE idempotency_keys.expires_at <= ?
			OR (idempotency_keys.answer IS NULL AND idempotency_keys.leased_until <= ? AND `+s.db.dialect.isOneOf("idempotency_keys.fingerprint")+`)`,
			c.TenantID, c.Caller, c.Key, c.Fingerprints[0], c.Claim, at(c.LeasedUntil), at(c.ExpiresAt), at(now), at(now), fingerprints)
		if err != nil {
			return nil, failed(doing, err)
		}
		if n == 1 {
			return nil, nil
		}
		var row struct {
			Fingerprint string `db:"fingerprint"`
			Answer      []byte `db:"answer"`
		}
		err = s.db.get(ctx, &row, `SELECT fingerprint, answer FROM idempotency_keys WHERE tenant_id = ? AND caller = ? AND key = ?`, c.TenantID, c.Caller, c.Key)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, failed("finding a repeatable write", err)
		}
		return &ports.KnownWrite{Fingerprint: row.Fingerprint, Answer: row.Answer}, nil
	}
	return nil, fault.New(fault.CodeOverloaded, "The same write is sent too often at once.")
}

// AnswerWrite implements [ports.Idempotency].
func (s *Idempotency) AnswerWrite(ctx context.Context, c ports.WriteClaim, answer []byte) error {
	n, err := s.db.exec(ctx, `UPDATE idempotency_keys SET answer = ?
		WHERE tenant_id = ? AND caller = ? AND key = ? AND claim = ? AND answer IS NULL`, answer, c.TenantID, c.Caller, c.Key, c.Claim)
	if err == nil && n == 0 {
		err = fault.New(fault.CodeConflict, "The write was taken over.")
	}
	return failed("storing the answer of a repeatable write", err)
}

// ReleaseWrite implements [ports.Idempotency].
func (s *Idempotency) ReleaseWrite(ctx context.Context, c ports.WriteClaim) error {
	_, err := s.db.exec(ctx, `DELETE FROM idempotency_keys
		WHERE tenant_id = ? AND caller = ? AND key = ? AND claim = ? AND answer IS NULL`, c.TenantID, c.Caller, c.Key, c.Claim)
	return failed("releasing a repeatable write", err)
}

// ForgetWrites implements [ports.Idempotency].
func (s *Idempotency) ForgetWrites(ctx context.Context, now time.Time, limit int) (int, error) {
	n, err := s.db.exec(ctx, `DELETE FROM idempotency_keys WHERE (tenant_id, caller, key) IN
		(SELECT tenant_id, caller, key FROM idempotency_keys WHERE expires_at <= ? LIMIT ?)`, at(now), limit)
	return int(n), failed("forgetting repeatable writes", err)
}
