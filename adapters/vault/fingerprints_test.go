package vault_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"
)

func TestAFingerprintNeedsTheKey(t *testing.T) {
	t.Parallel()
	text := []byte("changePassword")
	one := ring(t, 1).Fingerprints(text)
	if again := ring(t, 1).Fingerprints(text); len(one) != 1 || !slices.Equal(one, again) {
		t.Errorf("the same text and key: %v, then %v", one, again)
	}
	if other := ring(t, 1).Fingerprints([]byte("changePasswore")); slices.Equal(one, other) {
		t.Error("another text has the same fingerprint")
	}
	if other := ring(t, 2).Fingerprints(text); slices.Equal(one, other) {
		t.Error("another key makes the same fingerprint")
	}
	if sum := sha256.Sum256(text); one[0] == hex.EncodeToString(sum[:]) {
		t.Error("the fingerprint is a digest that anybody can make")
	}
}

func TestFingerprintsSurviveARotation(t *testing.T) {
	t.Parallel()
	text := []byte("changePassword")
	old, newest := ring(t, 1).Fingerprints(text), ring(t, 2).Fingerprints(text)
	if got, want := ring(t, 2, 1).Fingerprints(text), slices.Concat(newest, old); !slices.Equal(got, want) {
		t.Errorf("a rotated ring makes %v, want %v", got, want)
	}
}
