package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/syncrun"
)

// Backlog tells operators what waits, of all tenants.
type Backlog interface {
	// ReadBacklog counts what waits. It looks at no more than limit runs and at
	// no more than limit callbacks, so that it stays cheap when much waits: a
	// count of limit means that or more.
	ReadBacklog(ctx context.Context, limit int) (Waiting, error)
}

// Waiting is what waits.
type Waiting struct {
	Runs []WaitingRuns
	// OldestRun is when the oldest unfinished run of an active binding was made;
	// nil for none. Runs that wait for a person do not count.
	OldestRun *time.Time
	// Callbacks are pending; DeadCallbacks were given up.
	Callbacks     int
	DeadCallbacks int
	// Organisations are those of active bindings, at most limit of them.
	Organisations []ProviderOrganisation
}

// WaitingRuns is how many runs of a provider have an unfinished status.
type WaitingRuns struct {
	Provider binding.Provider `db:"provider"`
	Status   syncrun.Status   `db:"status"`
	Count    int              `db:"count"`
}

// ProviderOrganisation is an organisation at a provider.
type ProviderOrganisation struct {
	Provider       binding.Provider `db:"provider"`
	OrganisationID string           `db:"organisation_id"`
}
