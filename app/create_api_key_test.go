package app_test

import (
	"testing"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
)

func TestAPIKeysAreMadeShownOnceAndRevoked(t *testing.T) {
	t.Parallel()
	w := &apptest.World{Now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	a := w.App()
	owner := access.Principal{TenantID: "tenant-a", Scopes: access.Scopes{access.ScopeAdmin}}
	key, secret, err := a.CreateAPIKey(t.Context(), owner, app.CreateAPIKey{Name: " grid ", Scopes: access.Scopes{access.ScopeStatusRead}})
	if err != nil {
		t.Fatalf("CreateAPIKey: %v", err)
	}
	if key.Name != "grid" || key.TenantID != "tenant-a" || key.Digest != access.DigestSecret(secret) || key.Prefix != access.SecretPrefix(secret) || !key.IsLive(w.Now) {
		t.Errorf("key %+v does not belong to its secret", key)
	}
	stranger := access.Principal{TenantID: "tenant-b", Scopes: access.Scopes{access.ScopeAdmin}}
	if err := a.RevokeAPIKey(t.Context(), stranger, key.ID); !fault.Is(err, fault.CodeNotFound) {
		t.Errorf("a stranger's RevokeAPIKey: %v, want not_found", err)
	}
	if err := a.RevokeAPIKey(t.Context(), owner, key.ID); err != nil {
		t.Fatalf("RevokeAPIKey: %v", err)
	}
	if found, err := a.FindAPIKey(t.Context(), owner, key.ID); err != nil || found.IsLive(w.Now) {
		t.Errorf("FindAPIKey after revoking: %+v, %v", found, err)
	}
}

func TestNobodyHandsOutMoreThanTheyMayDo(t *testing.T) {
	t.Parallel()
	past := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	keeper := access.Principal{TenantID: "tenant-a", Scopes: access.Scopes{access.ScopeKeysWrite, access.ScopeRunsRead}}
	bound := keeper
	bound.BindingID = "bnd_1"
	reads := access.Scopes{access.ScopeRunsRead}
	for name, tt := range map[string]struct {
		principal access.Principal
		in        app.CreateAPIKey
		want      fault.Code
	}{
		"a scope it lacks":          {keeper, app.CreateAPIKey{Name: "x", Scopes: access.Scopes{access.ScopeAdmin}}, fault.CodeDenied},
		"a key for every binding":   {bound, app.CreateAPIKey{Name: "x", Scopes: reads}, fault.CodeDenied},
		"a key for another binding": {bound, app.CreateAPIKey{Name: "x", Scopes: reads, BindingID: "bnd_2"}, fault.CodeNotFound},
		"an unknown binding":        {keeper, app.CreateAPIKey{Name: "x", Scopes: reads, BindingID: "bnd_9"}, fault.CodeNotFound},
		"no keys:write":             {access.Principal{TenantID: "tenant-a", Scopes: reads}, app.CreateAPIKey{Name: "x", Scopes: reads}, fault.CodeDenied},
		"nobody":                    {access.Principal{}, app.CreateAPIKey{Name: "x", Scopes: reads}, fault.CodeUnauthenticated},
		"no name":                   {keeper, app.CreateAPIKey{Name: " ", Scopes: reads}, fault.CodeInvalid},
		"no scope":                  {keeper, app.CreateAPIKey{Name: "x"}, fault.CodeInvalid},
		"an unknown scope":          {keeper, app.CreateAPIKey{Name: "x", Scopes: access.Scopes{"everything"}}, fault.CodeInvalid},
		"expired already":           {keeper, app.CreateAPIKey{Name: "x", Scopes: reads, ExpiresAt: &past}, fault.CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &apptest.World{
				Now:      time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
				Bindings: []binding.Binding{{ID: "bnd_1", TenantID: "tenant-a"}, {ID: "bnd_2", TenantID: "tenant-a"}},
			}
			if _, _, err := w.App().CreateAPIKey(t.Context(), tt.principal, tt.in); !fault.Is(err, tt.want) {
				t.Errorf("CreateAPIKey: %v, want %s", err, tt.want)
			}
			if len(w.Keys) != 0 {
				t.Errorf("a key was stored: %+v", w.Keys)
			}
		})
	}
}

func TestNoKeyMakesOneThatWorksLonger(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ends := map[string]*time.Time{"never": nil}
	for name, in := range map[string]time.Duration{"earlier": 30 * time.Minute, "the same": time.Hour, "later": 2 * time.Hour} {
		end := now.Add(in)
		ends[name] = &end
	}
	caller := access.APIKey{ID: "key_caller", TenantID: "tenant-a", Scopes: access.Scopes{access.ScopeKeysWrite}, ExpiresAt: ends["the same"], CreatedAt: now}.Principal()
	for name, end := range ends {
		isLonger := name == "never" || name == "later"
		w := &apptest.World{Now: now, Keys: []access.APIKey{{ID: "key_1", TenantID: "tenant-a", Name: "x", Scopes: caller.Scopes, ExpiresAt: end, CreatedAt: now}}}
		a := w.App()
		_, _, created := a.CreateAPIKey(t.Context(), caller, app.CreateAPIKey{Name: "y", Scopes: caller.Scopes, ExpiresAt: end})
		_, rotated := a.RotateAPIKey(t.Context(), caller, "key_1", time.Minute)
		for doing, err := range map[string]error{"CreateAPIKey": created, "RotateAPIKey": rotated} {
			if isLonger != (err != nil) {
				t.Errorf("%s of one that works until %s: %v", doing, name, err)
			}
			if err == nil {
				continue
			}
			if fields := fault.Of(err).Fields; !fault.Is(err, fault.CodeInvalid) || len(fields) != 1 || fields[0].Path != "expiresAt" {
				t.Errorf("%s of one that works until %s: %v, want expiresAt to be at fault", doing, name, err)
			}
		}
		member := access.Principal{Kind: access.KindMember, TenantID: "tenant-a", Scopes: caller.Scopes}
		if _, _, err := a.CreateAPIKey(t.Context(), member, app.CreateAPIKey{Name: "z", Scopes: caller.Scopes, ExpiresAt: end}); err != nil {
			t.Errorf("a member's key until %s: %v", name, err)
		}
	}
}
