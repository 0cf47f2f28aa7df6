package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
)

// Audit stores the audit log. Entries are only ever added.
//
// Methods of other ports that take audit entries append them in the
// transaction of their change: either both are stored or neither.
type Audit interface {
	// AppendEntries adds entries to the end of their tenant's chain, all or
	// nothing, and assigns their numbers and hashes. Entries of one call are of
	// one tenant. Of concurrent calls each is whole, and no number is left out.
	AppendEntries(ctx context.Context, entries ...audit.Entry) error
	// FindEntry finds an entry of the tenant by id, or NotFound.
	FindEntry(ctx context.Context, tenant access.TenantID, id string) (audit.Entry, error)
	// ListEntries pages through a tenant's entries, newest first.
	ListEntries(ctx context.Context, tenant access.TenantID, filter AuditFilter, page Page) (Paged[audit.Entry], error)
	// WalkEntries reads up to limit of a tenant's entries after a number, oldest
	// first, as they are stored.
	WalkEntries(ctx context.Context, tenant access.TenantID, after int64, limit int) ([]audit.Entry, error)
	// AuditHead is the end of a tenant's chain as the store remembers it; zero
	// before the first entry.
	AuditHead(ctx context.Context, tenant access.TenantID) (audit.Head, error)
}

// AuditFilter narrows a list of audit entries; zero fields do not.
type AuditFilter struct {
	Action  audit.Action
	ActorID string
	Subject string
	// From is inclusive, To exclusive.
	From *time.Time
	To   *time.Time
}
