package access

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
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
	CreatedAt time.Time
}

// NewSecret makes an API key's secret from 32 random bytes.
func NewSecret(random [32]byte) string { return KeyPrefix + hex.EncodeToString(random[:]) }

// DigestSecret is what is stored of a secret.
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

// Principal is the caller behind the key.
func (k APIKey) Principal() Principal {
	return Principal{Kind: KindAPIKey, TenantID: k.TenantID, ID: k.ID, Name: k.Name, BindingID: k.BindingID, Scopes: k.Scopes}
}
