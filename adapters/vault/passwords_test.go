package vault_test

import (
	"strings"
	"testing"

	"byte8.io/ledger/adapters/vault"
)

func TestPasswords(t *testing.T) {
	t.Parallel()
	cheap := vault.NewPasswords(vault.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1})
	hash, err := cheap.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=1,p=1$") || strings.Contains(hash, "horse") {
		t.Errorf("hash %q", hash)
	}
	again, err := cheap.Hash(t.Context(), "correct horse")
	if err != nil || again == hash {
		t.Errorf("the same password gave the same hash, %v", err)
	}
	dearer := vault.NewPasswords(vault.Cost{MemoryKiB: 128, Passes: 2, Lanes: 1})
	for password, want := range map[string]bool{"correct horse": true, "correct horse ": false, "": false} {
		if got, err := dearer.Matches(t.Context(), password, hash); err != nil || got != want {
			t.Errorf("Matches(%q) = %t, %v", password, got, err)
		}
	}
	for _, bad := range []string{"", "horse", "$2a$10$abc", strings.Replace(hash, "argon2id", "argon2i", 1)} {
		if got, err := cheap.Matches(t.Context(), "correct horse", bad); err == nil || got {
			t.Errorf("a hash of %q matched: %t, %v", bad, got, err)
		}
	}
}

func TestTheDefaultCostIsSane(t *testing.T) {
	t.Parallel()
	hash, err := vault.NewPasswords(vault.DefaultCost()).Hash(t.Context(), "x")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=65536,t=3,p=4$") {
		t.Errorf("hash %q, %v", hash, err)
	}
}
