package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
)

// SignUp is the input of making an account by oneself.
type SignUp struct {
	Email      string
	Password   string
	TenantName string
}

// SignUp makes a tenant whose owner is the caller, and signs in. It is Denied
// unless the server is open for it. An e-mail address in use is a Conflict.
func (a *App) SignUp(ctx context.Context, in SignUp, from Browser) (SignedIn, error) {
	if !a.SignUpOpen {
		return SignedIn{}, fault.New(fault.CodeSignUpClosed, "Nobody can sign up on this server. Ask its operator for an account.")
	}
	name, err := tenantName(in.TenantName, "tenantName")
	if err != nil {
		return SignedIn{}, err
	}
	email, err := access.ParseEmail(in.Email)
	if err != nil {
		return SignedIn{}, err
	}
	if err := access.CheckPassword(in.Password, "password"); err != nil {
		return SignedIn{}, err
	}
	if err := a.try(ctx, "sign-up:client:"+from.Client, freeTries); err != nil {
		return SignedIn{}, err
	}
	hash, err := a.Passwords.Hash(ctx, in.Password)
	if err != nil {
		return SignedIn{}, fmt.Errorf("hashing the password: %w", err)
	}
	now := a.Now()
	tenant := access.Tenant{ID: access.TenantID(a.NewUUID()), Name: name, CreatedAt: now}
	owner := access.Member{ID: a.NewID("mem"), TenantID: tenant.ID, Email: email, Role: access.RoleOwner, PasswordHash: hash, CreatedAt: now}
	if err := a.Tenants.CreateTenant(ctx, tenant, owner, nil, a.entry(owner.Principal(""), audit.TenantCreated, string(tenant.ID), map[string]any{"owner": owner.ID})); err != nil {
		return SignedIn{}, fmt.Errorf("storing the tenant: %w", err)
	}
	return a.openSession(ctx, owner, from)
}
