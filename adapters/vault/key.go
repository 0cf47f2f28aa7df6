package vault

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

// KeySize is the length of a key in bytes.
const KeySize = 32

// Key is one master key. It prints as a placeholder.
type Key struct{ raw [KeySize]byte }

// keyID names a key inside sealed values: the first bytes of its digest.
type keyID [8]byte

func (k Key) id() keyID {
	sum := sha256.Sum256(k.raw[:])
	return keyID(sum[:8])
}

// Format prints a placeholder for every verb, so that a key is never logged by
// mistake.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[key]") }

// ParseKeys reads keys as the configuration has them: comma-separated, newest
// first, each 32 bytes in base64 of either alphabet, padded or not. An error
// names the entry by its place and never by its text.
func ParseKeys(text string) ([]Key, error) {
	entries := strings.Split(text, ",")
	keys := make([]Key, 0, len(entries))
	seen := make(map[keyID]int, len(entries))
	for i, entry := range entries {
		key, err := parseKey(strings.TrimSpace(entry))
		if err != nil {
			return nil, fmt.Errorf("reading key %d of %d: %w", i+1, len(entries), err)
		}
		if before, ok := seen[key.id()]; ok {
			return nil, fmt.Errorf("reading key %d of %d: it is key %d again", i+1, len(entries), before)
		}
		seen[key.id()] = i + 1
		keys = append(keys, key)
	}
	return keys, nil
}

func parseKey(entry string) (Key, error) {
	if entry == "" {
		return Key{}, errors.New("it is empty")
	}
	alphabet := base64.RawStdEncoding
	if strings.ContainsAny(entry, "-_") {
		alphabet = base64.RawURLEncoding
	}
	raw, err := alphabet.DecodeString(strings.TrimRight(entry, "="))
	if err != nil {
		return Key{}, errors.New("it is not base64")
	}
	if len(raw) != KeySize {
		return Key{}, fmt.Errorf("it has %d bytes, not %d", len(raw), KeySize)
	}
	return Key{raw: [KeySize]byte(raw)}, nil
}
