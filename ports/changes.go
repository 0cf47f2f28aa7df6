package ports

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/live"
)

// Changes tells every process what changed in any of them, for those who watch.
// It is best effort: a change that cannot be told is made good by a gap.
type Changes interface {
	// Publish tells of changes that are stored. It returns at once and never
	// fails the caller.
	Publish(ctx context.Context, changes ...live.Change)
	// Subscribe watches a tenant's changes that wants reports true for. When it
	// returns, changes published later arrive, or the stream fails with
	// [live.ErrGap]. It is Unavailable while changes cannot be received. wants is
	// called by the publisher's side and must not wait.
	Subscribe(ctx context.Context, tenant access.TenantID, wants func(live.Change) bool) (ChangeStream, error)
}

// ChangeStream is the changes of one subscriber. It never grows beyond
// [live.MaxWaiting] things.
type ChangeStream interface {
	// Next waits for changes and takes all there are, oldest first; several of
	// one thing are one. It fails with [live.ErrGap] when any may have been
	// missed, and with the context's error.
	Next(ctx context.Context) ([]live.Change, error)
	// Close ends the stream. It may be called more than once.
	Close()
}
