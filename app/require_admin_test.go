package app_test

import (
	"context"
	"testing"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
)

// A key with the scope admin that is bound to one binding is not the account's.
func TestABoundKeyManagesNoAccount(t *testing.T) {
	t.Parallel()
	bound := access.Principal{Kind: access.KindAPIKey, TenantID: "tenant-a", ID: "key_1", BindingID: "bnd_1", Scopes: access.Scopes{access.ScopeAdmin}}
	for name, call := range map[string]func(context.Context, *app.App, access.Principal) error{
		"ExportAudit": func(ctx context.Context, a *app.App, p access.Principal) error {
			return a.ExportAudit(ctx, p, func(audit.Entry) error { return nil })
		},
		"VerifyAudit": func(ctx context.Context, a *app.App, p access.Principal) error {
			_, err := a.VerifyAudit(ctx, p)
			return err
		},
		"CleanUp": func(ctx context.Context, a *app.App, p access.Principal) error {
			_, err := a.CleanUp(ctx, p, app.OldHistory{Life: time.Hour}, 0)
			return err
		},
		"CleanUpCallbacks": func(ctx context.Context, a *app.App, p access.Principal) error {
			_, err := a.CleanUpCallbacks(ctx, p, app.DeadCallbacks{}, 0)
			return err
		},
	} {
		w := &apptest.World{Now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
		if err := call(t.Context(), w.App(), bound); !fault.Is(err, fault.CodeDenied) {
			t.Errorf("%s: %v, want denied", name, err)
		}
	}
}
