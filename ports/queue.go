package ports

import (
	"context"

	"byte8.io/ledger/domain/access"
)

// Queue wakes workers. A nudge carries an id and nothing else; it may be lost,
// repeated or late, because the database is the truth and a sweeper asks again.
// Asking never waits for anything outside of the process.
type Queue interface {
	// NudgeBinding asks a worker to look for due runs of a binding.
	NudgeBinding(ctx context.Context, tenant access.TenantID, bindingID string) error
	// NudgeStore asks a worker to look for due callbacks of a store.
	NudgeStore(ctx context.Context, tenant access.TenantID, storeID string) error
}
