package binding

import (
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

// Status is where a binding is in its life.
type Status string

// The states of a binding. Only an active one sends anything; in the others its
// runs wait and nothing is lost.
const (
	// StatusPending waits for the provider's consent and an organisation.
	StatusPending Status = "pending"
	// StatusActive sends.
	StatusActive Status = "active"
	// StatusPaused was paused by a person.
	StatusPaused Status = "paused"
	// StatusUnlinked lost the provider's consent.
	StatusUnlinked Status = "unlinked"
	// StatusRevoked was disconnected; its events are no longer accepted.
	StatusRevoked Status = "revoked"
)

// IsLive reports whether events for the binding are accepted.
func (s Status) IsLive() bool { return s != StatusRevoked && s != "" }

// Binding is a store paired with an organisation at one provider.
type Binding struct {
	ID       string
	TenantID access.TenantID
	StoreID  string
	Provider Provider
	Status   Status
	// GrantID is the consent it lives on; empty while pending.
	GrantID string
	// Organisation is zero until one is chosen.
	Organisation Organisation
	// SettingsVersion is the newest version; 0 until the first consent.
	SettingsVersion int
	// Version rises with every change but those of the settings.
	Version int64
	// RevokedAt is when it was disconnected; nil while it is live.
	RevokedAt *time.Time
	CreatedAt time.Time
}

// GrantKept is how long the consent of a binding that the shop disconnected is
// kept, so that pairing the shop again restores it.
const GrantKept = 30 * 24 * time.Hour

// MayBeRestored reports whether pairing the shop again restores the binding
// without new consent.
func (b Binding) MayBeRestored(now time.Time) bool {
	return b.GrantID != "" && b.Organisation.ID != "" && b.RevokedAt != nil && now.Sub(*b.RevokedAt) < GrantKept
}

// Organisation is the company file at the provider, as far as we need it.
type Organisation struct {
	// ID is the provider's own: Xero's tenant id.
	ID string
	// LinkID is the id of the link between app and organisation, where the
	// provider has one: Xero's connection id.
	LinkID       string
	Name         string
	CountryCode  string
	BaseCurrency string
	// ShortCode is what deep links into the provider need.
	ShortCode string
}

// MayAuthorise is nil when consent may be asked for the binding.
func (b Binding) MayAuthorise() error {
	if !b.Status.IsLive() {
		return fault.New(fault.CodeConflict, "This binding was disconnected; pair the shop again first.")
	}
	return nil
}

// Grant is one consent: the tokens of one provider user for our app. Several
// organisations may be reached under it. Tokens are sealed at rest.
type Grant struct {
	ID       string
	TenantID access.TenantID
	Provider Provider
	// Subject is the provider's user who consented.
	Subject      string
	AccessToken  string
	RefreshToken string
	// PreviousRefreshToken is the one RefreshToken replaced. The provider takes
	// it for a grace period when an answer was lost.
	PreviousRefreshToken string
	AccessExpiresAt      time.Time
	RefreshedAt          time.Time
	// Version rises with every change of the tokens.
	Version   int64
	RevokedAt *time.Time
}

// RefreshAhead is how long before its end an access token is renewed.
const RefreshAhead = 3 * time.Minute

// IsFresh reports whether the access token can still be used at the given time.
func (g Grant) IsFresh(now time.Time) bool {
	return g.AccessToken != "" && now.Add(RefreshAhead).Before(g.AccessExpiresAt)
}

// Authorisation is a consent that was asked for and not yet given. Its state is
// the only credential of the callback and works once.
type Authorisation struct {
	// StateDigest is the hex SHA-256 of the state parameter.
	StateDigest string
	TenantID    access.TenantID
	BindingID   string
	Provider    Provider
	// PrincipalKind, PrincipalID and PrincipalName are who asked.
	PrincipalKind access.Kind
	PrincipalID   string
	PrincipalName string
	// SessionDigest binds the callback to the browser session that asked; empty
	// when no browser asked.
	SessionDigest string
	// Verifier is the PKCE code verifier, sealed at rest.
	Verifier    string
	RedirectURL string
	// ReturnTo is a path on our own origin, or empty.
	ReturnTo  string
	ExpiresAt time.Time
}

// AuthorisationLife is how long a consent may take.
const AuthorisationLife = 10 * time.Minute
