package magento

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// direction is the HKDF info of one direction's subkey. Its version rises on
// both sides at once or not at all.
type direction string

const (
	fromShop direction = "byte8-magento-outbound-v1"
	toShop   direction = "byte8-magento-inbound-v1"
)

// subkey derives the HMAC key of a direction. The secret's literal characters,
// prefix included, are the key material; there is no salt.
func (d direction) subkey(secret string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, string(d), sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("deriving the key of %s: %w", d, err)
	}
	return key, nil
}
