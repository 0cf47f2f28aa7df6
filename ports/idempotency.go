package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
)

// WriteKey names a repeatable write: the caller's own key under its tenant.
type WriteKey struct {
	TenantID access.TenantID
	Caller   string
	Key      string
}

// WriteClaim is an attempt to execute a repeatable write.
type WriteClaim struct {
	WriteKey
	// Fingerprints tell one body from another: any of them is this body's, and the
	// first one is stored. There is one at least.
	Fingerprints []string
	// Claim tells one attempt from another.
	Claim string
	// LeasedUntil is when others may take the attempt for dead, ExpiresAt when the
	// key is forgotten.
	LeasedUntil time.Time
	ExpiresAt   time.Time
}

// KnownWrite is what became of a key that was claimed before.
type KnownWrite struct {
	Fingerprint string
	// Answer is nil while the write runs.
	Answer []byte
}

// Idempotency remembers the answers of repeatable writes.
type Idempotency interface {
	// ClaimWrite claims the key: one that is new, was forgotten, or whose attempt
	// with one of the fingerprints is dead. Of many at once one gets it and nil; the
	// others get what is known.
	ClaimWrite(ctx context.Context, c WriteClaim, now time.Time) (*KnownWrite, error)
	// AnswerWrite stores the answer of an attempt that still has the claim;
	// otherwise it is a Conflict.
	AnswerWrite(ctx context.Context, c WriteClaim, answer []byte) error
	// ReleaseWrite forgets an attempt without an answer that still has the claim.
	ReleaseWrite(ctx context.Context, c WriteClaim) error
	// ForgetWrites removes expired keys, up to the limit, and returns how many.
	ForgetWrites(ctx context.Context, now time.Time, limit int) (int, error)
}
