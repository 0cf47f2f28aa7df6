package binding

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"net/url"
	"strings"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

// StoreStatus is what we know of a store's key.
type StoreStatus string

// The states of a store.
const (
	// StorePending waits for the shop's first successful pairing.
	StorePending StoreStatus = "pending"
	// StoreActive accepts and uses the current key.
	StoreActive StoreStatus = "active"
	// StoreTokenRevoked refused our key: it must be paired again.
	StoreTokenRevoked StoreStatus = "token_revoked"
)

// Store is one paired Magento installation.
type Store struct {
	ID       string
	TenantID access.TenantID
	// Code is short, stable and unique in the tenant. It stands in contact
	// numbers, so that two shops can share an organisation.
	Code string
	// BaseURL is the storefront's address without a trailing slash; it may have a path.
	BaseURL   string
	Status    StoreStatus
	CreatedAt time.Time
}

// KeyStatus is where a store's shared key is in its life.
type KeyStatus string

// The states of a store key.
const (
	// KeyCandidate was stored before the shop was called with it. Until the
	// shop's answer is known it verifies incoming tokens, because the shop may
	// have accepted it.
	KeyCandidate KeyStatus = "candidate"
	// KeyActive is accepted by the shop. The newest one signs outgoing calls.
	KeyActive KeyStatus = "active"
	// KeyRetired is no longer used, but for events signed before the shop had the
	// key that replaced it.
	KeyRetired KeyStatus = "retired"
)

// ReplacedKeyLife is how long events under a replaced key are accepted: as long
// as a token signed just before the replacement, and the clock's leeway.
const ReplacedKeyLife = 330 * time.Second

// StoreKey is a secret shared with a store. Secret is sealed at rest.
type StoreKey struct {
	ID        string
	TenantID  access.TenantID
	StoreID   string
	Secret    string
	Status    KeyStatus
	CreatedAt time.Time
}

// StoreKeyPrefix starts every shared key.
const StoreKeyPrefix = "byte8_lk_"

// NewStoreKeySecret makes a shared key from 32 random bytes. Its literal
// characters, prefix included, are the key material on both sides.
func NewStoreKeySecret(random [32]byte) string {
	return StoreKeyPrefix + hex.EncodeToString(random[:])
}

// StoreCode derives a store's short code from its address: eight letters and
// digits that stay the same for the same address.
func StoreCode(baseURL string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(baseURL)))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:])[:8])
}

// NormaliseBaseURL trims a shop's address and checks its shape: absolute http
// or https, a host, no user, query or fragment.
func NormaliseBaseURL(raw string) (string, error) {
	refuse := func(why string) (string, error) {
		return "", fault.New(fault.CodeInvalid, "The shop's address "+why).
			WithFields(fault.Field{Path: "baseUrl", Code: "invalid_format", Message: "The address " + why})
	}
	trimmed := strings.TrimRight(strings.TrimSpace(raw), "/")
	u, err := url.Parse(trimmed)
	switch {
	case err != nil:
		return refuse("cannot be read.")
	case u.Scheme != "http" && u.Scheme != "https":
		return refuse("must start with https:// or http://.")
	case u.Hostname() == "":
		return refuse("has no host.")
	case u.User != nil:
		return refuse("must not carry a user name.")
	case u.RawQuery != "" || u.Fragment != "":
		return refuse("must not carry a query or a fragment.")
	}
	u.Host = strings.ToLower(u.Host)
	return u.String(), nil
}

// NormalisePairingCode trims what a merchant pasted and takes the dashes of the
// documented form away. Case is kept, because the shop compares it.
func NormalisePairingCode(raw string) (string, error) {
	code := strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' || r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, raw)
	if len(code) < 8 || len(code) > 64 {
		return "", fault.New(fault.CodeInvalid, "The pairing code is not complete; copy it from Magento's configuration.").
			WithFields(fault.Field{Path: "pairingCode", Code: "invalid_format", Message: "Between 8 and 64 characters."})
	}
	return code, nil
}
