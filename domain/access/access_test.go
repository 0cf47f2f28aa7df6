package access_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

func TestRequire(t *testing.T) {
	t.Parallel()
	partner := access.Principal{Kind: access.KindAPIKey, TenantID: "t", Scopes: access.Scopes{access.ScopeRunsRead}}
	for _, scope := range access.AllScopes() {
		err := partner.Require(scope)
		if scope == access.ScopeRunsRead {
			if err != nil {
				t.Errorf("Require(%s): %v", scope, err)
			}
		} else if !fault.Is(err, fault.CodeDenied) || !strings.Contains(err.Error(), string(scope)) {
			t.Errorf("Require(%s): %v, want a denial that names it", scope, err)
		}
		if err := access.System("t").Require(scope); err != nil {
			t.Errorf("the system may not %s: %v", scope, err)
		}
		if err := (access.Principal{Scopes: access.Scopes{access.ScopeAdmin}}).Require(scope); !fault.Is(err, fault.CodeUnauthenticated) {
			t.Errorf("nobody may %s: %v", scope, err)
		}
	}
}

func TestRolesAllowWhatTheyShould(t *testing.T) {
	t.Parallel()
	reads := map[access.Scope]bool{access.ScopeStatusRead: true, access.ScopeRunsRead: true, access.ScopeSettingsRead: true}
	for _, scope := range access.AllScopes() {
		if !access.RoleOwner.Scopes().Allow(scope) || !access.RoleAdmin.Scopes().Allow(scope) {
			t.Errorf("an owner or admin may not %s", scope)
		}
		if got := access.RoleViewer.Scopes().Allow(scope); got != reads[scope] {
			t.Errorf("a viewer's %s is %t", scope, got)
		}
		if access.Role("stranger").Scopes().Allow(scope) {
			t.Errorf("an unknown role may %s", scope)
		}
	}
}

func TestMagentoReadsItsOwnStoresChipsOnly(t *testing.T) {
	t.Parallel()
	shop := access.Magento("t", "store_1", "https://shop.example")
	for _, scope := range access.AllScopes() {
		if got := shop.Require(scope) == nil; got != (scope == access.ScopeStatusRead) {
			t.Errorf("a shop's %s is %t", scope, got)
		}
	}
	if err := shop.MayUseBinding("binding_1", "store_1"); err != nil {
		t.Errorf("a shop may not use its own binding: %v", err)
	}
	if err := shop.MayUseBinding("binding_1", "store_2"); !fault.Is(err, fault.CodeNotFound) {
		t.Errorf("another store's binding: %v, want not found", err)
	}
}

func TestABoundKeyUsesItsBindingOnly(t *testing.T) {
	t.Parallel()
	key := access.APIKey{ID: "key_1", TenantID: "t", Name: "BI", BindingID: "binding_1", Scopes: access.Scopes{access.ScopeRunsRead}}
	want := access.Principal{Kind: access.KindAPIKey, TenantID: "t", ID: "key_1", Name: "BI", BindingID: "binding_1", Scopes: access.Scopes{access.ScopeRunsRead}}
	if diff := cmp.Diff(want, key.Principal()); diff != "" {
		t.Errorf("Principal (-want +got):\n%s", diff)
	}
	if err := key.Principal().MayUseBinding("binding_1", "store_9"); err != nil {
		t.Errorf("its own binding: %v", err)
	}
	if err := key.Principal().MayUseBinding("binding_2", "store_9"); !fault.Is(err, fault.CodeNotFound) {
		t.Errorf("another binding: %v, want not found", err)
	}
}

func TestParseScopes(t *testing.T) {
	t.Parallel()
	all, err := access.ParseScopes(access.AllScopes().String())
	if err != nil {
		t.Fatalf("ParseScopes of all: %v", err)
	}
	if diff := cmp.Diff(access.AllScopes(), all); diff != "" {
		t.Errorf("scopes as stored and read (-want +got):\n%s", diff)
	}
	if got, err := access.ParseScopes(" runs:read,runs:retry "); err != nil || got.String() != "runs:read runs:retry" {
		t.Errorf("ParseScopes with commas = %q, %v", got, err)
	}
	for _, in := range []string{"", " , ", "runs:write", "runs:read RUNS:READ"} {
		if got, err := access.ParseScopes(in); !fault.Is(err, fault.CodeInvalid) || fault.Of(err).Fields[0].Path != "scopes" {
			t.Errorf("ParseScopes(%q) = %q, %v, want a fault of scopes", in, got, err)
		}
	}
}

func TestKeysLiveUntilRevokedOrExpired(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	earlier, later := now.Add(-time.Second), now.Add(time.Second)
	for name, test := range map[string]struct {
		key  access.APIKey
		want bool
	}{
		"for ever":       {access.APIKey{}, true},
		"until later":    {access.APIKey{ExpiresAt: &later}, true},
		"until now":      {access.APIKey{ExpiresAt: &now}, false},
		"until before":   {access.APIKey{ExpiresAt: &earlier}, false},
		"revoked":        {access.APIKey{RevokedAt: &earlier, ExpiresAt: &later}, false},
		"revoked at all": {access.APIKey{RevokedAt: &later}, false},
	} {
		if got := test.key.IsLive(now); got != test.want {
			t.Errorf("%s: IsLive = %t", name, got)
		}
	}
}

func TestSecretsShowLittleAndDigestWhole(t *testing.T) {
	t.Parallel()
	secret := access.NewSecret([32]byte{0: 0xab, 31: 0x01})
	if len(secret) != 67 || !strings.HasPrefix(secret, "lk_ab") {
		t.Errorf("secret %q, want lk_ and 64 digits", secret)
	}
	if got := access.SecretPrefix(secret); got != secret[:11] {
		t.Errorf("SecretPrefix = %q", got)
	}
	if got := access.SecretPrefix("lk_short"); got != "lk_short" {
		t.Errorf("SecretPrefix of a short one = %q", got)
	}
	if access.DigestSecret(secret) != access.DigestSecret(secret+"\n") {
		t.Error("a pasted line end changes the digest")
	}
	if access.DigestSecret(secret) == access.DigestSecret(secret[:66]+"2") {
		t.Error("the last character does not matter to the digest")
	}
}
