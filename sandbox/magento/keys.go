package magento

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

const (
	outboundInfo = "byte8-magento-outbound-v1"
	inboundInfo  = "byte8-magento-inbound-v1"
	subkeyBytes  = 32
)

// OutboundKey derives the key that signs tokens from the shop to the ledger.
func OutboundKey(apiKey string) ([]byte, error) {
	return subkey(apiKey, outboundInfo)
}

// InboundKey derives the key that signs tokens from the ledger to the shop.
func InboundKey(apiKey string) ([]byte, error) {
	return subkey(apiKey, inboundInfo)
}

func subkey(apiKey, info string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, []byte(apiKey), nil, info, subkeyBytes)
	if err != nil {
		return nil, fmt.Errorf("deriving %s: %w", info, err)
	}
	return key, nil
}
