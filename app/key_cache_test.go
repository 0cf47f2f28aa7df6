package app_test

import (
	"testing"
	"time"

	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

const keySecret = access.KeyPrefix + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func worldWithKey() *apptest.World {
	return &apptest.World{
		Now:  time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Keys: []access.APIKey{{ID: "key_1", TenantID: "tenant-a", Digest: access.DigestSecret(keySecret), Scopes: access.Scopes{access.ScopeStatusRead}}},
	}
}

func TestAKeyIsReadOnceInTwoSeconds(t *testing.T) {
	t.Parallel()
	w := worldWithKey()
	a := w.App()
	for _, step := range []struct {
		after time.Duration
		reads int
	}{{0, 1}, {1900 * time.Millisecond, 1}, {100 * time.Millisecond, 2}, {1900 * time.Millisecond, 2}} {
		w.Now = w.Now.Add(step.after)
		if p, err := a.Authenticate(t.Context(), keySecret); err != nil || p.ID != "key_1" {
			t.Fatalf("Authenticate = %+v, %v", p, err)
		}
		if got := w.Calls("Tenants.FindAPIKey"); got != step.reads {
			t.Errorf("%v later the key was read %d times, want %d", step.after, got, step.reads)
		}
	}
}

func TestARevokedKeyIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	w := worldWithKey()
	a := w.App()
	if _, err := a.Authenticate(t.Context(), keySecret); err != nil {
		t.Fatal(err)
	}
	if err := a.RevokeAPIKey(t.Context(), access.System("tenant-a"), "key_1"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Authenticate(t.Context(), keySecret); !fault.Is(err, fault.CodeUnauthenticated) {
		t.Errorf("a revoked key: %v, want unauthenticated", err)
	}
}

func TestAKeyThatEndsWhileKnownIsRefused(t *testing.T) {
	t.Parallel()
	w := worldWithKey()
	end := w.Now.Add(time.Second)
	w.Keys[0].ExpiresAt = &end
	a := w.App()
	if _, err := a.Authenticate(t.Context(), keySecret); err != nil {
		t.Fatal(err)
	}
	w.Now = end
	if _, err := a.Authenticate(t.Context(), keySecret); !fault.Is(err, fault.CodeUnauthenticated) {
		t.Errorf("an expired key: %v, want unauthenticated", err)
	}
}

func TestGuessesAreNotKept(t *testing.T) {
	t.Parallel()
	w := worldWithKey()
	a := w.App()
	for range 3 {
		if _, err := a.Authenticate(t.Context(), access.KeyPrefix+"guess"); !fault.Is(err, fault.CodeUnauthenticated) {
			t.Errorf("a guess: %v, want unauthenticated", err)
		}
	}
	if got := w.Calls("Tenants.FindAPIKey"); got != 3 {
		t.Errorf("the guess was looked up %d times, want 3", got)
	}
}
