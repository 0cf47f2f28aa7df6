package app

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
)

// NewTenant is a tenant as it was made. The password and the key are shown
// once and kept only as digests.
type NewTenant struct {
	Tenant        access.Tenant
	OwnerEmail    string
	OwnerPassword string
	APIKey        string
}

// CreateTenant makes a tenant with an owner, a password and an admin API key.
// It is for operators at the command line; an e-mail address in use is a Conflict.
func (a *App) CreateTenant(ctx context.Context, name, email string) (NewTenant, error) {
	name, err := tenantName(name, "name")
	if err != nil {
		return NewTenant{}, err
	}
	email, err = access.ParseEmail(email)
	if err != nil {
		return NewTenant{}, err
	}
	password, err := a.randomHex(12)
	if err != nil {
		return NewTenant{}, err
	}
	hash, err := a.Passwords.Hash(ctx, password)
	if err != nil {
		return NewTenant{}, fmt.Errorf("hashing the owner's password: %w", err)
	}
	now := a.Now()
	tenant := access.Tenant{ID: access.TenantID(a.NewUUID()), Name: name, CreatedAt: now}
	owner := access.Member{
		ID: a.NewID("mem"), TenantID: tenant.ID, Email: email,
		Role: access.RoleOwner, PasswordHash: hash, CreatedAt: now,
	}
	secret, err := a.newKeySecret()
	if err != nil {
		return NewTenant{}, err
	}
	key := access.APIKey{
		ID: a.NewID("key"), TenantID: tenant.ID, Name: "first key", Prefix: access.SecretPrefix(secret),
		Digest: access.DigestSecret(secret), Scopes: access.Scopes{access.ScopeAdmin}, CreatedAt: now,
	}
	if err := a.Tenants.CreateTenant(ctx, tenant, owner, &key, a.entry(access.System(tenant.ID), audit.TenantCreated, string(tenant.ID), map[string]any{"owner": owner.ID, "api_key": key.ID})); err != nil {
		return NewTenant{}, fmt.Errorf("storing the tenant: %w", err)
	}
	return NewTenant{Tenant: tenant, OwnerEmail: owner.Email, OwnerPassword: password, APIKey: secret}, nil
}

func tenantName(name, field string) (string, error) {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > 200 || name != cutText(name, len(name)) {
		return "", invalidField(field, "The tenant's name has between 1 and 200 characters, all of them printable.")
	}
	return name, nil
}

// newToken makes the secret of a session or a one-time link.
func (a *App) newToken() (string, error) {
	var random [32]byte
	if _, err := io.ReadFull(a.Random, random[:]); err != nil {
		return "", fmt.Errorf("reading randomness: %w", err)
	}
	return access.NewToken(random), nil
}

func (a *App) newKeySecret() (string, error) {
	var random [32]byte
	if _, err := io.ReadFull(a.Random, random[:]); err != nil {
		return "", fmt.Errorf("reading randomness: %w", err)
	}
	return access.NewSecret(random), nil
}

func (a *App) randomHex(bytes int) (string, error) {
	random := make([]byte, bytes)
	if _, err := io.ReadFull(a.Random, random); err != nil {
		return "", fmt.Errorf("reading randomness: %w", err)
	}
	return hex.EncodeToString(random), nil
}

func invalidField(path, message string) error {
	return fault.New(fault.CodeInvalid, message).
		WithFields(fault.Field{Path: path, Code: "invalid_format", Message: message})
}
