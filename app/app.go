// Package app holds the use cases, one file each, and is the only caller of
// the ports. Every use case takes the principal, and sees and touches nothing
// beyond its tenant.
package app

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/ports"
)

// Deps are what the use cases work with.
type Deps struct {
	Tenants     ports.Tenants
	Members     ports.Members
	Invitations ports.Invitations
	Sessions    ports.Sessions
	Stores      ports.Stores
	Bindings    ports.Bindings
	Grants      ports.Grants
	Intake      ports.Intake
	Runs        ports.Runs
	Callbacks   ports.Callbacks
	Jobs        ports.Jobs
	Audit       ports.Audit
	Idempotency ports.Idempotency
	// Fingerprints recognise repeatable writes.
	Fingerprints ports.Fingerprints
	Queue        ports.Queue
	Shop         ports.Shop
	ShopTokens   ports.ShopTokens
	Passwords    ports.Passwords
	Throttle     ports.Throttle
	Mail         ports.Mail
	Budget       ports.Budget
	// Points are what callers spend on operations; nil counts nothing.
	Points        ports.Points
	Webhooks      ports.Webhooks
	WebhookSender ports.WebhookSender
	// Changes tells those who watch; nil tells nobody.
	Changes ports.Changes
	// Traces follows documents; nil follows none.
	Traces ports.Traces
	// Providers is the registry: one constructor call in cmd adds an entry.
	Providers map[binding.Provider]ports.Provider

	// Now is the clock.
	Now func() time.Time
	// NewID makes an opaque id: the prefix, an underscore and a ULID.
	NewID func(prefix string) string
	// NewUUID makes a random UUID, the form a tenant's id has.
	NewUUID func() string
	// Random is the source of secrets.
	Random io.Reader
	// PublicURL is our own origin as shops and browsers reach it.
	PublicURL string
	// AllowPrivateWebhooks takes endpoints at private addresses and without TLS.
	AllowPrivateWebhooks bool
	// SignUpOpen lets anybody make an account.
	SignUpOpen bool
	// Background runs a task that its caller does not wait for, and logs its
	// failure. It is bounded: what is too much at once is dropped and logged.
	Background func(ctx context.Context, name string, task func(context.Context) error)
	Log        *slog.Logger
}

// App is the use cases over one set of ports.
type App struct {
	Deps
	// freshening reads stale reference data again, once a binding at a time.
	freshening singleflight.Group
	// keys are API keys that were found a moment ago.
	keys recent[string, access.APIKey]
	// shops is what intake knows of the shops that sent events a moment ago.
	shops *shopCache
	// uses are the keys and sessions that were noted as used a moment ago.
	uses  uses
	decoy decoy
	// near is the worker of this process that takes nudges; nil when there is none.
	near atomic.Pointer[Worker]
}

// decoy is the hash that an unknown person's password is compared with.
type decoy struct {
	sync.Mutex
	hash string
}

// New makes the use cases.
func New(deps Deps) *App {
	shops := newShopCache()
	deps.Stores = noticedStores{deps.Stores, shops.forget}
	deps.Bindings = noticedBindings{deps.Bindings, shops.forget}
	return &App{Deps: deps, keys: recent[string, access.APIKey]{life: keyCacheLife, size: keyCacheSize}, shops: shops}
}
