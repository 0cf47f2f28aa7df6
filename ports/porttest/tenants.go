package porttest

import (
	"crypto/rand"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

// Tenants checks an adapter of ports.Tenants.
func Tenants(t *testing.T, open func(t *testing.T) Backend) {
	t.Helper()
	keep(t, open, []promise{
		{"CreateTenant/stores the tenant with its key", createsTenant},
		{"CreateTenant/an address in use is a Conflict and nothing is stored", refusesUsedAddress},
		{"FindTenant/an unknown one is NotFound", findsNoUnknownTenant},
		{"ListTenants/is oldest first", listsTenants},
		{"FindAPIKey/finds a key by its digest, live or not", findsAPIKey},
		{"FindAPIKey/an unknown digest is NotFound", findsNoUnknownAPIKey},
		{"ListAPIKeys/lists the tenant's own, newest first", listsAPIKeys},
		{"RevokeAPIKey/ends a key once", revokesAPIKeyOnce},
		{"RevokeAPIKey/another tenant's key is NotFound", revokesNoForeignAPIKey},
		{"RotateAPIKey/stores the end and the successor together", rotatesAPIKey},
		{"RotateAPIKey/one of many at once succeeds", rotatesAPIKeyOnce},
		{"RenewAPIKey/gives a key that was never used a new secret", renewsAPIKey},
		{"RenewAPIKey/a key that was used, revoked or a stranger's is a Conflict", renewsNoUsedAPIKey},
		{"TouchAPIKey/moves forward only", touchesAPIKey},
	})
}

func createsTenant(t *testing.T, w *world) {
	tenant, owner, key := w.account(access.TenantID(rand.Text()))
	need(t, "CreateTenant", w.Tenants.CreateTenant(t.Context(), tenant, owner, &key))
	same(t, "FindTenant", must(w.Tenants.FindTenant(t.Context(), tenant.ID))(t, "FindTenant"), tenant)
	same(t, "FindAPIKey", must(w.Tenants.FindAPIKey(t.Context(), key.Digest))(t, "FindAPIKey"), key)
}

func refusesUsedAddress(t *testing.T, w *world) {
	tenant, owner, key := w.account(access.TenantID(rand.Text()))
	need(t, "CreateTenant", w.Tenants.CreateTenant(t.Context(), tenant, owner, &key))
	second, rival, secondKey := w.account(access.TenantID(rand.Text()))
	rival.Email = owner.Email
	wantFault(t, "CreateTenant with a used address", w.Tenants.CreateTenant(t.Context(), second, rival, &secondKey), fault.CodeConflict)
	_, err := w.Tenants.FindTenant(t.Context(), second.ID)
	wantFault(t, "FindTenant of the refused one", err, fault.CodeNotFound)
	_, err = w.Tenants.FindAPIKey(t.Context(), secondKey.Digest)
	wantFault(t, "FindAPIKey of the refused one", err, fault.CodeNotFound)
}

func findsNoUnknownTenant(t *testing.T, w *world) {
	_, err := w.Tenants.FindTenant(t.Context(), "nobody")
	wantFault(t, "FindTenant", err, fault.CodeNotFound)
}

func listsTenants(t *testing.T, w *world) {
	newer, owner, key := w.account(access.TenantID(rand.Text()))
	newer.CreatedAt = w.now.Add(time.Hour)
	need(t, "CreateTenant", w.Tenants.CreateTenant(t.Context(), newer, owner, &key))
	older, owner, key := w.account(access.TenantID(rand.Text()))
	older.CreatedAt = w.now.Add(-time.Hour)
	need(t, "CreateTenant", w.Tenants.CreateTenant(t.Context(), older, owner, &key))
	all := must(w.Tenants.ListTenants(t.Context()))(t, "ListTenants")
	place := func(id access.TenantID) int {
		return slices.IndexFunc(all, func(t access.Tenant) bool { return t.ID == id })
	}
	if o, m, n := place(older.ID), place(w.tenant), place(newer.ID); o < 0 || m < o || n < m {
		t.Errorf("ListTenants has the oldest at %d, the next at %d, the newest at %d", o, m, n)
	}
}

func findsAPIKey(t *testing.T, w *world) {
	expires, revoked := w.now.Add(-time.Hour), w.now.Add(-time.Minute)
	key := w.apiKey(func(k *access.APIKey) { k.ExpiresAt, k.RevokedAt, k.BindingID = &expires, &revoked, w.binding.ID })
	need(t, "CreateAPIKey", w.Tenants.CreateAPIKey(t.Context(), key))
	same(t, "FindAPIKey", must(w.Tenants.FindAPIKey(t.Context(), key.Digest))(t, "FindAPIKey"), key)
}

func renewsAPIKey(t *testing.T, w *world) {
	key := w.apiKey(func(*access.APIKey) {})
	need(t, "CreateAPIKey", w.Tenants.CreateAPIKey(t.Context(), key))
	before := key.Digest
	key.Prefix, key.Digest = "lk_renewed", access.DigestSecret(rand.Text())
	need(t, "RenewAPIKey", w.Tenants.RenewAPIKey(t.Context(), key))
	same(t, "FindAPIKey", must(w.Tenants.FindAPIKey(t.Context(), key.Digest))(t, "FindAPIKey"), key)
	_, err := w.Tenants.FindAPIKey(t.Context(), before)
	wantFault(t, "FindAPIKey by the old secret", err, fault.CodeNotFound)
}

func renewsNoUsedAPIKey(t *testing.T, w *world) {
	for name, change := range map[string]func(*access.APIKey){
		"used":    func(k *access.APIKey) { k.LastUsedAt = &w.now },
		"revoked": func(k *access.APIKey) { k.RevokedAt = &w.now },
		"rotated": func(k *access.APIKey) { k.ReplacedBy = "key_2" },
	} {
		key := w.apiKey(change)
		need(t, "CreateAPIKey", w.Tenants.CreateAPIKey(t.Context(), key))
		before := key.Digest
		key.Digest = access.DigestSecret(rand.Text())
		wantFault(t, "RenewAPIKey of one "+name, w.Tenants.RenewAPIKey(t.Context(), key), fault.CodeConflict)
		must(w.Tenants.FindAPIKey(t.Context(), before))(t, "FindAPIKey")
	}
	foreign := w.apiKey(func(*access.APIKey) {})
	need(t, "CreateAPIKey", w.Tenants.CreateAPIKey(t.Context(), foreign))
	foreign.TenantID = w.stranger(t).tenant
	wantFault(t, "RenewAPIKey by a stranger", w.Tenants.RenewAPIKey(t.Context(), foreign), fault.CodeConflict)
}

func findsNoUnknownAPIKey(t *testing.T, w *world) {
	_, err := w.Tenants.FindAPIKey(t.Context(), access.DigestSecret("lk_unknown"))
	wantFault(t, "FindAPIKey", err, fault.CodeNotFound)
}

func listsAPIKeys(t *testing.T, w *world) {
	stranger := w.stranger(t)
	older := w.apiKey(func(k *access.APIKey) { k.CreatedAt = w.now.Add(time.Hour) })
	newer := w.apiKey(func(k *access.APIKey) { k.CreatedAt = w.now.Add(2 * time.Hour) })
	need(t, "CreateAPIKey", w.Tenants.CreateAPIKey(t.Context(), newer))
	need(t, "CreateAPIKey", w.Tenants.CreateAPIKey(t.Context(), older))
	keys := must(w.Tenants.ListAPIKeys(t.Context(), w.tenant))(t, "ListAPIKeys")
	if len(keys) != 3 {
		t.Fatalf("ListAPIKeys found %d keys, want 3", len(keys))
	}
	same(t, "ListAPIKeys", keys[:2], []access.APIKey{newer, older})
	for _, k := range must(w.Tenants.ListAPIKeys(t.Context(), stranger.tenant))(t, "ListAPIKeys") {
		if k.TenantID != stranger.tenant {
			t.Errorf("ListAPIKeys showed the stranger %s", k.ID)
		}
	}
}

func revokesAPIKeyOnce(t *testing.T, w *world) {
	key := w.apiKey(func(*access.APIKey) {})
	need(t, "CreateAPIKey", w.Tenants.CreateAPIKey(t.Context(), key))
	need(t, "RevokeAPIKey", w.Tenants.RevokeAPIKey(t.Context(), w.tenant, key.ID, w.now))
	need(t, "RevokeAPIKey again", w.Tenants.RevokeAPIKey(t.Context(), w.tenant, key.ID, w.now.Add(time.Hour)))
	key.RevokedAt = &w.now
	same(t, "FindAPIKey", must(w.Tenants.FindAPIKey(t.Context(), key.Digest))(t, "FindAPIKey"), key)
}

func revokesNoForeignAPIKey(t *testing.T, w *world) {
	key := w.apiKey(func(*access.APIKey) {})
	need(t, "CreateAPIKey", w.Tenants.CreateAPIKey(t.Context(), key))
	err := w.Tenants.RevokeAPIKey(t.Context(), w.stranger(t).tenant, key.ID, w.now)
	wantFault(t, "RevokeAPIKey by a stranger", err, fault.CodeNotFound)
	same(t, "FindAPIKey", must(w.Tenants.FindAPIKey(t.Context(), key.Digest))(t, "FindAPIKey"), key)
}

func rotatesAPIKey(t *testing.T, w *world) {
	key := w.apiKey(func(*access.APIKey) {})
	need(t, "CreateAPIKey", w.Tenants.CreateAPIKey(t.Context(), key))
	old, successor, err := key.Rotate(w.id("key"), access.KeyPrefix+rand.Text(), time.Hour, w.now)
	need(t, "Rotate", err)
	need(t, "RotateAPIKey", w.Tenants.RotateAPIKey(t.Context(), old, successor))
	same(t, "FindAPIKey of the old key", must(w.Tenants.FindAPIKey(t.Context(), old.Digest))(t, "FindAPIKey"), old)
	same(t, "FindAPIKey of the new key", must(w.Tenants.FindAPIKey(t.Context(), successor.Digest))(t, "FindAPIKey"), successor)

	revoked := w.apiKey(func(k *access.APIKey) { k.RevokedAt = &w.now })
	need(t, "CreateAPIKey", w.Tenants.CreateAPIKey(t.Context(), revoked))
	successor.ID, successor.Digest = w.id("key"), access.DigestSecret(rand.Text())
	wantFault(t, "RotateAPIKey of a revoked one", w.Tenants.RotateAPIKey(t.Context(), revoked, successor), fault.CodeConflict)
	_, err = w.Tenants.FindAPIKey(t.Context(), successor.Digest)
	wantFault(t, "FindAPIKey of what was not stored", err, fault.CodeNotFound)
}

func rotatesAPIKeyOnce(t *testing.T, w *world) {
	key := w.apiKey(func(*access.APIKey) {})
	need(t, "CreateAPIKey", w.Tenants.CreateAPIKey(t.Context(), key))
	var done atomic.Int64
	together(6, func(int) {
		successor := w.apiKey(func(*access.APIKey) {})
		if err := w.Tenants.RotateAPIKey(t.Context(), key, successor); err == nil {
			done.Add(1)
		} else {
			wantFault(t, "RotateAPIKey", err, fault.CodeConflict)
		}
	})
	if done.Load() != 1 {
		t.Errorf("one key was rotated %d times", done.Load())
	}
}

func touchesAPIKey(t *testing.T, w *world) {
	key := w.apiKey(func(*access.APIKey) {})
	need(t, "CreateAPIKey", w.Tenants.CreateAPIKey(t.Context(), key))
	later := w.now.Add(time.Hour)
	need(t, "TouchAPIKey", w.Tenants.TouchAPIKey(t.Context(), key.ID, later))
	need(t, "TouchAPIKey earlier", w.Tenants.TouchAPIKey(t.Context(), key.ID, w.now))
	key.LastUsedAt = &later
	same(t, "FindAPIKey", must(w.Tenants.FindAPIKey(t.Context(), key.Digest))(t, "FindAPIKey"), key)
}
