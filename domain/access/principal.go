// Package access says who a caller is and what it may do: tenants, principals,
// roles, scopes and API keys.
package access

import (
	"time"

	"byte8.io/ledger/domain/fault"
)

// TenantID identifies a merchant's account here: a UUID, which Magento also
// knows as its tenant id.
type TenantID string

// Tenant is a merchant's account.
type Tenant struct {
	ID        TenantID
	Name      string
	CreatedAt time.Time
}

// Kind is the sort of caller.
type Kind string

// The sorts of caller.
const (
	KindMember  Kind = "member"
	KindAPIKey  Kind = "api_key"
	KindMagento Kind = "magento"
	KindSystem  Kind = "system"
)

// Principal is an authenticated caller. Every use case takes one; the tenant it
// names bounds everything it can see or touch.
type Principal struct {
	Kind     Kind
	TenantID TenantID
	// ID is the member, the API key or the store that calls.
	ID string
	// Name is what to show: an e-mail address, a key's name, a store's address.
	Name string
	// StoreID bounds a Magento caller to its own store; empty for others.
	StoreID string
	// BindingID bounds an API key that was made for one binding; empty for others.
	BindingID string
	// Role is the member's role; empty for others.
	Role Role
	// SessionID is the browser session a member calls from; empty for others.
	SessionID string
	Scopes    Scopes
	// ExpiresAt is when the API key that calls stops working; nil for never and
	// for others.
	ExpiresAt *time.Time
}

// IsOutlivedBy reports whether a key with this end, nil for none, would work
// longer than the principal's own.
func (p Principal) IsOutlivedBy(end *time.Time) bool {
	return p.ExpiresAt != nil && (end == nil || end.After(*p.ExpiresAt))
}

// Magento is the caller behind a shop's token: it may read the chips of its own
// store and nothing else.
func Magento(tenant TenantID, storeID, baseURL string) Principal {
	return Principal{Kind: KindMagento, TenantID: tenant, ID: storeID, Name: baseURL, StoreID: storeID, Scopes: Scopes{ScopeStatusRead}}
}

// System is the server itself acting for a tenant.
func System(tenant TenantID) Principal {
	return Principal{Kind: KindSystem, TenantID: tenant, ID: "system", Name: "system", Scopes: Scopes{ScopeAdmin}}
}

// RequireAdmin is nil when the principal may manage the account, its people,
// audit log and history: it has the scope admin and is not bound to one binding.
func (p Principal) RequireAdmin() error {
	if err := p.Require(ScopeAdmin); err != nil {
		return err
	}
	if p.BindingID != "" {
		return fault.New(fault.CodeDenied, "This caller is bound to one binding and cannot manage the account.")
	}
	return nil
}

// MayGrant is nil unless the role is that of an owner and the principal is
// neither one nor the server itself: only owners make and change owners.
func (p Principal) MayGrant(role Role) error {
	if role == RoleOwner && p.Role != RoleOwner && p.Kind != KindSystem {
		return fault.New(fault.CodeDenied, "Only an owner may make, change or remove an owner.")
	}
	return nil
}

// IsZero reports whether nobody is authenticated.
func (p Principal) IsZero() bool { return p.TenantID == "" }

// Require is nil when the principal has the scope; otherwise an
// Unauthenticated or Denied fault that names it.
func (p Principal) Require(scope Scope) error {
	if p.IsZero() {
		return fault.New(fault.CodeUnauthenticated, "Sign in, or send an API key as a bearer token.")
	}
	if !p.Scopes.Allow(scope) {
		return fault.Newf(fault.CodeDenied, "This caller lacks the scope %s.", scope)
	}
	return nil
}

// MayUseBinding is nil unless the principal is bound to another binding or
// store. A stranger's binding is NotFound, as if it did not exist.
func (p Principal) MayUseBinding(bindingID, storeID string) error {
	if (p.BindingID != "" && p.BindingID != bindingID) || (p.StoreID != "" && p.StoreID != storeID) {
		return fault.New(fault.CodeNotFound, "There is no such binding.")
	}
	return nil
}
