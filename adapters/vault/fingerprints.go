package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"

	"byte8.io/ledger/ports"
)

// fingerprintLabel sets the keys of fingerprints apart from those that seal.
const fingerprintLabel = "byte8-ledger-fingerprint-v1"

var _ ports.Fingerprints = (*Ring)(nil)

// Fingerprints implements [ports.Fingerprints] with HMAC-SHA-256.
func (r *Ring) Fingerprints(text []byte) []string {
	out := make([]string, len(r.fingerprintKeys))
	for i, key := range r.fingerprintKeys {
		mac := hmac.New(sha256.New, key)
		mac.Write(text)
		out[i] = hex.EncodeToString(mac.Sum(nil))
	}
	return out
}
