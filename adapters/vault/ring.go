package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"

	"byte8.io/ledger/ports"
)

// version is the first byte of a sealed value.
const version = 1

// headerSize is the version and the key's id.
const headerSize = 1 + len(keyID{})

// The reasons a sealed value does not open.
var (
	// ErrKeyUnknown means that no key of the ring sealed the value.
	ErrKeyUnknown = errors.New("no key of the ring sealed this value")
	// ErrSealBroken means that the value was changed, or belongs elsewhere.
	ErrSealBroken = errors.New("the value was changed or belongs to another place")
)

// Ring implements ports.Vault with AES-256-GCM under a ring of keys.
type Ring struct {
	newest  keyID
	ciphers map[keyID]cipher.AEAD
	// fingerprintKeys are derived from the keys, in their order.
	fingerprintKeys [][]byte
}

var _ ports.Vault = (*Ring)(nil)

// New makes a ring of keys, newest first; it needs one at least.
func New(keys []Key) (*Ring, error) {
	if len(keys) == 0 {
		return nil, errors.New("a key ring needs a key")
	}
	r := &Ring{newest: keys[0].id(), ciphers: make(map[keyID]cipher.AEAD, len(keys))}
	for i, key := range keys {
		block, err := aes.NewCipher(key.raw[:])
		if err != nil {
			return nil, fmt.Errorf("using key %d: %w", i+1, err)
		}
		if r.ciphers[key.id()], err = cipher.NewGCMWithRandomNonce(block); err != nil {
			return nil, fmt.Errorf("using key %d: %w", i+1, err)
		}
		derived, err := hkdf.Key(sha256.New, key.raw[:], nil, fingerprintLabel, sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("deriving from key %d: %w", i+1, err)
		}
		r.fingerprintKeys = append(r.fingerprintKeys, derived)
	}
	return r, nil
}

// Seal implements ports.Vault.
func (r *Ring) Seal(plaintext []byte, place string) ([]byte, error) {
	aead := r.ciphers[r.newest]
	header := append([]byte{version}, r.newest[:]...)
	sealed := make([]byte, headerSize, headerSize+len(plaintext)+aead.Overhead())
	copy(sealed, header)
	return aead.Seal(sealed, nil, plaintext, append(header, place...)), nil //nolint:gosec // the cipher draws the nonce
}

// Open implements ports.Vault. Its errors are [ErrKeyUnknown] and
// [ErrSealBroken], with the place.
func (r *Ring) Open(sealed []byte, place string) ([]byte, error) {
	if len(sealed) < headerSize || sealed[0] != version {
		return nil, fmt.Errorf("opening %s: %w", place, ErrSealBroken)
	}
	header := sealed[:headerSize:headerSize]
	aead, ok := r.ciphers[keyID(header[1:])]
	if !ok {
		return nil, fmt.Errorf("opening %s: %w", place, ErrKeyUnknown)
	}
	plaintext, err := aead.Open(nil, nil, sealed[headerSize:], append(header, place...))
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", place, ErrSealBroken)
	}
	return plaintext, nil
}
