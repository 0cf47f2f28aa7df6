package ports

import (
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
)

// ShopTokens reads the tokens shops send with their requests.
type ShopTokens interface {
	// Tenant reads which tenant a token claims to be from, without checking
	// anything else. It reports false when the token is not a shop's.
	Tenant(token string) (access.TenantID, bool)
	// Verify checks a token's form, claims and signature against each key in
	// constant time, and returns the key that signed it. Any refusal is
	// Unauthenticated, with the reason as its cause only.
	Verify(token string, tenant access.TenantID, keys []binding.StoreKey, now time.Time) (VerifiedToken, error)
}

// VerifiedToken is a token that was accepted.
type VerifiedToken struct {
	Key binding.StoreKey
	Use TokenUse
}
