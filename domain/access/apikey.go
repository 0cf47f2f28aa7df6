package access

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"byte8.io/ledger/domain/fault"
)

// KeyPrefix starts every API key, so that scanners and people recognise one.
const KeyPrefix = "lk_"

// APIKey is a partner's or an automation's key. The secret is shown once and
// kept only as a digest.
type APIKey struct {
	ID       string
	TenantID TenantID
	Name     string
	// Prefix is the first characters of the secret, for telling keys apart.
	Prefix string
	// Digest is the hex SHA-256 of the whole secret. The secret carries 256
	// random bits, so a plain digest cannot be searched.
	Digest    string
	Scopes    Scopes
	BindingID string
	ExpiresAt *time.Time
	RevokedAt *time.Time
	// LastUsedAt is to the minute; nil when the key was never used.
	LastUsedAt *time.Time
	// ReplacedBy is the key that this one was rotated to; empty while it was not.
	ReplacedBy string
	CreatedAt  time.Time
}

// MaxOverlap is how long a rotated key may go on working.
const MaxOverlap = 7 * 24 * time.Hour

// NewSecret makes an API key's secret from 32 random bytes.
func NewSecret(random [32]byte) string { return KeyPrefix + hex.EncodeToString(random[:]) }

// DigestSecret is what is stored of a secret: an API key, a session's token or
// the token of a one-time link.
func DigestSecret(secret string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(secret)))
	return hex.EncodeToString(sum[:])
}

// SecretPrefix is the part of a secret that may be shown: lk_ and eight characters.
func SecretPrefix(secret string) string {
	if n := len(KeyPrefix) + 8; len(secret) > n {
		return secret[:n]
	}
	return secret
}

// IsLive reports whether the key may be used at the given time.
func (k APIKey) IsLive(now time.Time) bool {
	return k.RevokedAt == nil && (k.ExpiresAt == nil || now.Before(*k.ExpiresAt))
}

// Grants reports whether the key is of the same name and may do the same as long
// as another.
func (k APIKey) Grants(other APIKey) bool {
	isSameEnd := k.ExpiresAt == nil && other.ExpiresAt == nil ||
		k.ExpiresAt != nil && other.ExpiresAt != nil && k.ExpiresAt.Truncate(time.Millisecond).Equal(other.ExpiresAt.Truncate(time.Millisecond))
	return k.Name == other.Name && k.Scopes.String() == other.Scopes.String() && k.BindingID == other.BindingID && isSameEnd
}

// Rotate is the old key as it ends after the overlap, and its successor with
// the same name, scopes, binding and expiry. A key that no longer works, or was
// rotated before, is a Conflict.
func (k APIKey) Rotate(id, secret string, overlap time.Duration, now time.Time) (old, successor APIKey, err error) {
	if k.ReplacedBy != "" {
		return APIKey{}, APIKey{}, fault.New(fault.CodeConflict, "This key was rotated already; rotate the new one.")
	}
	if !k.IsLive(now) {
		return APIKey{}, APIKey{}, fault.New(fault.CodeConflict, "This key no longer works; make a new one.")
	}
	successor = APIKey{
		ID: id, TenantID: k.TenantID, Name: k.Name, Prefix: SecretPrefix(secret), Digest: DigestSecret(secret),
		Scopes: k.Scopes, BindingID: k.BindingID, ExpiresAt: k.ExpiresAt, CreatedAt: now,
	}
	if end := now.Add(overlap); k.ExpiresAt == nil || end.Before(*k.ExpiresAt) {
		k.ExpiresAt = &end
	}
	k.ReplacedBy = id
	return k, successor, nil
}

// Principal is the caller behind the key.
func (k APIKey) Principal() Principal {
	return Principal{Kind: KindAPIKey, TenantID: k.TenantID, ID: k.ID, Name: k.Name, BindingID: k.BindingID, Scopes: k.Scopes, ExpiresAt: k.ExpiresAt}
}
