package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
)

// Grants stores consents and their tokens. Tokens are sealed at rest.
type Grants interface {
	// PutGrant stores a consent's tokens. A grant of the same tenant, provider
	// and subject is replaced and keeps its id; what is stored is returned.
	PutGrant(ctx context.Context, g binding.Grant) (binding.Grant, error)
	// FindGrant finds a grant by id, or NotFound.
	FindGrant(ctx context.Context, tenant access.TenantID, id string) (binding.Grant, error)
	// LeaseGrant takes the right to refresh a grant until the given time. It
	// returns the stored grant and whether the right was taken; it is not while
	// another holder's lease runs. The row stays readable meanwhile.
	LeaseGrant(ctx context.Context, tenant access.TenantID, id, holder string, now, until time.Time) (binding.Grant, bool, error)
	// SaveTokens commits refreshed tokens and ends the holder's lease. It is a
	// Conflict when the stored version is not g.Version-1.
	SaveTokens(ctx context.Context, g binding.Grant, holder string) error
	// ReleaseGrant ends the holder's lease and changes nothing else.
	ReleaseGrant(ctx context.Context, tenant access.TenantID, id, holder string) error
	// RevokeGrant marks a grant as ended.
	RevokeGrant(ctx context.Context, tenant access.TenantID, id string, at time.Time) error

	// CreateAuthorisation stores a consent that is being asked for.
	CreateAuthorisation(ctx context.Context, a binding.Authorisation) error
	// TakeAuthorisation finds an authorisation by its state's digest and removes
	// it, so that a state works once: of two callers one gets it. One that ran
	// out before now, or is unknown, is NotFound.
	TakeAuthorisation(ctx context.Context, stateDigest string, now time.Time) (binding.Authorisation, error)
}
