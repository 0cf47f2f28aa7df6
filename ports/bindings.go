package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/settings"
)

// BindingFilter narrows a list of bindings; zero fields do not.
type BindingFilter struct {
	StoreID  string
	Provider binding.Provider
	ID       string
}

// Bindings stores bindings with their settings and reference data.
type Bindings interface {
	// PutBinding stores a binding, or finds the store's one for the same
	// provider: it returns what is stored. A revoked one is found too.
	PutBinding(ctx context.Context, b binding.Binding) (binding.Binding, error)
	// SaveBinding changes status, grant and organisation of a binding and returns
	// it with its new version. It is a Conflict unless the stored version is
	// b.Version. When the binding becomes active its waiting runs are queued and
	// due at once; when it stops being active its queued runs wait; when it becomes
	// unlinked the webhook endpoints are told. The settings version is not changed.
	SaveBinding(ctx context.Context, b binding.Binding, now time.Time, entries ...audit.Entry) (binding.Binding, error)
	// FindBinding finds a binding by id, or NotFound.
	FindBinding(ctx context.Context, tenant access.TenantID, id string) (binding.Binding, error)
	// ListBindings pages through a tenant's bindings by id.
	ListBindings(ctx context.Context, tenant access.TenantID, filter BindingFilter, page Page) (Paged[binding.Binding], error)
	// BindingHealth counts a binding's runs: open ones, held ones, failures
	// since the given time, the last finished, and the oldest open one's birth.
	BindingHealth(ctx context.Context, tenant access.TenantID, id string, failedSince time.Time) (Health, error)

	// AddSettings stores the version v.Number and makes it the binding's
	// newest. It is a Conflict unless the newest is v.Number-1.
	AddSettings(ctx context.Context, v settings.Version, entries ...audit.Entry) error
	// ListSettings pages through the versions of a binding's settings, newest
	// first. A stranger's binding has none.
	ListSettings(ctx context.Context, tenant access.TenantID, bindingID string, page Page) (Paged[settings.Version], error)
	// FindSettings finds a version of a binding's settings, or NotFound.
	FindSettings(ctx context.Context, tenant access.TenantID, bindingID string, number int) (settings.Version, error)

	// PutReference replaces a binding's cached reference data.
	PutReference(ctx context.Context, tenant access.TenantID, bindingID string, ref books.Reference) error
	// FindReference finds a binding's cached reference data, or NotFound.
	FindReference(ctx context.Context, tenant access.TenantID, bindingID string) (books.Reference, error)
}

// Health is how a binding's runs do.
type Health struct {
	// Pending are open runs: not terminal and not held.
	Pending int
	Held    int
	// Failed counts runs that failed since the time asked for.
	Failed int
	// LastRunAt is when a run last finished; nil when none has.
	LastRunAt *time.Time
	// OldestPendingAt is when the oldest open run was made; nil when there is none.
	OldestPendingAt *time.Time
}

// Page asks for up to First rows after a cursor.
type Page struct {
	First int
	// After is the last row's cursor of the page before; empty for the first page.
	After string
}

// Paged is one page of rows. Cursors has one entry a row.
type Paged[T any] struct {
	Rows    []T
	Cursors []string
	// HasNext reports whether more rows follow.
	HasNext bool
}
